"""What a run made of a change, judged by its value and by the moment at which it was made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_ANSWER = re.compile(r"""\{["']value["']: (-?\d+), ["']made["']: (\d+)\}""")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the task gave: its value, and when its body was at work, in nanoseconds."""

    value: int
    made: int


class Verdict(StrEnum):
    """The words of the table."""

    RIGHT = "right"
    OLD = "**old**"
    WRONG = "**wrong**"
    REUSED = "reused"
    AGAIN = "again"
    FAILED = "**fails**"
    NONE = "–"


#: What no user wants.
BAD = {Verdict.OLD, Verdict.WRONG, Verdict.AGAIN, Verdict.FAILED}


def found(text: str) -> Answer | None:
    """The last answer that a run shows: as JSON, in a string of JSON, or as Python does."""
    answers = _ANSWER.findall(text.replace('\\"', '"'))
    return Answer(int(answers[-1][0]), int(answers[-1][1])) if answers else None


def judged(before: Answer, after: Answer | None, truth: int) -> Verdict:
    """Of an answer after a change, where a run without any cache gives ``truth``."""
    if after is None:
        return Verdict.FAILED
    if after.value != truth:
        return Verdict.OLD if after.value == before.value else Verdict.WRONG
    if truth != before.value:
        return Verdict.RIGHT
    return Verdict.REUSED if after.made == before.made else Verdict.AGAIN
