"""What can be typed next in a cell's mark and behind ``%flow``, and nothing anywhere else."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias, cast

import msgspec

from nbflow.directives import clause
from nbflow.directives.command import Command
from nbflow.directives.marks import KINDS, find, head, without_note
from nbflow.directives.options import OPTIONS, Option
from nbflow.records.directive import Kind
from nbflow.records.notebook import Cell

Sort: TypeAlias = Literal["magic", "key", "option", "value", "step", "variable", "command"]

_MAGIC_WORD = re.compile(r"\s*(%%\w*)")
_MAGIC = re.compile(rf"\s*%%({'|'.join(KINDS)})(\s.*)", re.DOTALL)
_KEY = re.compile(r"\s*#\|\s*([A-Za-z][\w-]*|)")
_KEYED = re.compile(r"\s*#\|\s*([A-Za-z][\w-]*)\s*:(.*)", re.DOTALL)
_FLOW = re.compile(r"\s*%flow(\s.*)", re.DOTALL)
_OPTION_WITH_VALUE = re.compile(r"--?([A-Za-z][\w-]*)=(.*)", re.DOTALL)
#: A name that is no attribute.
_NAME = re.compile(r"(?<![\w.])(?:[^\W\d]\w*)?\Z")

_ABOUT: dict[Kind, str] = {
    "step": "a named step of the flow",
    "foreach": "a step that runs once for each item",
    "parameters": "the flow's parameters with their defaults",
    "setup": "imports and configuration that hold for every step",
}


class Candidate(msgspec.Struct, frozen=True):
    """One thing that can be typed."""

    text: str
    sort: Sort
    #: What it does, in a few words.
    about: str = ""


class Completions(msgspec.Struct, frozen=True):
    """What can stand in the place of ``text[start:end]``."""

    start: int
    end: int
    candidates: tuple[Candidate, ...]


class Known(msgspec.Struct, frozen=True):
    """What there is to name."""

    steps: Sequence[str]
    variables: Sequence[str]
    commands: Sequence[Command]


def complete(
    text: str,
    cursor: int,
    steps: Sequence[str] = (),
    variables: Sequence[str] = (),
    commands: Sequence[Command] = (),
) -> Completions | None:
    """What can be typed at the cursor, or None: where the cell is not ours to complete.

    Parameters
    ----------
    text
        The whole cell.
    steps, variables
        Names of the flow's steps, and of what they bind.
    commands
        The sub-commands of ``%flow``.

    >>> [one.text for one in complete("%%step load --se", 16).candidates]
    ['--seed']
    """
    known = Known(steps, variables, commands)
    start, before = _line_before(text, cursor)
    typed, found = _found(text, cursor, start, before, known)
    # What is there already needs no completion.
    found = [one for one in found if one.text.startswith(typed) and one.text != typed]
    unique = tuple(dict.fromkeys(found))
    return Completions(cursor - len(typed), cursor, unique) if unique else None


#: What has been typed of a word, and what the word can be.
_Found: TypeAlias = tuple[str, list[Candidate]]
_NOTHING: _Found = ("", [])


def _found(text: str, cursor: int, start: int, before: str, known: Known) -> _Found:
    if match := _FLOW.fullmatch(before):
        return _flow(match[1], known)
    lines = text.split("\n")
    body = _body(lines)
    if start <= body and (word := _MAGIC_WORD.fullmatch(before)):
        return word[1], [Candidate(f"%%{kind}", "magic", _ABOUT[kind]) for kind in KINDS]
    if start <= body and (match := _MAGIC.fullmatch(before)):
        return _argument(cast(Kind, match[1]), match[2], _given(text, cursor), known)
    if body < len(lines) and lines[body].lstrip().startswith("%%"):
        # Another cell magic (``%%time``) may stand above the comments.
        body += 1 + head(lines[body + 1 :])
    return _comment(text, cursor, before, known) if start < body else _NOTHING


def _line_before(text: str, cursor: int) -> tuple[int, str]:
    """Where the cursor's line begins, continuation lines joined, and what stands before it."""
    *above, last = text[:cursor].split("\n")
    start = len(above)
    while start and without_note(above[start - 1]).endswith("\\"):
        start -= 1
    joined = [without_note(line).removesuffix("\\") for line in above[start:]]
    return start, " ".join([*joined, last])


def _body(lines: Sequence[str]) -> int:
    """The first line below the cell's marks and comments."""
    found = find(Cell("", 0, "code", "\n".join(lines)))
    after = max(found.lines, default=-1) + 1
    return after + head(lines[after:])


def _given(text: str, cursor: int) -> list[str]:
    """The options that the cell has already, besides the one that is being typed."""
    lead, _ = _parted(text[:cursor])
    rest = lead + re.sub(r"\A\S*", "", text[cursor:])
    return [given.name for given in find(Cell("", 0, "code", rest)).given]


