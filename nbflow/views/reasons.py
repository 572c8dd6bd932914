"""Reasons in words: a phrase for a table, a paragraph with the difference for ``why``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from nbflow.records.files import PIPE
from nbflow.records.reason import Reason, ReasonKind
from nbflow.views.blocks import Block, Difference, line


def _with_values(reason: Reason) -> str:
    # A value of another content may well look the same in its summary.
    if reason.before == reason.after:
        return ""
    return f": {reason.before or 'nothing'} → {reason.after or 'nothing'}"


def _input(reason: Reason) -> str:
    target = reason.subject.removeprefix("for ")
    kind = "input" if target == reason.subject else "item"
    return f"{kind} `{target}` changed{_with_values(reason)}"


def _file(reason: Reason) -> str:
    if reason.before == PIPE:
        return f"it reads {reason.subject}, of which nobody can tell what it gives"
    if reason.before and reason.after:
        return f"file {reason.subject} changed"
    return f"file {reason.subject} is {'gone' if reason.before else 'new'}"


#: By kind of hazard.
_HAZARDS = {
    "clock": "reads the clock:",
    "randomness": "draws what nobody has seeded:",
    "network": "asks the network:",
    "subprocess": "runs another program:",
}

_PHRASES: Mapping[ReasonKind, Callable[[Reason], str]] = {
    "failed": lambda r: f"failed last time: {r.after}",
    "never-ran": lambda _: "first run",
    "source": lambda _: "its code changed",
    "definition": lambda r: f"`{r.subject}` changed",
    "setup": lambda _: "the set-up changed",
    "option": lambda r: f"option {r.subject} changed{_with_values(r)}",
    "input": _input,
    "parameter": lambda r: f"parameter `{r.subject}` changed{_with_values(r)}",
    "file": _file,
    "module": lambda r: f"module {r.subject} changed",
    "package": lambda r: f"package {r.subject} changed{_with_values(r)}",
    "environment": lambda r: f"{r.subject} changed{_with_values(r)}",
    "missing-artifact": lambda r: f"its {r.subject} is missing from the store",
    "forced": lambda _: "asked to run again",
    "not-cached": lambda _: "marked to run every time",
    "not-reproducible": lambda r: f"not reproducible: `{r.subject}` came out differently",
    "hazard": lambda r: f"{_HAZARDS.get(r.subject, r.subject)} {r.after}",
    "accepted": lambda r: f"accepted: {r.subject}",
    "upstream": lambda r: f"needs `{r.subject}`, which did not complete",
}

_DIGEST = re.compile("[0-9a-f]{64}")
#: Reasons whose before and after are source text, shown as a difference.
_SOURCE: frozenset[ReasonKind] = frozenset({"source", "definition", "setup"})


def phrase(reason: Reason) -> str:
    """The reason in a few words, on one line.

    >>> phrase(Reason("parameter", "n", "10", "20"))
    'parameter `n` changed: 10 → 20'
    """
    return _PHRASES[reason.kind](reason)


def phrases(reasons: Sequence[Reason]) -> str:
    """The first reason in words, and how many more there are."""
    # Hazards are only worth a word where there is nothing else to say, and what has failed so far
    # has no result either.
    has_failed = any(reason.kind == "failed" for reason in reasons)
    minor = ("hazard", "never-ran") if has_failed else ("hazard",)
    why = [reason for reason in reasons if reason.kind not in minor]
    told = list(dict.fromkeys(map(phrase, why or reasons)))
    return " ".join([*told[:1], *([f"(+{len(told) - 1})"] if told[1:] else [])])


def differs(reasons: Sequence[Reason]) -> tuple[str, ...]:
    """The lines that differ in the first source among the reasons, as of a difference."""
    for reason in reasons:
        if reason.kind in _SOURCE and (reason.before or reason.after):
            return tuple(Difference(reason.before, reason.after).lines())
    return ()


def paragraph(reason: Reason, indent: int = 0) -> list[Block]:
    """The reason in words, with the lines that differ under it."""
    if reason.kind == "never-ran":
        return [line("it has no result yet", indent=indent)]
    first = line(phrase(reason), indent=indent)
    if reason.kind in _SOURCE and (reason.before or reason.after):
        return [first, Difference(reason.before, reason.after, indent + 2)]
    if reason.kind == "not-reproducible" or _is_told(reason):
        return [first, *values(reason, indent + 2)]
    return [first]


def changed(reason: Reason) -> list[Block]:
    """The lines that differ, of a reason that has been told in words."""
    has_lines = reason.kind in _SOURCE and (reason.before or reason.after)
    return [Difference(reason.before, reason.after, 2)] if has_lines else []


def _is_told(reason: Reason) -> bool:
    """Whether of a file more is known than that it is there, or is another."""
    states = (reason.before, reason.after)
    return reason.kind == "file" and all(states) and not any(map(_DIGEST.fullmatch, states))


def values(reason: Reason, indent: int) -> list[Block]:
    """What was there before, and what is there now, in a line each."""
    told = (("was", reason.before), ("now", reason.after))
    return [line(f"{word} {text}", indent=indent) for word, text in told if text]
