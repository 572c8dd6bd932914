"""The options of steps and foreaches: one table that parser, help and completion read."""

from __future__ import annotations

import difflib
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from nbflow.records.directive import Kind, Options
from nbflow.records.problem import Problem

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}
_LARGEST_SEED = 2**32 - 1


class Given(msgspec.Struct, frozen=True):
    """An option as somebody wrote it, in any of the spellings."""

    name: str
    values: tuple[str, ...]
    #: 1-based line in the cell; 0 in the metadata.
    line: int


class Option(msgspec.Struct, frozen=True):
    """One row of the table."""

    #: Without the dashes: ``"max-parallel"``.
    name: str
    #: What stands for the value in help texts; empty for a switch.
    metavar: str
    help: str
    #: Attribute of ``Options`` that it sets; empty for ``--name``, which the directive holds.
    field: str
    #: Turns the values given into that attribute's value; raises WrongValueError.
    read: Callable[[Sequence[str]], Any]
    kinds: tuple[Kind, ...] = ("step", "foreach")
    #: Several values, and several times.
    many: bool = False


class WrongValueError(ValueError):
    """A value does not fit its option; the message completes "`--cpus` takes …"."""


def close(word: str, words: Iterable[str], cutoff: float = 0.7) -> str | None:
    """The one of ``words`` that ``word`` was probably meant to be."""
    if len(word) < 2:
        return None
    found = difflib.get_close_matches(word.lower().replace("_", "-"), list(words), 1, cutoff)
    return found[0] if found else None


def identifier(text: str) -> str:
    """The name as Python itself would read it.

    Raises
    ------
    WrongValueError
        When it cannot be a variable's name.
    """
    name = unicodedata.normalize("NFKC", text)
    if keyword.iskeyword(name):
        raise WrongValueError(f"a name, and `{name}` is a word of Python's own")
    if not name.isidentifier():
        proposal = re.sub(r"\W+", "_", name).strip("_")
        proposal = f"_{proposal}" if proposal[:1].isdigit() else proposal
        usable = proposal.isidentifier() and not keyword.iskeyword(proposal)
        hint = f" (`{proposal}` would be)" if usable else ""
        raise WrongValueError(f"a name, and `{text}` is not an identifier{hint}")
    return name


def _name(values: Sequence[str]) -> str:
    return identifier(_one(values, "one name"))


def _names(values: Sequence[str]) -> tuple[str, ...]:
    words = [word for value in values for word in re.split(r"[,\s]+", value) if word]
    if not words:
        raise WrongValueError("names, and none is given")
    return tuple(dict.fromkeys(identifier(word) for word in words))


def _switch(values: Sequence[str]) -> bool:
    text = _one(values, "no value").lower() if values else "true"
    if text not in _TRUE | _FALSE:
        raise WrongValueError(f"no value (or `true`, `false`), not `{text}`")
    return text in _TRUE


def _unless(values: Sequence[str]) -> bool:
    return not _switch(values)


def _count(values: Sequence[str]) -> int:
    return _whole(values, 1, None)


def _seed(values: Sequence[str]) -> int:
    return _whole(values, 0, _LARGEST_SEED)


def _whole(values: Sequence[str], lowest: int, highest: int | None) -> int:
    upper = "" if highest is None else f" to {highest}"
    what = f"a whole number from {lowest}{upper}" if upper else f"a whole number, {lowest} or more"
    text = _one(values, what)
    try:
        number = int(text)
    except ValueError:
        raise WrongValueError(f"{what}, not `{text}`") from None
    if number < lowest or (highest is not None and number > highest):
        raise WrongValueError(f"{what}, not `{text}`")
    return number


