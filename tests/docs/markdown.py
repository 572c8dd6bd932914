"""The fenced blocks of a page, and directions to whoever follows it, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"

_DIRECTION = re.compile(r"<!-- (.+) -->")
_FENCE = re.compile(r"```(\w*) ?(.*)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fence, an HTML comment that gives a direction, or a heading.

    Comments and what stands behind a fence's language are not shown to readers.
    """

    #: The fence's language; ``direction``, ``picture`` or ``heading`` for what is none.
    kind: str
    #: What stands behind the language.
    name: str
    text: str
    #: Of its text, from 0.
    line: int = 0


def blocks(page: str) -> Iterator[Block]:
    """The blocks of a page, in order."""
    lines = page.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        if fence := _FENCE.fullmatch(line):
            end = lines.index("```", at + 1)
            yield Block(fence[1], fence[2], "\n".join(lines[at + 1 : end]), at + 1)
            at = end
        elif direction := _DIRECTION.fullmatch(line):
            yield Block("direction", direction[1], "", at)
        elif line.startswith("!["):
            yield Block("picture", "", line, at)
        elif line.startswith("#"):
            yield Block("heading", "", line.lstrip("# "), at)
        at += 1


def with_texts(page: str, texts: Mapping[int, str]) -> str:
    """The page with other texts in the blocks that begin at these lines."""
    lines = page.split("\n")
    for block in reversed(list(blocks(page))):
        if block.line in texts:
            end = block.line + len(block.text.split("\n"))
            lines[block.line : end] = texts[block.line].split("\n")
    return "\n".join(lines)