def _argument(kind: Kind, text: str, given: Sequence[str], known: Known) -> _Found:
    """Behind the word for a kind of cell: a foreach's clause, and options."""
    if not _is_closed(text):
        return _NOTHING
    lead, token = _parted(text)
    if kind != "foreach":
        return _option(kind, lead, token, given, known)
    said, options = clause.split(lead)
    if options or ((not token or token.startswith("-")) and clause.why_not(said) is None):
        return _option(kind, options, token, given, known)
    return _clause(text, known)


def _parted(text: str) -> tuple[str, str]:
    """The text up to its last word, and that word: an empty one behind a blank."""
    lead = re.sub(r"\S*\Z", "", text)
    return lead, text[len(lead) :]


def _is_closed(text: str) -> bool:
    """Whether the end stands outside quotes and notes."""
    if len(without_note(text)) < len(text.rstrip()):
        return False
    try:
        shlex.split(text)
    except ValueError:
        return False
    return True


def _clause(text: str, known: Known) -> _Found:
    name = _NAME.search(text)
    words = re.findall(r"\b(?:for|in)\b", text[: name.start()] if name else "")
    if name is None or words[-1:] != ["in"]:
        return _NOTHING  # an attribute, or a name that the clause is to bind
    return name[0], _names(known.variables, "variable")


def _option(kind: Kind, text: str, token: str, given: Sequence[str], known: Known) -> _Found:
    """An option or its value, behind a text of others."""
    rows = [
        Candidate(f"--{option.name}", "option", _about(option))
        for option in OPTIONS.values()
        if kind in option.kinds and option.name not in given
    ]
    if match := _OPTION_WITH_VALUE.fullmatch(token):
        option = OPTIONS.get(match[1])
        return _value(option, match[2], (), known) if option else _NOTHING
    if token.startswith("-"):
        return token, rows
    option, values = _pending(shlex.split(text))
    if option is None:
        return ("", rows) if not token else _NOTHING
    typed, found = _value(option, token, values, known)
    return typed, [*found, *(rows if values and not token else [])]


def _pending(words: Iterable[str]) -> tuple[Option | None, tuple[str, ...]]:
    """The option that still takes a value, and the values that it has."""
    option: Option | None = None
    values: list[str] = []
    for word in words:
        if word.startswith("-"):
            name, equals, value = word.lstrip("-").partition("=")
            option, values = OPTIONS.get(name), [value] if equals else []
        else:
            values.append(word)
        if option and not option.many and (values or not option.metavar):
            option = None
    return option, tuple(values)


def _value(option: Option, typed: str, values: Sequence[str], known: Known) -> _Found:
    match option.metavar:
        case "NAMES" | "STEPS":
            *listed, word = typed.split(",")
            taken = {name for value in (*values, *listed) for name in value.split(",")}
            steps = option.metavar == "STEPS"
            names = _names(known.steps, "step") if steps else _names(known.variables, "variable")
            return word, [one for one in names if one.text not in taken]
        case choices if "|" in choices:
            return typed, [Candidate(each, "value") for each in choices.split("|")]
    return _NOTHING


def _comment(text: str, cursor: int, before: str, known: Known) -> _Found:
    """In a line ``#| key: value``."""
    marks = find(Cell("", 0, "code", text)).marks
    kind = marks[0].kind if marks else None
    given = _given(text, cursor)
    if match := _KEY.fullmatch(before):
        keys = [] if kind else [Candidate(_keyed(k), "key", _ABOUT[k]) for k in KINDS]
        keys += [
            Candidate(f"{option.name}: " if option.metavar else option.name, "key", option.help)
            for option in OPTIONS.values()
            if kind in option.kinds and option.name not in given
        ]
        return match[1], keys
    if match := _KEYED.fullmatch(before):
        key, value = match[1].lower(), match[2]
        if key in KINDS:
            return _argument(cast(Kind, key), value, given, known)
        option = OPTIONS.get(key)
        if option is not None and _is_closed(value):
            *values, typed = re.split(r"[\s,\[]+", value)
            return _value(option, typed, values, known)
    return _NOTHING


def _keyed(kind: Kind) -> str:
    return f"{kind}: " if kind in ("step", "foreach") else kind


def _flow(text: str, known: Known) -> _Found:
    """Behind ``%flow``: a sub-command, then what its usage names."""
    if not _is_closed(text):
        return _NOTHING
    lead, token = _parted(text)
    words = lead.split()
    if not words:
        return token, [Candidate(one.name, "command", one.help) for one in known.commands]
    command = next((one for one in known.commands if one.name == words[0]), None)
    if command is None:
        return _NOTHING
    options = [Candidate(each, "option") for each in command.options if each not in words]
    named = [word for word in words[1:] if not word.startswith("-")]
    steps = _names(known.steps, "step") if command.takes_steps(len(named)) else []
    return token, [*(one for one in steps if one.text not in named), *options]


def _names(names: Iterable[str], sort: Sort) -> list[Candidate]:
    return [Candidate(name, sort) for name in names]


def _about(option: Option) -> str:
    return f"{option.metavar}: {option.help}" if option.metavar else option.help
