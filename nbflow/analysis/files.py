"""Which files a body seems to read and to write, by the texts in it that look like paths.

What is missed here is found when the task runs; what is claimed wrongly costs parallelism.
"""

from __future__ import annotations

import ast
import posixpath
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

import msgspec

from nbflow.analysis.nodes import nodes_of
from nbflow.analysis.syntax import Magic

#: What a call does with the file of one of its arguments: ``replace`` does not look at it before;
#: a ``directory`` is made, one that is ``emptied`` can be removed.
_Use: TypeAlias = Literal["read", "replace", "change", "directory", "emptied"]

#: What calls, by their last name, do with the file that their first argument names.
_FIRST: Mapping[str, _Use] = {
    **dict.fromkeys(
        [
            *("to_csv", "to_json", "to_parquet", "to_excel", "to_pickle", "to_feather", "to_html"),
            *("to_latex", "to_markdown", "to_stata", "to_orc", "to_xml", "to_netcdf", "to_file"),
            *("savefig", "save", "savez", "savez_compressed", "savetxt", "tofile", "imsave"),
            *("write_csv", "write_parquet", "write_json", "write_ndjson", "write_ipc"),
            *("write_excel", "write_avro", "write_html", "write_image", "imwrite", "write_file"),
            *("sink_csv", "sink_parquet", "sink_ipc", "ExcelWriter", "save_model"),
        ],
        "replace",
    ),
    **dict.fromkeys(["to_hdf", "connect", "touch", "remove", "unlink", "rmtree"], "change"),
    **dict.fromkeys(["move", "rename", "replace"], "change"),
    **dict.fromkeys(["mkdir", "makedirs"], "directory"),
    **dict.fromkeys(["rmdir", "removedirs"], "emptied"),
    **dict.fromkeys(
        [
            *("listdir", "scandir", "walk", "iglob", "glob", "exists", "isfile", "isdir"),
            *("getsize", "getmtime", "stat", "load", "loadtxt", "genfromtxt", "imread"),
            *("copy", "copy2", "copyfile", "chdir"),
        ],
        "read",
    ),
}
#: The same of their second argument.
_SECOND: Mapping[str, _Use] = dict.fromkeys(
    [
        *("copy", "copy2", "copyfile", "move", "rename", "replace"),
        *("write_table", "dump", "urlretrieve", "symlink", "link"),
    ],
    "replace",
)
#: Methods of a path that use the file itself.
_METHODS: Mapping[str, _Use] = {
    **dict.fromkeys(["write_text", "write_bytes", "symlink_to", "hardlink_to"], "replace"),
    **dict.fromkeys(["touch", "unlink", "rename", "replace"], "change"),
    "mkdir": "directory",
    "rmdir": "emptied",
}
_KEYWORDS = frozenset(
    {"path", "path_or_buf", "fname", "filename", "filepath", "excel_writer", "fp", "file", "buf"}
)
#: What ``write`` of a tree of lxml is given, and hardly ever that of a file.
_MARKUP = re.compile(r"[^\s<>]+\.(?:xml|html?|xhtml|svg|kml|gpx|rdf)")
#: Functions that open a path by a mode.
_OPENING = frozenset({"open", "File", "ZipFile", "Dataset"})
_LOOK = re.compile(r"(?=[^\s]*[./])(?![\d.]+\Z)(?!\w+://)[^\s\"'<>|]{1,199}")
_REDIRECTED = re.compile(r"(?<![<&\d])(>>?)\s*([^\s&|;<>()]+)")
_WORD = re.compile(r"[^\s&|;<>()\"'=]+")
#: Cell magics that write their text to a file.
_WRITE_CELL = frozenset({"%%writefile", "%%file"})


class Paths(msgspec.Struct, frozen=True):
    """Paths as they are written in a source."""

    #: Those it may look at; of a directory whose entries are wanted, with a slash at the end.
    read: frozenset[str]
    #: Those that it writes, makes, moves or removes.
    written: frozenset[str]
    #: Variables that hold such paths.
    by_name: frozenset[str]


def paths_in(statements: Iterable[ast.stmt]) -> Paths:
    """What these statements seem to do with files, their functions included."""
    nodes = [node for statement in statements for node in nodes_of(statement)]
    found = _Found(_constants(nodes))
    for node in nodes:
        match node:
            case ast.Call():
                found.call(node)
            case Magic(name=name, line=line, text=text):
                found.magic(name, line, text)
            case ast.Import(names=aliases):
                for alias in aliases:
                    found.module(alias.name)
            case ast.ImportFrom(module=str() as module, level=0):
                found.module(module)
    for node in nodes:
        if isinstance(node, ast.expr) and id(node) not in found.told:
            path = found.path(node)
            if path is not None:
                # The parts of a path are no paths; a walk meets the whole first.
                found.told |= {id(part) for part in nodes_of(node)}
                if _LOOK.fullmatch(path):
                    found.read.add(_as_read(path))
    return Paths(frozenset(found.read), frozenset(found.written), frozenset(found.by_name))


