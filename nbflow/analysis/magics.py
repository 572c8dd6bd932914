"""IPython's magics: which run Python, configure, bind names, or hide what they do."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise

import msgspec

#: Process-wide configuration: an ordinary cell that has them configures every task.
CONFIGURATION = frozenset(
    {
        *("%matplotlib", "%config", "%load_ext", "%reload_ext", "%autoreload", "%aimport"),
        *("%precision", "%pprint", "%env", "%set_env", "%cd", "%alias", "%unalias", "%alias_magic"),
    }
)

#: Modules that some of them import.
IMPORTS = {"%matplotlib": ("matplotlib.pyplot", "matplotlib_inline.backend_inline")}

#: Magics that give no value, so that ``_`` stays what it was.
SILENT = frozenset(
    {
        *("%matplotlib", "%config", "%load_ext", "%reload_ext", "%unload_ext", "%autoreload"),
        *("%aimport", "%flow"),
    }
)

#: Magics that run the Python in their line or cell, with the options that take a value.
_RUN = {"time": "", "prun": "lsDT", "memit": "rti", "mprun": "fT", "lprun": "fmsTDu"}
#: The same, but names bound there stay inside.
_RUN_APART = {"timeit": "nrp"}
_RUN_CELLS = {"capture": ""}

#: Magics that look at an object: ``obj?`` becomes ``%pinfo obj``.
LOOKS = frozenset({"%pinfo", "%pinfo2", "%pdef", "%pdoc", "%pfile", "%psource"})

#: Cell magics that hand their text to another program; ``--out`` and ``--err`` bind names.
_SCRIPTS = frozenset(
    {
        *("%%bash", "%%sh", "%%script", "%%perl", "%%ruby", "%%cmd", "%%pypy"),
        *("%%python", "%%python2", "%%python3"),
    }
)

#: Magics that may make an import succeed.
INSTALLERS = frozenset({"!", "%pip", "%conda", "%mamba", "%micromamba", "%uv"})

#: Magics that change no name.
_HARMLESS = frozenset(
    {
        *_SCRIPTS,
        *INSTALLERS,
        *("%%html", "%%HTML", "%%svg", "%%SVG", "%%latex", "%%markdown", "%%javascript"),
        *("%%js", "%%writefile", "%%file", "%%system", "%%sx", "%%!"),
        *("%system", "%sx", "%sc", "%pwd"),
        *("%ls", "%ll", "%lf", "%lk", "%ldir", "%lx", "%cat", "%less", "%more", "%man"),
        *("%cp", "%mv", "%rm", "%mkdir", "%rmdir", "%pushd", "%popd", "%dirs", "%dhist"),
        # `%load` only puts text where a user would go on typing.
        *("%load", "%lsmagic", "%magic", "%quickref"),
        *("%psearch", "%page", "%pycat", "%pfile", "%tb", "%xmode", "%colors", "%pdb"),
        *("%debug", "%rehashx", "%bookmark", "%autosave", "%notebook"),
        *("%automagic", "%autocall", "%autoawait", "%doctest_mode", "%gui", "%logstart"),
        *(
            "%logstop",
            "%logon",
            "%logoff",
            "%flow",
            "%unload_ext",
            "%connect_info",
            "%qtconsole",
            "%subplots",
        ),
    }
)

#: Those that tell of the modules that are imported, with the options for it.
_TELLING = {"%watermark": ("-iv", "--iversions", "-a")}

#: Magics that tell of all names there are, or of what other cells did.
_ASKING = frozenset({"%who", "%who_ls", "%whos", "%history", "%hist", "%save"})

#: IPython's line magics and aliases that need no ``%`` where they stand alone in a cell.
_AUTOMATIC = frozenset(
    {
        name[1:]
        for name in (*_HARMLESS, *CONFIGURATION, *LOOKS, *_ASKING)
        if re.fullmatch(r"%\w+", name)
    }
    | _RUN.keys()
    | _RUN_APART.keys()
    | {"run", "pylab", "reset", "reset_selective", "xdel", "clear", "edit", "macro"}
)
#: Where it assigns, it is Python, whatever the name.
_COMMAND = re.compile(r"\s*(?P<name>[a-z]\w*)(?:[ \t]+(?![=,])[^\n]*)?\s*\Z")

_OPTION = re.compile(r"\s*--?(?P<name>[A-Za-z][\w-]*)")


class Code(msgspec.Struct, frozen=True):
    """The Python that a magic runs."""

    text: str
    #: What stands in front of it.
    options: str
    #: ``%%timeit SETUP``: runs first, also apart.
    setup: str
    #: How many lines it begins below the magic.
    below: int


def python_of(name: str, line: str, text: str) -> Code | None:
    """The Python that a magic runs; None when it runs none."""
    bare = name.lstrip("%")
    if name.startswith("%%"):
        valued = (_RUN | _RUN_APART | _RUN_CELLS).get(bare)
        if valued is None:
            return None
        setup = _without_options(line, valued) if bare in _RUN_APART else ""
        return Code(text, line, setup, below=1)
    valued = (_RUN | _RUN_APART).get(bare)
    if valued is None:
        return None
    statement = _without_options(line, valued)
    return Code(statement, line.removesuffix(statement).strip(), "", below=0)


def is_command(text: str) -> bool:
    """Whether IPython takes a cell for a magic though no ``%`` is in front, unless it is bound."""
    command = _COMMAND.match(text)
    return command is not None and command["name"] in _AUTOMATIC


def binds(name: str) -> bool:
    """Whether names bound by the Python that a magic runs stay bound."""
    return name.lstrip("%") not in _RUN_APART


def targets_of(name: str, line: str) -> list[str]:
    """The names that a magic's own options bind."""
    if name not in _SCRIPTS and name not in {"%%capture", "%%R", "%R"}:
        return []
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    if name == "%%capture":
        return [word for word in words if not word.startswith("-")][:1]
    wanted = {"-o", "--output"} if name.endswith("R") else {"--out", "--err"}
    return [
        target
        for option, value in pairwise(words)
        if option in wanted
        for target in value.split(",")
    ] + [word.split("=", 1)[1] for word in words if word.startswith(("--out=", "--err="))]


def tells_imports(name: str, line: str) -> bool:
    """Whether a magic tells of the modules that cells above have imported.

    >>> tells_imports("%watermark", "-v -iv")
    True
    """
    return not set(line.split()).isdisjoint(_TELLING.get(name, ()))


def is_hidden(name: str) -> bool:
    """Whether a magic may read and bind names that its text does not show."""
    known = name in CONFIGURATION or name in LOOKS or name in _HARMLESS or name in _TELLING
    return not known and name.lstrip("%") not in (_RUN | _RUN_APART | _RUN_CELLS)


def _without_options(line: str, valued: str) -> str:
    """The statement behind options; ``valued`` are the letters of those that take a value."""
    rest = line
    while option := _OPTION.match(rest):
        rest = rest[option.end() :]
        if len(option["name"]) == 1 and option["name"] in valued:
            rest = re.sub(r"\A\s*\S+", "", rest)
    return rest.strip()
