"""What a cell that is no valid Python would bind and change, by the look of its lines."""

from __future__ import annotations

import re

#: ``def f``, ``class A``; ``for i, (x, y) in``; ``with open(p) as file``; ``del x, y``.
_WORDS = re.compile(
    r"^\s*(?:async\s+)?(?:def|class)\s+(\w+)|^\s*(?:async\s+)?for\s+(.*?)\s+in\b"
    r"|\bas\s+(\w+)|^\s*del\s+(.*)"
)
_IMPORTED = re.compile(r"\bimport\s+(.*)")
#: What stands before the first ``=`` that is no comparison and no walrus.
_ASSIGNED = re.compile(r"([^=#]*?)(?:[-+*/%&|^@]|//|\*\*|<<|>>)?(?<![=!<>:])=(?!=)")
_TARGET = re.compile(r"[\s(\[*]*([^\W\d]\w*)\s*(\S?)")


def names(body: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that the cell looks as if it bound, and names of what it may change in place.

    Examples
    --------
    >>> bound, changed = names("df = clean(df\\nrows.append(1)")
    >>> sorted(bound), sorted(changed)
    (['df'], ['rows'])
    """
    bound: set[str] = set()
    changed: set[str] = set()
    for line in body.splitlines():
        for found in _WORDS.finditer(line):
            bound |= set(re.findall(r"\w+", found[found.lastindex or 0]))
        if imported := _IMPORTED.search(line):
            # Of a name behind `as` the line above has heard.
            parts = [part for part in imported[1].split(",") if " as " not in part]
            bound |= {root for part in parts for root in re.findall(r"^[\s(]*(\w+)", part)}
        assigned = _ASSIGNED.match(line)
        head = assigned[1] if assigned is not None else line
        is_keyword = head.count("(") > head.count(")")  # of a call: `f(x=1)`
        parts = head.split(",") if assigned is not None and not is_keyword else [head]
        for part in parts:
            target = _TARGET.match(part)
            if target is None:
                continue
            if target[2] in (".", "["):
                changed.add(target[1])
            elif assigned is not None and not is_keyword and target[2] in ("", ":", ")", "]"):
                bound.add(target[1])
    return frozenset(bound), frozenset(changed)