def _environment(values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    pairs: dict[str, str] = {}
    for value in values:
        name, equals, content = value.partition("=")
        if not equals or not name or "\0" in value:
            raise WrongValueError(f"`NAME=VALUE`, not `{value}`")
        if pairs.setdefault(name, content) != content:
            raise WrongValueError(f"each variable once, and `{name}` has two values")
    if not pairs:
        raise WrongValueError("`NAME=VALUE`, and none is given")
    return tuple(sorted(pairs.items()))


def _paths(values: Sequence[str]) -> tuple[str, ...]:
    if not values or not all(values) or any("\0" in value for value in values):
        raise WrongValueError("paths of files")
    return tuple(dict.fromkeys(values))


def _one_of(*words: str) -> Callable[[Sequence[str]], str]:
    told = " or ".join(f"`{word}`" for word in words)

    def read(values: Sequence[str]) -> str:
        text = _one(values, told)
        if text not in words:
            raise WrongValueError(f"{told}, not `{text}`")
        return text

    return read


def _one(values: Sequence[str], what: str) -> str:
    if len(values) != 1:
        given = "none is given" if not values else f"{len(values)} values are given"
        raise WrongValueError(f"{what}, and {given}")
    return values[0]


#: Every option there is. An option that is not enforced does not exist.
OPTIONS: dict[str, Option] = {
    option.name: option
    for option in (
        Option("name", "NAME", "the step's name; left out, its first output", "", _name),
        Option("in", "NAMES", "read only these names", "inputs", _names, many=True),
        Option("out", "NAMES", "hand on exactly these names", "outputs", _names, many=True),
        Option(
            "after", "STEPS", "start when these steps have completed", "after", _names, many=True
        ),
        Option("no-cache", "", "run every time", "cache", _unless),
        Option(
            "hazards",
            "cache|recompute",
            "reuse what depends on the clock, the network, unseeded generators or other "
            "programs, or run it again each time",
            "hazards",
            _one_of("cache", "recompute"),
            kinds=("step", "foreach", "setup"),
        ),
        Option("seed", "N", "start the random generators from this number", "seed", _seed),
        Option("env", "NAME=VALUE", "set environment variables", "env", _environment, many=True),
        Option("file", "PATH", "count the content of files it reads", "files", _paths, many=True),
        Option("cpus", "N", "take so many of the run's workers", "cpus", _count),
        Option(
            "max-parallel",
            "N",
            "run at most so many splits at once",
            "max_parallel",
            _count,
            kinds=("foreach",),
        ),
        Option(
            "on-error",
            "stop|continue",
            "start no more splits once one has failed, or run them all",
            "on_error",
            _one_of("stop", "continue"),
            kinds=("foreach",),
        ),
        Option(
            "no-replay",
            "",
            "carry no step out again to make a value that cannot be carried",
            "replay",
            _unless,
        ),
        Option("here", "", "run in this very process, to debug", "here", _switch),
    )
}

#: Options of the language that this version does not enforce yet, and so refuses.
RESERVED = ("if", "while", "retry", "timeout", "catch", "memory", "gpus", "lang")


def known(name: str) -> bool:
    """Whether the language has an option of this name, enforced or not."""
    return name in OPTIONS or name in RESERVED


def read(kind: Kind, given: Iterable[Given]) -> tuple[str | None, Options, list[Problem]]:
    """The options' values, the ``--name`` if there is one, and a problem for each that is wrong.

    A wrong option keeps its default, so that the rest of the cell still counts.
    """
    problems: list[Problem] = []
    merged: dict[str, Given] = {}
    for one in given:
        option = OPTIONS.get(one.name)
        if option is None or kind not in option.kinds:
            problems.append(_refusal(kind, one))
        elif one.name not in merged:
            merged[one.name] = one
        elif option.many:
            earlier = merged[one.name]
            merged[one.name] = Given(one.name, earlier.values + one.values, earlier.line)
        elif one.values != merged[one.name].values:
            message = f"`--{one.name}` is given twice, with different values"
            remedy = f"Keep one `--{one.name}`."
            problems.append(Problem("bad-option", message, remedy, line=one.line or None))
    name: str | None = None
    fields: dict[str, Any] = {}
    for one in merged.values():
        option = OPTIONS[one.name]
        try:
            value = option.read(one.values)
        except WrongValueError as error:
            message = f"`--{one.name}` takes {error}"
            remedy = f"Write `{usage(option)}`: {option.help}."
            problems.append(Problem("bad-option", message, remedy, line=one.line or None))
            continue
        if option.field:
            fields[option.field] = value
        else:
            name = value
    return name, Options(**fields), problems


def usage(option: Option) -> str:
    """How it is written: ``--cpus N``."""
    return f"--{option.name} {option.metavar}".rstrip()


def _refusal(kind: Kind, given: Given) -> Problem:
    line = given.line or None
    name = given.name
    if kind in ("parameters", "setup") and known(name):
        message = f"`--{name}` means nothing in a {kind} cell"
        return Problem("misplaced-option", message, "Remove the option.", line=line)
    if name in OPTIONS:
        allowed = " or ".join(OPTIONS[name].kinds)
        message = f"`--{name}` belongs to a {allowed}, and this is a {kind}"
        remedy = f"Remove it, or make the cell a {allowed}."
        return Problem("misplaced-option", message, remedy, line=line)
    if name in RESERVED:
        message = f"`--{name}` is not supported by this version"
        return Problem("unsupported-option", message, "Remove the option.", line=line)
    choices = [option.name for option in OPTIONS.values() if kind in option.kinds]
    meant = close(name, choices)
    listed = ", ".join(f"`--{choice}`" for choice in choices)
    remedy = (
        f"Did you mean `--{meant}`?"
        if meant
        else (f"There are {listed}." if choices else f"A {kind} cell takes no options.")
    )
    return Problem("unknown-option", f"there is no option `--{name}`", remedy, line=line)
