"""Reasons in words: a phrase for a table, a paragraph with the difference for ``why``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from nbflow.records.files import PIPE
from nbflow.records.reason import Reason, ReasonKind
from nbflow.views.blocks import Block, Difference, line
from nbflow.views.wording import Worded

#: By kind of hazard.
_HAZARDS = {
    "clock": "reads the clock:",
    "randomness": "draws what nobody has seeded:",
    "network": "asks the network:",
    "subprocess": "runs another program:",
}

_NOTHING = Worded("nothing")
_DIGEST = re.compile("[0-9a-f]{64}")


def _changed(words: str, reason: Reason, subject: str) -> Worded:
    # A value of another content may well look the same in its summary.
    if reason.before == reason.after:
        return Worded(words, subject)
    before, after = reason.before or _NOTHING, reason.after or _NOTHING
    return Worded(f"{words}: %2 → %3", subject, before, after)


def _input(reason: Reason) -> Worded:
    target = reason.subject.removeprefix("for ")
    is_own = target == reason.subject
    return _changed("input `%1` changed" if is_own else "item `%1` changed", reason, target)


def _file(reason: Reason) -> Worded:
    if reason.before == PIPE:
        return Worded("it reads %1, of which nobody can tell what it gives", reason.subject)
    if reason.before and reason.after:
        return Worded("file %1 changed", reason.subject)
    return Worded("file %1 is gone" if reason.before else "file %1 is new", reason.subject)


def _shortened(reason: Reason) -> Reason:
    """Behind the version of a package from a folder or a file stands the digest of its content."""
    before, after = (
        _DIGEST.sub(lambda found: found[0][:8], t) for t in (reason.before, reason.after)
    )
    return Reason(reason.kind, reason.subject, before, after)


def _hazard(reason: Reason) -> Worded:
    words = _HAZARDS.get(reason.subject)
    if words is None:
        return Worded("%1 %2", reason.subject, reason.after)
    return Worded(f"{words} %1", reason.after)


_PHRASES: Mapping[ReasonKind, Callable[[Reason], Worded]] = {
    "failed": lambda r: Worded("failed last time: %1", r.after),
    "never-ran": lambda _: Worded("first run"),
    "source": lambda _: Worded("its code changed"),
    "definition": lambda r: Worded("`%1` changed", r.subject),
    "setup": lambda _: Worded("the set-up changed"),
    "option": lambda r: _changed("option %1 changed", r, r.subject),
    "input": _input,
    "parameter": lambda r: _changed("parameter `%1` changed", r, r.subject),
    "file": _file,
    "module": lambda r: Worded("module %1 changed", r.subject),
    "package": lambda r: _changed("package %1 changed", _shortened(r), r.subject),
    "environment": lambda r: _changed("%1 changed", r, r.subject),
    "missing-artifact": lambda r: Worded("its %1 is missing from the store", r.subject),
    "forced": lambda _: Worded("asked to run again"),
    "not-cached": lambda _: Worded("marked to run every time"),
    "not-reproducible": lambda r: Worded("not reproducible: `%1` came out differently", r.subject),
    "hazard": _hazard,
    "accepted": lambda r: Worded("accepted: %1", r.subject),
    "upstream": lambda r: Worded("needs `%1`, which did not complete", r.subject),
}

#: Reasons whose before and after are source text, shown as a difference.
_SOURCE: frozenset[ReasonKind] = frozenset({"source", "definition", "setup"})


def phrase(reason: Reason) -> Worded:
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
    if len(told) < 2:
        return told[0] if told else ""
    return Worded("%1 (+%2)", told[0], len(told) - 1)


def differs(reasons: Sequence[Reason]) -> tuple[str, ...]:
    """The lines that differ in the first source among the reasons, as of a difference."""
    for reason in reasons:
        if reason.kind in _SOURCE and (reason.before or reason.after):
            return tuple(Difference(reason.before, reason.after).lines())
    return ()


def paragraph(reason: Reason, indent: int = 0) -> list[Block]:
    """The reason in words, with the lines that differ under it."""
    if reason.kind == "never-ran":
        return [line(Worded("it has no result yet"), indent=indent)]
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
    told = (("was %1", reason.before), ("now %1", reason.after))
    return [line(Worded(words, text), indent=indent) for words, text in told if text]
