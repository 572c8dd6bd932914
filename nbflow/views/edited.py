"""A run on the cards of its notebook, which may have been edited since it began."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from nbflow.flow import Flow
from nbflow.plan import edits
from nbflow.records.problem import Problem
from nbflow.views.folding import DONE
from nbflow.views.graph import GraphNode
from nbflow.views.reasons import differs, phrase
from nbflow.views.wording import Worded

#: So many steps that are gone are named; the others are counted.
_NAMED = 5


class Edited:
    """Puts how the steps of a run stand on the cards that the notebook has now.

    Parameters
    ----------
    before
        The flow that runs.
    now
        That of the notebook as it is now.
    """

    def __init__(self, before: Flow, now: Flow) -> None:
        self._now = now
        self._edits = edits(before, now)

    def card(self, node: GraphNode) -> GraphNode | None:
        """The card of a step that runs, as it is called now.

        None where the run says nothing of what the notebook has now: of a step that is gone, and of
        one that was edited since and has come to its end.
        """
        step = self._now.steps.get(node.id)
        if step is None or self.is_over(node):
            return None
        node = replace(node, label=step.name, kind=step.step.kind)
        edit = self._edits.get(node.id)
        if edit is None:
            return node
        told = [*map(phrase, edit.reasons), *(Worded("`%1` changed", name) for name in edit.above)]
        since = tuple(Worded("since the run began: %1", words) for words in told)
        return replace(
            node,
            detail=Worded("older text" if edit.reasons else "older input"),
            reasons=(*since, *node.reasons),
            differs=differs(edit.reasons) or node.differs,
        )

    def is_over(self, node: GraphNode) -> bool:
        """Whether a step has come to its end that the notebook does not have, or has otherwise."""
        is_other = node.id not in self._now.steps or node.id in self._edits
        return is_other and node.status in DONE

    def problems(self, nodes: Iterable[GraphNode]) -> tuple[Problem, ...]:
        """That steps run which the notebook does not have any more, if some do."""
        gone = [
            f"`{node.label}`"
            for node in nodes
            if node.id not in self._now.steps and node.status not in DONE
        ]
        if not gone:
            return ()
        more = [f"{len(gone) - _NAMED} more"] if len(gone) > _NAMED else []
        named = ", ".join([*gone[:_NAMED], *more])
        return (
            Problem(
                "gone",
                f"the run goes on with {named}, which the notebook does not have any more",
                "Cancel it, or let it end: what it gives is there when the cell comes back.",
                severity="warning",
            ),
        )
