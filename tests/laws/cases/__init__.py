"""The table of law 1: small notebooks, by what they are about."""

from __future__ import annotations

from tests.laws.cases import (
    alone,
    ambient,
    axes,
    class_objects,
    classes,
    configuration,
    data,
    definitions,
    displayed,
    event_loop,
    failing,
    files,
    going_on,
    hidden,
    language,
    memory,
    names,
    refused,
    registries,
    replayed,
    sharing,
    shell,
    splits,
    state,
)
from tests.laws.cases.case import Case

__all__ = ["CASES", "REFUSED", "Case"]

CASES = (
    *names.CASES,
    *definitions.CASES,
    *language.CASES,
    *shell.CASES,
    *splits.CASES,
    *data.CASES,
    *hidden.CASES,
    *ambient.CASES,
    *configuration.CASES,
    *displayed.CASES,
    *event_loop.CASES,
    *registries.CASES,
    *state.CASES,
    *classes.CASES,
    *class_objects.CASES,
    *sharing.CASES,
    *alone.CASES,
    *axes.CASES,
    *memory.CASES,
    *replayed.CASES,
    *files.CASES,
    *failing.CASES,
    *going_on.CASES,
)
REFUSED = refused.CASES
