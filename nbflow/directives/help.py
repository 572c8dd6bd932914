"""Help for marks and for ``%flow``, as a docstring and as markdown, from the parser's own table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from nbflow.directives.command import Command
from nbflow.directives.marks import KINDS
from nbflow.directives.options import OPTIONS, Option, usage
from nbflow.records.directive import Kind

_WIDTH = 78
#: A longer usage has its help below it.
_USAGE = 28


class _Story(msgspec.Struct, frozen=True):
    """What a kind of cell is, in words."""

    #: What stands behind the word for it.
    argument: str
    about: str
    example: str


_STORIES: Mapping[Kind, _Story] = {
    "step": _Story(
        "[NAME]",
        "The cell is a step: it runs in a process of its own with the data that it reads, and its "
        "result is kept until something that it depends on has changed. Left out, NAME is the "
        "first name that the cell binds.",
        "%%step load --seed 7\nimport numpy as np\ndata = np.random.normal(size=1000)",
    ),
    "foreach": _Story(
        "CLAUSE",
        "The cell is a step that runs once for each item, in parallel, each with a cache entry of "
        "its own. CLAUSE is what stands after `for` in a comprehension, with any further `for` and "
        "`if`. Below, each name that the cell binds is a list, in the order of iteration.",
        "%%foreach chunk in np.array_split(data, cores) --name means --max-parallel 4\n"
        "mean = chunk.mean()",
    ),
    "parameters": _Story(
        "",
        "The cell binds the flow's parameters to their defaults; a run can give others "
        "(`nbflow run notebook.ipynb -p cores 4`). A type behind the name is checked.",
        "%%parameters\ncores: int = 2",
    ),
    "setup": _Story(
        "",
        "The cell runs before every task, and counts for every step: for imports and for "
        "configuration that holds for the whole flow.",
        "%%setup\nimport pandas as pd\npd.set_option('display.precision', 3)",
    ),
}


def docstring(kind: Kind) -> str:
    """What ``%%step?`` shows: usage, what it does, an example, and every option.

    >>> docstring("setup").splitlines()[0]
    '%%setup'
    """
    story = _STORIES[kind]
    parts = [_usage(kind), _filled(story.about), f"Example:\n\n{_set_in(story.example)}"]
    if options := _options(kind):
        parts.append(f"Options:\n\n{_listed([(usage(each), each.help) for each in options])}")
        if any(option.many for option in options):
            parts.append(_filled(_several(options)))
    return "\n\n".join(parts) + "\n"


def flow_docstring(commands: Iterable[Command]) -> str:
    """What ``%flow?`` shows: every sub-command."""
    listed = _listed([(f"%flow {one.usage}".rstrip(), one.help) for one in commands])
    return f"%flow [COMMAND]\n\nWithout a command it shows the status.\n\n{listed}\n"


def reference(commands: Sequence[Command] = ()) -> str:
    """The reference of marks, options and sub-commands, as markdown."""
    parts = [
        "# Reference",
        "Written by `make docs` from the tables that the parser reads: change those, not this "
        "page.\nWhat the marks and names mean stands [in the guide](index.md).",
        "## Marks",
        *(part for kind in KINDS for part in _section(kind)),
        "## Options",
        "Behind the magic as in the first column, below a `#|` mark line by line as in the second, "
        'in a\ncell\'s metadata by name (`{"nbflow": {"step": "load", "cpus": 2}}`).',
        _markdown(
            ("magic", "comment", "of", "what it does"),
            [
                (_code(usage(each)), _code(_commented(each)), " or ".join(each.kinds), each.help)
                for each in OPTIONS.values()
            ],
        ),
        _several(list(OPTIONS.values())),
        "Quotes, line continuations (`\\`) and notes (`# …`) work as in a shell; names are parted "
        "by blanks or\ncommas. Nothing in these lines is expanded: `$x` and `{x}` stay what they "
        "are.",
    ]
    if commands:
        rows = [(_code(f"%flow {one.usage}".rstrip()), one.help) for one in commands]
        parts += [
            "## `%flow`",
            "A line magic of the running notebook; without a command it shows the status.",
            _markdown(("command", "what it does"), rows),
        ]
    return "\n\n".join(parts) + "\n"


def _section(kind: Kind) -> list[str]:
    story = _STORIES[kind]
    return [
        f"### `{_usage(kind)}`",
        textwrap.fill(story.about, 104, break_on_hyphens=False),
        f"```python\n{story.example}\n```",
    ]


def _usage(kind: Kind) -> str:
    options = "[options]" if _options(kind) else ""
    return " ".join(filter(None, (f"%%{kind}", _STORIES[kind].argument, options)))


def _options(kind: Kind) -> list[Option]:
    return [option for option in OPTIONS.values() if kind in option.kinds]


def _several(options: Iterable[Option]) -> str:
    *names, last = (f"`--{option.name}`" for option in options if option.many)
    return f"{', '.join(names)} and {last} take several values, and may be given several times."


def _commented(option: Option) -> str:
    return f"#| {option.name}: {option.metavar}" if option.metavar else f"#| {option.name}"


def _filled(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_on_hyphens=False)


def _set_in(text: str) -> str:
    return textwrap.indent(text, "    ")


def _listed(rows: Sequence[tuple[str, str]]) -> str:
    """Each row in two columns, the second one wrapped."""
    fitting = [len(left) for left, _ in rows if len(left) <= _USAGE]
    wide = max(fitting, default=0) + 2
    return "\n".join(line for left, right in rows for line in _row(left, right, wide))


def _row(left: str, right: str, wide: int) -> Iterator[str]:
    beside = f"    {left:{wide}}"
    below = " " * (wide + 4)
    if len(beside) > len(below):
        yield from textwrap.wrap(
            left, _WIDTH, initial_indent="    ", subsequent_indent=" " * 8, break_on_hyphens=False
        )
        beside = below
    yield textwrap.fill(
        right, _WIDTH, initial_indent=beside, subsequent_indent=below, break_on_hyphens=False
    )


def _markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    # A stroke would end the cell of a table even in code.
    lines = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *lines))


def _code(text: str) -> str:
    return f"`{text}`"
