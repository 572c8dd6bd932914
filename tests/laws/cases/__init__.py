"""The table of law 1: small notebooks, by what they are about."""

from __future__ import annotations

from tests.laws.cases import (
    ambient,
    data,
    definitions,
    files,
    hidden,
    language,
    names,
    refused,
    shell,
    splits,
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
    *files.CASES,
)
REFUSED = refused.CASES
