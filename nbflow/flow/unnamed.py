"""What is looked for in the notebook's module, by no name: the tests in it, or what it imports."""

from __future__ import annotations

import re

from nbflow.flow.enrolling import holder
from nbflow.flow.scope import Position, Scope

#: What a class derives from, by the first of its lines that say so.
_BASES = re.compile(r"^class\s+\w+\s*\(([^)]*)\)", re.MULTILINE)
#: The lines of examples in a text, and names in them.
_EXAMPLE = re.compile(r"^\s*(?:>>>|\.\.\.) (.*)$", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")


def tests_above(scope: Scope, position: Position) -> list[str]:
    """Test cases of ``unittest`` above a place; what has examples in its text, and their names."""
    cases = {"TestCase"}
    found: dict[str, None] = {}
    names = scope.names_above(position)
    placed = [each for name in names if (each := holder(scope, name, position)) is not None]
    for each in sorted(placed, key=lambda one: one.position):
        definition = each.definition
        if definition.kind not in ("function", "class"):
            continue
        bases = _BASES.search(definition.source) if definition.kind == "class" else None
        if bases is not None and any(word in cases for word in _WORD.findall(bases[1])):
            cases.update(definition.names)
            found |= dict.fromkeys(definition.names)
        for example in _EXAMPLE.findall(definition.source):
            found |= dict.fromkeys((*definition.names, *_WORD.findall(example)))
    return sorted(found.keys() & {*names})


def imports_above(scope: Scope, position: Position) -> list[str]:
    """The names of what is imported above a place."""
    names = scope.names_above(position)
    held = ((name, holder(scope, name, position)) for name in names)
    return [name for name, one in held if one is not None and one.definition.kind == "import"]