class _Found:
    """Takes in what calls do with files."""

    def __init__(self, constants: Mapping[str, str]) -> None:
        self._constants = constants
        self.read: set[str] = set()
        self.written: set[str] = set()
        self.by_name: set[str] = set()
        #: Nodes of paths that are written without being looked at.
        self.told: set[int] = set()

    def path(self, node: ast.AST | None) -> str | None:
        """The path that an expression surely is."""
        match node:
            case ast.Constant(value=str() as text):
                return text
            case ast.Name(id=name):
                return self._constants.get(name)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return _joined([self.path(left), self.path(right)])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                first, second = self.path(left), self.path(right)
                return None if first is None or second is None else first + second
            case ast.Call(func=function, args=[_, *_] as arguments):
                if _name(function) in ("Path", "PurePath", "PosixPath", "join"):
                    return _joined([self.path(argument) for argument in arguments])
        return None

    def call(self, node: ast.Call) -> None:
        name = _name(node.func)
        holder = node.func.value if isinstance(node.func, ast.Attribute) else None
        of_path = isinstance(holder, ast.Call | ast.BinOp | ast.Name) and self.path(holder)
        if of_path and name in _METHODS:
            self._use(holder, _METHODS[name])
            if name in ("rename", "replace") and node.args:
                self._use(node.args[0], "replace")
        elif name in _OPENING:
            modes = node.args[0:1] if of_path else node.args[1:2]
            modes += [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
            mode = self.path(modes[0]) if modes else None
            self._use(holder if of_path else next(iter(node.args), None), _use_of(mode))
        else:
            # ``torch.save`` takes its path second.
            swapped = name == "save" and isinstance(holder, ast.Name) and holder.id == "torch"
            if name == "write" and _MARKUP.fullmatch(self.path(self._argument(node, 0)) or ""):
                self._use(self._argument(node, 0), "replace")
            if name in _FIRST:
                self._use(self._argument(node, int(swapped)), _FIRST[name])
            if name in _SECOND:
                self._use(self._argument(node, 1), _SECOND[name])

    def _argument(self, node: ast.Call, place: int) -> ast.expr | None:
        if place < len(node.args):
            return node.args[place]
        named = [keyword.value for keyword in node.keywords if keyword.arg in _KEYWORDS]
        return named[0] if named and place == 0 else None

    def module(self, name: str) -> None:
        """A module is imported, which a cell above may have written."""
        path = name.replace(".", "/")
        if name.partition(".")[0] not in sys.stdlib_module_names:
            self.read |= {f"{path}.py", f"{path}/__init__.py"}

    def magic(self, name: str, line: str, text: str) -> None:
        if name in _WRITE_CELL:
            words = [word for word in line.split() if not word.startswith("-")]
            self.written.update(words[-1:])
            if "-a" in line.split():
                self.read.update(words[-1:])
        elif name == "%cd":
            self.read.add(line.strip())
        elif name == "!" or name.lstrip("%") in ("bash", "sh", "mkdir", "rm", "mv", "cp", "cat"):
            shell = f"{line}\n{text}" if name.startswith(("!", "%%")) else f"{name[1:]} {line}"
            self._shell(shell)

    def _shell(self, text: str) -> None:
        for arrow, path in _REDIRECTED.findall(text):
            self.written.add(path.strip("\"'"))
            if arrow == ">>":
                self.read.add(path.strip("\"'"))
        for command in re.split(r"[\n;|&]+", _REDIRECTED.sub(" ", text)):
            match _WORD.findall(command):
                case ["mkdir" | "rmdir" as what, *words]:
                    folders = {f"{word.rstrip('/')}/" for word in words if word[0] != "-"}
                    self.written |= folders
                    self.read |= folders if what == "rmdir" else set()
                case ["rm" | "touch" | "mv" | "cp" | "unzip" | "tar" | "wget" | "curl", *words]:
                    paths = {word for word in words if word[0] != "-" and "://" not in word}
                    self.written |= paths
                    self.read |= paths
                case words:
                    self.read |= {word for word in words if _LOOK.fullmatch(word)}

    def _use(self, node: ast.expr | None, use: _Use) -> None:
        path = self.path(node)
        if use != "read":
            if isinstance(node, ast.Name) and path is None:
                self.by_name.add(node.id)
            elif path and len(path) < 200 and "\n" not in path and "://" not in path:
                folder = f"{path.rstrip('/')}/"
                self.written.add(folder if use in ("directory", "emptied") else path)
                if use == "emptied":
                    self.read.add(folder)
        if path and use in ("read", "change") and len(path) < 200 and "\n" not in path:
            self.read.add(_as_read(path))
        if node is not None and use in ("replace", "directory", "emptied"):
            self.told |= {id(each) for each in nodes_of(node)}


def _use_of(mode: str | None) -> _Use:
    if mode is None or not set(mode) & set("wax+"):
        return "read"
    return "change" if set(mode) & set("a+") else "replace"


def _as_read(path: str) -> str:
    """A pattern reads the directory whose entries it is compared with."""
    if "*" not in path:
        return path
    return (posixpath.dirname(path[: path.index("*")]) or ".") + "/"


def _joined(parts: list[str | None]) -> str | None:
    known = [part for part in parts if part is not None]
    return posixpath.join(*known) if len(known) == len(parts) else None


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _constants(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Variables that are bound once, to a path."""
    bound: dict[str, list[ast.expr]] = {}
    stored: dict[str, int] = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                bound.setdefault(name, []).append(value)
            case ast.Name(id=name, ctx=ast.Store()):
                stored[name] = stored.get(name, 0) + 1
    found: dict[str, str] = {}
    for name, values in bound.items():
        path = _Found(found).path(values[0])
        if stored[name] == 1 and path is not None:
            found[name] = path
    return found
