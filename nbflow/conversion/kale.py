"""Notebooks that were tagged for Kale: what their tags say of each cell."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nbflow.conversion.naming import slug
from nbflow.records.notebook import Cell, Notebook

_WORDS = frozenset({"imports", "functions", "pipeline-parameters", "pipeline-metrics", "skip"})
#: Newer releases of Kale call a block a step, as we do.
_BLOCKS = ("block:", "step:")


class KaleTags(msgspec.Struct, frozen=True):
    """The tags of one cell; all empty when it has none of Kale's."""

    #: ``imports``, ``functions``, ``pipeline-parameters``, ``pipeline-metrics`` or ``skip``.
    word: str = ""
    #: The block's name as an identifier; empty for the block above.
    block: str = ""
    is_block: bool = False
    #: Names of the blocks that must have ended.
    after: tuple[str, ...] = ()


def is_kale(notebook: Notebook) -> bool:
    """Whether any cell has a tag that only Kale reads."""
    tags = {tag for cell in notebook.cells for tag in cell.tags}
    words = {"pipeline-parameters", "pipeline-metrics"}
    return bool(words & tags) or any(tag.startswith(("block:", "prev:")) for tag in tags)


def skipped(notebook: Notebook) -> frozenset[int]:
    """Positions of the cells that Kale does not run."""
    if not is_kale(notebook):
        return frozenset()
    return frozenset(n for n, cell in enumerate(notebook.cells) if tags_of(cell).word == "skip")


def tags_of(cell: Cell) -> KaleTags:
    """What Kale's tags say of a cell."""
    word, block, is_block, after = "", "", False, list[str]()
    for tag in cell.tags:
        if tag in _WORDS:
            word = tag
        elif tag.startswith(_BLOCKS):
            is_block, block = True, block_name(tag.partition(":")[2])
        elif tag.startswith("prev:"):
            after.append(block_name(tag.removeprefix("prev:")))
    return KaleTags(word, block, is_block, tuple(name for name in after if name))


def block_name(text: str) -> str:
    """A block's name as a step has it: Kale's may hold dashes."""
    name = text.strip().replace("-", "_").replace(" ", "_")
    return name if name.isidentifier() else slug(text)


def without_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """The tags that Kale does not read."""
    return tuple(t for t in tags if t not in _WORDS and not t.startswith((*_BLOCKS, "prev:")))
