"""A cell's outputs as a reader sees them: what may differ between any two runs is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
_IDS = re.compile(r"\b(sk-[a-z]+-id|T_[0-9a-f]{5}|df-[0-9a-f-]+)(-\d+)?")
_TIMES = re.compile(r"(?m)^(CPU times|Wall time).*")
#: A warning names the file of the code that gave it, another one in each process, and the line,
#: which a mark above it moves.
_WARNING = re.compile(r"(?m)^\S.*:\d+: (\w*Warning):")
#: The compiler warns when it reads a cell, also where that defines something and is not run.
_COMPILER = re.compile(r"(?m)^\S.*:\d+: SyntaxWarning: .*\n?(?:  .*(?:\n|\Z))?")
#: As much of a line as a message shows.
_LONGEST = 60


class Shown(msgspec.Struct, frozen=True):
    """Streams as a whole, since how they mix is chance; values in order."""

    stdout: str = ""
    stderr: str = ""
    #: The data of what was displayed, by its type.
    values: tuple[Mapping[str, Any], ...] = ()
    error: str = ""


def shown(outputs: Iterable[Mapping[str, Any]]) -> Shown:
    """What these outputs (nbformat) show."""
    streams = {"stdout": "", "stderr": ""}
    values: list[Mapping[str, Any]] = []
    error = ""
    for output in outputs:
        match output["output_type"]:
            case "stream":
                streams[output["name"]] += output["text"]
            case "error":
                error = f"{output['ename']}: {output['evalue']}"
            case _:
                values.append({mime: _same(data) for mime, data in output["data"].items()})
    stderr = _COMPILER.sub("", streams["stderr"])
    return Shown(_same(streams["stdout"]), _same(stderr), tuple(values), _same(error))


def difference(before: Shown, after: Shown) -> str:
    """The first thing in which they differ, for people; empty when they are equal."""
    if before.error != after.error:
        if not before.error:
            return f"fails: {_line(after.error)}"
        return f"gives {_line(after.error) or 'no error'} where it gave {_line(before.error)}"
    for name in ("stdout", "stderr"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            return _lines("prints", old, new)
    if len(before.values) != len(after.values):
        return f"shows {_count(after)} where it showed {_count(before)}"
    for old_value, new_value in zip(before.values, after.values, strict=True):
        for mime in dict.fromkeys(("text/plain", *old_value, *new_value)):
            old, new = old_value.get(mime), new_value.get(mime)
            if old != new:
                if mime.startswith("image/"):
                    return "shows another picture"
                return _lines("shows", str(old or ""), str(new or ""))
    return ""


def _same(data: Any) -> Any:
    if not isinstance(data, str):
        return data
    text = _ADDRESS.sub("0x", data.replace("\r\n", "\n"))
    text = _TIMES.sub(r"\1", _IDS.sub("id", text))
    return _WARNING.sub(r"\1:", text)


def _lines(verb: str, old: str, new: str) -> str:
    before, after = old.splitlines() or [""], new.splitlines() or [""]
    longer = max(len(before), len(after))
    for place in range(longer):
        one = before[place] if place < len(before) else ""
        other = after[place] if place < len(after) else ""
        if one != other:
            return f"{verb} {_line(other) or 'nothing'} where it gave {_line(one) or 'nothing'}"
    return f"{verb} other line ends"


def _line(text: str) -> str:
    line = text.strip().partition("\n")[0].replace("`", "'")
    line = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
    return f"`{line}`" if line else ""


def _count(shown: Shown) -> str:
    count = len(shown.values)
    return f"{count or 'no'} value{'' if count == 1 else 's'}"
