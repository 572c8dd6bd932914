"""Finds a cell's marks in each of the four spellings, and the options beside them."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast, get_args

import msgspec

from nbflow.directives import clause
from nbflow.directives.options import OPTIONS, Given, close, known
from nbflow.records.directive import Kind, Spelling
from nbflow.records.notebook import Cell
from nbflow.records.problem import Problem

KINDS: tuple[Kind, ...] = get_args(Kind)
_WORDS = "|".join(KINDS)
_MAGIC = re.compile(rf"\s*%%({_WORDS})(?![\w?]|\s*\?+\s*$)(.*)", re.DOTALL)
_OPTION_COMMENT = re.compile(r"\s*#\|\s*([A-Za-z][\w-]*)\s*(?::(.*))?$", re.DOTALL)
#: Most characters of what stands behind a mark: whoever pastes a book there means something else.
_LONGEST = 20_000
_OPTION_WORD = re.compile(r"--?([A-Za-z][\w-]*)(?:=(.*))?", re.DOTALL)


class Mark(msgspec.Struct, frozen=True):
    """One mark: the kind of cell, and what stands behind it."""

    kind: Kind
    spelling: Spelling
    #: A step's name, a foreach's clause; empty when left out.
    argument: str
    #: 1-based line; 0 for tags and metadata.
    line: int


@dataclass(slots=True)
class Found:
    """All that the spellings of one cell say."""

    marks: list[Mark] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    #: 0-based lines of the cell that hold magics, continuation lines included.
    lines: list[int] = field(default_factory=list)


def find(cell: Cell) -> Found:
    """Every mark of the cell, strongest spelling first: magic, comment, tag, metadata."""
    found = Found()
    lines = cell.source.split("\n")
    _magics(lines, found)
    _comments(lines, found)
    _tags(cell.tags, found)
    _metadata(cell.metadata, found)
    return found


def head(lines: Sequence[str]) -> int:
    """How many blank and comment lines the cell begins with."""
    count = 0
    while count < len(lines) and (not lines[count].strip() or lines[count].lstrip()[0] == "#"):
        count += 1
    return count


def _magics(lines: Sequence[str], found: Found) -> None:
    start = head(lines)
    while start < len(lines) and (match := _MAGIC.match(lines[start])):
        kind = cast(Kind, match[1])
        text, after = _logical_line(match[2], lines, start)
        text = _within(text, start + 1, found)
        found.lines.extend(range(start, after))
        argument, options = clause.split(text) if kind == "foreach" else ("", text)
        words = _options(options, start + 1, found)
        argument = _argument(kind, words, start + 1, found) or argument
        found.marks.append(Mark(kind, "magic", argument, start + 1))
        start = after + head(lines[after:])


def _logical_line(text: str, lines: Sequence[str], start: int) -> tuple[str, int]:
    """The text with its continuation lines joined, and the line after them."""
    parts = []
    while True:
        start += 1
        part = without_note(text)
        if not part.endswith("\\") or start >= len(lines):
            parts.append(part.removesuffix("\\"))
            return " ".join(parts).strip(), start
        parts.append(part[:-1])
        text = lines[start]


def without_note(text: str) -> str:
    """The text up to a ``# note``, which starts a word and stands outside quotes."""
    quote = ""
    escaped = False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and (position == 0 or text[position - 1].isspace()):
            return text[:position].rstrip()
    # A quote that never closes is an apostrophe: what follows may still hold a note.
    return (text.split(" #")[0] if quote else text).rstrip()


def _within(text: str, line: int, found: Found) -> str:
    """What stands behind a mark, unless it is too long to be read."""
    if len(text) <= _LONGEST:
        return text
    message = f"what stands behind the mark has {len(text):,} characters"
    remedy = f"Write no more than {_LONGEST:,}."
    found.problems.append(Problem("bad-option", message, remedy, line=line or None))
    return ""


def _words(text: str, line: int, found: Found) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        message = f"a quote is not closed in `{text}`"
        problem = Problem("bad-option", message, "Close the quote.", line=line or None)
        found.problems.append(problem)
        return text.replace("'", " ").replace('"', " ").split()


def _options(text: str, line: int, found: Found) -> list[str]:
    """Read the options in a text, wherever they stand, and give back the words left over."""
    left: list[str] = []
    name, values, takes = "", list[str](), 0
    for word in [*_words(text, line, found), "--"]:
        match = _OPTION_WORD.fullmatch(word)
        if match is None and word != "--":
            (values if len(values) < takes else left).append(word)
            continue
        if name:
            found.given.append(Given(name, tuple(values), line))
        name = ""
        if match is not None:
            name, values = match[1], [match[2]] if match[2] is not None else []
            option = OPTIONS.get(name)
            takes = sys.maxsize if option is None or option.many else 1 if option.metavar else 0
    return left


