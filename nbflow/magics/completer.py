"""Tab in a mark or behind ``%flow``: options, steps and variables; elsewhere it stays out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion, context_matcher

from nbflow.errors import NbflowError

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.completer import CompletionContext, SimpleMatcherResult

    from nbflow.magics.session import Session


#: What a cell holds that may be completed here: a look that costs nothing.
_MARK = re.compile(r"^\s*(%%|#\||%flow\b)", re.MULTILINE)
#: Above all of IPython's own matchers.
_FIRST = 1000


def matcher(session: Session) -> Callable[[CompletionContext], SimpleMatcherResult]:
    """What IPython's completer asks before its own matchers."""

    def match(context: CompletionContext) -> SimpleMatcherResult:
        text = context.full_text
        # What is completed is looked at: `big.<Tab>` needs the value.
        session.results.before(context.line_with_cursor)
        if not _MARK.search(text):
            return {"completions": []}
        # Late: a kernel that only has the extension loaded pays for none of this.
        from nbflow.directives.completion import complete

        cursor = _offset(text, context.cursor_line, context.cursor_position)
        found = complete(text, cursor, *_names(session))
        if found is None:
            return {"completions": []}
        return {
            "completions": [
                SimpleCompletion(text=each.text, type=each.sort) for each in found.candidates
            ],
            "matched_fragment": text[found.start : cursor],
            "suppress": True,
            "ordered": True,
        }

    marked: Callable[[CompletionContext], SimpleMatcherResult] = context_matcher(
        identifier="nbflow", priority=_FIRST
    )(match)
    return marked


def _names(session: Session) -> tuple[Any, ...]:
    from nbflow.magics.commands import table  # as late

    try:
        flow = session.seen().flow
    except NbflowError:
        return (), (), table()
    bound = [name for step in flow.steps.values() for name in step.outputs if name.isidentifier()]
    names = [*bound, *(parameter.name for parameter in flow.parameters)]
    return [step.name for step in flow.steps.values()], list(dict.fromkeys(names)), table()


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(each) + 1 for each in lines[:line]) + column
