"""Recipes and cache keys: what a task's result can depend on, hashed in a canonical form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nbflow.flow import Flow, FlowStep, Needs, Part
from nbflow.flow.scope import Placed
from nbflow.records import digest
from nbflow.records.digest import Digest
from nbflow.records.task import Recipe

#: In the text of whatever asks `inspect` for the source of a function or class.
_READS_TEXTS = "getsource"


def recipe_of(flow: Flow, step: FlowStep, part: Part, late: Needs | None = None) -> Recipe:
    """The recipe of a step's body or clause; ``late`` adds what travelling functions need."""
    directive = step.step.directive
    if part == "body":
        body, source = step.step.code.facts.digest, directive.body
    else:
        assert step.step.clause is not None
        body, source = step.step.clause.facts.digest, directive.clause or ""
    placed = merged(step.needs(part).definitions, late.definitions if late else ())
    definitions = _labelled(placed)
    setup = tuple((setup.digest, setup.source.text) for setup in flow.setup_of(step))
    if any(_READS_TEXTS in text for text in (source, *(text for _, text in definitions.values()))):
        # Comments and layout are to it what data are to others.
        body, _ = _by_text((body, source))
        definitions = {label: _by_text(marked) for label, marked in definitions.items()}
        setup = tuple(map(_by_text, setup))
    return Recipe(
        body=body,
        source=source,
        definitions=definitions,
        setup=setup,
        options=_options(step, part),
    )


def _by_text(marked: tuple[Digest, str]) -> tuple[Digest, str]:
    """The same, with a mark that sees all of the text."""
    return digest.of_structure("nbflow-text-1", list(marked)), marked[1]


def fingerprint(recipe: Recipe) -> Digest:
    """The digest of what defines a step's behaviour; the user's formatting does not count."""
    return digest.of_structure(
        "nbflow-fingerprint-1",
        {
            "body": recipe.body,
            "definitions": {label: mark for label, (mark, _) in recipe.definitions.items()},
            "setup": [mark for mark, _ in recipe.setup],
            "options": recipe.options,
        },
    )


def cache_key(recipe: Digest, inputs: Mapping[str, Digest]) -> Digest:
    """The key under which a task's record is found: fingerprint and input digests."""
    return digest.of_structure("nbflow-key-1", {"recipe": recipe, "inputs": dict(inputs)})


def merged(first: Iterable[Placed], second: Iterable[Placed]) -> tuple[Placed, ...]:
    """Definitions of both, once each, in document order."""
    every = {placed.position: placed for placed in (*first, *second)}
    return tuple(every[position] for position in sorted(every))


def _labelled(placed: Iterable[Placed]) -> dict[str, tuple[Digest, str]]:
    """Definitions by label; an earlier definition of the same names counts as well."""
    labelled: dict[str, tuple[Digest, str]] = {}
    for one in placed:
        label, count = one.label, 2
        while label in labelled:
            label, count = f"{one.label} ({count})", count + 1
        labelled[label] = (one.definition.digest, one.definition.source)
    return labelled


def _options(step: FlowStep, part: Part) -> dict[str, str]:
    options = step.step.directive.options
    found = {f"env {name}": value for name, value in options.env}
    if options.seed is not None:
        found["seed"] = str(options.seed)
    if part == "body":
        found["out"] = " ".join(options.outputs or ())
        found["files"] = "\n".join(options.files)
        found["may raise"] = "yes" if step.step.cell.may_raise else ""
        if step.step.clause:
            found["for"] = step.step.clause.target
    return {name: value for name, value in found.items() if value}
