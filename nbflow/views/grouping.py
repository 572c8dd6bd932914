"""Steps under a heading that is folded away in the notebook, drawn as one card."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from nbflow.records.notebook import Cell
from nbflow.records.task import PRECEDENCE
from nbflow.views.durations import plural
from nbflow.views.folding import DONE
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.wording import Worded

_HASHES = re.compile(r" {0,3}(#{1,6})(?:[ \t](.*))?$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
#: A group's status is the first of these that one of its steps has.
_PRECEDENCE = (
    *("failed", "blocked"),
    *(status for status in PRECEDENCE if status not in ("failed", "completed", "cached")),
    *("interrupted", "stale", "new", "unknown", "completed", "cached", "fresh"),
)
#: What needs nothing more.
_GOOD = DONE | {"fresh"}


class Group(msgspec.Struct, frozen=True):
    """A heading that is folded away, with the code cells below it."""

    #: Id of the heading's cell.
    id: str
    heading: str
    cells: tuple[str, ...]


def groups(cells: Iterable[Cell]) -> list[Group]:
    """The headings of a notebook that are folded away and not below another one that is.

    What is below a heading ends before the next one of the same or a higher level.
    """
    found: list[Group] = []
    level = 0  # of the heading whose cells are read, which is folded away; 0 for none
    below: list[str] = []
    for cell in cells:
        if cell.kind == "code" and level:
            below.append(cell.id)
        if cell.kind != "markdown" or (head := heading(cell.source)) is None:
            continue
        if level and head[0] > level:
            continue
        if found:
            found[-1] = _with(found[-1], below)
        level, below = 0, []
        if cell.collapsed:
            level = head[0]
            found.append(Group(cell.id, head[1], ()))
    if found:
        found[-1] = _with(found[-1], below)
    return found


def heading(markdown: str) -> tuple[int, str] | None:
    """The highest heading of a markdown cell, with its level; the first of several.

    >>> heading("Some words.\\n\\n## Features"), heading("no heading")
    ((2, 'Features'), None)
    """
    return min(_headings(markdown), key=lambda head: head[0], default=None)


class Grouping:
    """The cards and arrows of a flow with each group as one card.

    Parameters
    ----------
    found
        The groups; one without any step has no card.
    nodes, edges
        The flow's own, a card for each step.
    """

    def __init__(
        self, found: Iterable[Group], nodes: Sequence[GraphNode], edges: Iterable[GraphEdge]
    ) -> None:
        self._group = {cell: group for group in found for cell in group.cells}
        #: Of every group, its steps as they stand.
        self._steps: dict[str, dict[str, GraphNode]] = {}
        for node in nodes:
            if (group := self._group.get(node.id)) is not None:
                self._steps.setdefault(group.id, {})[node.id] = node
        #: Of every group, names that only its own steps read.
        self._inner: dict[str, set[str]] = {}
        self.edges = list(_joined(self._outside(edges)))
        for edge in self.edges:
            self._inner.get(edge.source, set()).difference_update(edge.names)
        cards = {self._end(node.id): node for node in nodes}
        self.nodes = [self._card(node) for node in cards.values()]

    @property
    def steps(self) -> Mapping[str, str]:
        """The steps that have no card of their own, each with the id of its group's."""
        return {cell: group for group, steps in self._steps.items() for cell in steps}

    def changed(self, node: GraphNode) -> GraphNode:
        """The card that shows a step which stands otherwise now: its own, or that of its group."""
        steps = self._steps.get(self._end(node.id), {})
        if node.id in steps:
            steps[node.id] = node
        return self._card(node)

    def _end(self, cell: str) -> str:
        """The card at which an arrow to or from a step ends."""
        group = self._group.get(cell)
        return cell if group is None else group.id

    def _card(self, node: GraphNode) -> GraphNode:
        group = self._group.get(node.id)
        steps = self._steps.get(self._end(node.id), {})
        if group is None or node.id not in steps:
            return node
        return _card(group, list(steps.values()), self._inner.get(group.id, set()))

    def _outside(self, edges: Iterable[GraphEdge]) -> Iterator[GraphEdge]:
        for edge in edges:
            source, target = self._end(edge.source), self._end(edge.target)
            if source != target:
                yield GraphEdge(source, target, edge.names, edge.observed, edge.replayed)
            else:
                self._inner.setdefault(source, set()).update(edge.names)


def _card(group: Group, steps: Sequence[GraphNode], inner: Collection[str]) -> GraphNode:
    tally = Counter(step.status or "" for step in steps)
    status = next((each for each in _PRECEDENCE if tally[each]), None)
    standing = [step for step in steps if step.status == status]
    began = [step.began for step in steps if step.began is not None]
    return GraphNode(
        group.id,
        group.heading,
        "group",
        status,
        _told(standing, len(steps)),
        len(steps),
        sum(tally[each] for each in _GOOD) if status == "running" else None,
        tuple(Worded("%1: %2", step.label, reason) for step in steps for reason in step.reasons),
        values=tuple(value for step in steps for value in step.values if value[0] not in inner),
        began=min(began) if status == "running" and began else None,
        tally=tuple((each, tally[each]) for each in _PRECEDENCE if tally[each]),
    )


def _told(steps: Sequence[GraphNode], count: int) -> str:
    """Which of the steps it is that stand so, where not all do."""
    first = steps[0]
    if first.status == "failed":
        return Worded("%1: %2", first.label, first.detail)
    if first.status == "running" or len(steps) == count:
        return ""
    return first.label if len(steps) == 1 else Worded("%1 of %2", len(steps), plural(count, "step"))


def _joined(edges: Iterable[GraphEdge]) -> Iterator[GraphEdge]:
    """One edge for all between the same two cards."""
    by_ends: dict[tuple[str, str], list[GraphEdge]] = {}
    for edge in edges:
        by_ends.setdefault((edge.source, edge.target), []).append(edge)
    for (source, target), found in by_ends.items():
        yield GraphEdge(
            source,
            target,
            tuple(dict.fromkeys(name for edge in found for name in edge.names)),
            all(edge.observed for edge in found),
            all(edge.replayed for edge in found),
        )


def _with(group: Group, cells: Sequence[str]) -> Group:
    return group if group.cells else Group(group.id, group.heading, tuple(cells))


def _headings(markdown: str) -> Iterator[tuple[int, str]]:
    fence = ""
    before = ""
    for line in markdown.splitlines():
        if fence:
            fence = "" if line.strip().startswith(fence) else fence
            before = ""
        elif opened := _FENCE.match(line):
            fence = opened[1]
        elif hashes := _HASHES.match(line):
            yield len(hashes[1]), _plain(_open(hashes[2] or ""))
            before = ""
        elif before and (underline := _UNDERLINE.match(line)):
            yield (1 if underline[1][0] == "=" else 2), _plain(before)
            before = ""
        else:
            before = line.strip()


def _open(text: str) -> str:
    """A heading without the hashes that may close it."""
    text = text.strip()
    bare = text.rstrip("#")
    return bare if bare != text and bare[-1:] in ("", " ", "\t") else text


def _plain(text: str) -> str:
    """A heading's words, without the marks of emphasis and code around them."""
    return re.sub(r"(\*\*|__|`|\*)(.+?)\1", r"\2", text.strip())