def _argument(kind: Kind, words: Sequence[str], line: int, found: Found) -> str:
    """The one word a step may have beside its options: its name."""
    allowed = 1 if kind == "step" else 0
    if len(words) > allowed:
        extra = " ".join(words[allowed:])
        if kind == "step":
            message = f"a step takes one name, and `{extra}` is left over"
            remedy = (
                "Write one word, such as `%%step load_data`; names go behind `--in` or `--out`."
            )
        elif kind == "foreach":
            message = f"`{extra}` belongs to no option"
            remedy = "Write an option before it: a foreach's name goes behind `--name`."
        else:
            message = f"a {kind} cell takes no name, and `{extra}` is left over"
            remedy = f"Write `%%{kind}` alone."
        found.problems.append(Problem("bad-name", message, remedy, line=line or None))
    return words[0] if words and allowed else ""


def _comments(lines: Sequence[str], found: Found) -> None:
    given: list[Given] = []
    start = (found.lines[-1] + 1) if found.lines else 0
    body = start + head(lines[start:])
    if body < len(lines) and lines[body].lstrip().startswith("%%"):
        # Another cell magic (``%%time``) may stand above the comments.
        body += 1 + head(lines[body + 1 :])
    for number, line in enumerate(lines[:body], start=1):
        match = _OPTION_COMMENT.match(line)
        if match is None:
            continue
        key, value = match[1].lower(), without_note((match[2] or "").strip())
        if key in KINDS:
            _mark(found, cast(Kind, key), "comment", value, number)
        elif known(key):
            value = _within(value, number, found)
            if value.startswith("[") and value.endswith("]"):
                value = value[1:-1].replace(",", " ")
            given.append(Given(key, tuple(_words(value, number, found)), number))
        elif close(key, OPTIONS, cutoff=0.8):
            # Quarto has options of its own; only a slip of the pen of ours is worth a word.
            given.append(Given(key, (), number))
    found.given.extend(given)


def _mark(found: Found, kind: Kind, spelling: Spelling, value: str, line: int) -> None:
    """Add a mark written as ``key: value``; ``true`` stands for no value, ``false`` for no mark."""
    if value.lower() == "false":
        return
    argument = "" if value.lower() == "true" else _within(value, line, found)
    if len(argument) > 1 and argument[0] == argument[-1] and argument[0] in "'\"":
        argument = argument[1:-1]
    argument, options = clause.split(argument) if kind == "foreach" else ("", argument)
    argument = _argument(kind, _options(options, line, found), line, found) or argument
    found.marks.append(Mark(kind, spelling, argument, line))


def _tags(tags: Sequence[str], found: Found) -> None:
    for position, tag in enumerate(tags):
        word, _, value = tag.partition(":")
        word, value = word.strip(), value.strip()
        if word == "injected-parameters":
            word = "parameters"
        if word in ("parameters", "setup") and value:
            continue
        if word == "foreach":
            value = _rejoined(value, tags[position + 1 :])
        if word in KINDS:
            _mark(found, word, "tag", value, 0)


def _rejoined(text: str, following: Sequence[str]) -> str:
    """The clause of a tag that a tag editor has split at its spaces: the longest that is whole."""
    if clause.why_not(clause.split(text)[0]) is None:
        return text
    for count in range(len(following), 0, -1):
        candidate = " ".join([text, *following[:count]])
        if clause.why_not(candidate) is None:
            return candidate
    return text


def _metadata(metadata: Mapping[str, Any], found: Found) -> None:
    for key, value in metadata.items():
        name = key.replace("_", "-")
        if name not in KINDS:
            if (values := _texts(value)) is not None:
                found.given.append(Given(name, values, 0))
            elif value is not None:
                message = f"`{name}` in the cell's metadata has a value of a wrong type"
                remedy = "Write text, a number, true or false, or a list of texts."
                found.problems.append(Problem("bad-option", message, remedy))
        elif isinstance(value, bool):
            _mark(found, name, "metadata", str(value), 0)
        elif isinstance(value, str):
            _mark(found, name, "metadata", value, 0)
        elif value is not None:
            message = f"`{name}` in the cell's metadata has a value of a wrong type"
            found.problems.append(Problem("bad-option", message, "Write text, or true."))
            _mark(found, name, "metadata", "", 0)


def _texts(value: Any) -> tuple[str, ...] | None:
    """An option's value in the metadata as the words somebody would have typed."""
    match value:
        case bool():
            return (str(value).lower(),)
        case int() | float() | str():
            return (str(value),)
        case Mapping() if all(isinstance(v, str | int | float) for v in value.values()):
            return tuple(f"{key}={v}" for key, v in value.items())
        case list() | tuple() if all(isinstance(v, str | int | float) for v in value):
            return tuple(str(v) for v in value)
        case _:
            return None
