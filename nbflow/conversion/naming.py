"""Names for steps: after what they give, else after what people say of them, else what they do."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection

from nbflow.analysis.nodes import nodes_of
from nbflow.analysis.syntax import parse
from nbflow.steps import INTERACTIVE_NAMES, CodeCell

#: Of a heading, so many words make a name.
_WORDS = 3
_STOP = frozenset(
    {
        *("the", "a", "an", "of", "and", "to", "in", "for", "with", "on", "our", "your", "at"),
        *("is", "are", "be", "as", "by", "from", "it", "its", "that", "this", "we", "i", "you"),
        *("let", "us", "s", "out", "how", "what", "much", "many", "here", "now", "can", "will"),
    }
)
#: A comment of more words explains something, and a name that goes on longer is none.
_SAID, _LONGEST = 12, 30
#: Calls that say what kind of value there is, and not what is done.
_MAKERS = frozenset({"array", "asarray", "series", "dataframe", "copy", "figure", "show", "append"})


def name_of(code: CodeCell, taken: set[str], defined: Collection[str] = (), title: str = "") -> str:
    """A name for a step that no other step has.

    Parameters
    ----------
    defined
        Names of modules, functions and classes: to draw random numbers gives no `np`.
    title
        The notebook's own heading, which says nothing of a step.
    """
    entries, lesser = _entries(code), _lesser(code)
    outputs = [name for name in _outputs(code, lesser) if name[0] != "_" and name not in defined]
    better = [name for name in outputs if name not in lesser] or outputs
    heading = "" if code.heading == title else slug(code.heading)
    called, said = _called(code), _said(code)
    seen = next((f"{called}_{name}" for name in _read(code, defined) if called), "")
    for candidate in (*better, *entries, said, heading, called, seen):
        if candidate and candidate not in taken and len(candidate) <= _LONGEST:
            return candidate
    known = (*outputs, said, called, heading, f"cell_{code.cell.number}")
    return free(next(filter(None, known)), taken)


def free(name: str, taken: set[str]) -> str:
    """The name, or the same with the lowest number that makes it free."""
    count, candidate = 2, name
    while candidate in taken:
        candidate, count = f"{name}_{count}", count + 1
    return candidate


def slug(text: str) -> str:
    """A text as an identifier of few words; empty when nothing of it can be one.

    >>> slug("2.1 Training the *model*!")
    'training_model'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"\(https?[^)]*\)|<[^>]*>", " ", plain)
    words = [word for word in re.findall(r"[a-z][a-z0-9]*", plain) if word not in _STOP]
    name = "_".join(words[:_WORDS])
    return "" if keyword.iskeyword(name) else name


def _outputs(code: CodeCell, lesser: Collection[str]) -> list[str]:
    facts = code.facts
    defined = code.defined() - {
        name for d in facts.definitions if d.kind == "constant" for name in d.names
    }
    names = dict.fromkeys((*facts.binds, *facts.may_bind, *facts.mutates))
    found = [name for name in names if name not in defined and name not in INTERACTIVE_NAMES]
    return sorted(found, key=lambda name: name in lesser)


def _lesser(code: CodeCell) -> set[str]:
    """Constants and counters, of which what is computed with them says more."""
    names = {name for definition in code.facts.definitions for name in definition.names}
    for statement in parse(code.body).statements:
        if isinstance(statement, ast.For):
            names |= {node.id for node in nodes_of(statement.target) if isinstance(node, ast.Name)}
    return names


def _entries(code: CodeCell) -> list[str]:
    """The columns, and other entries under a text, that it sets."""
    found: list[str] = []
    for statement in parse(code.body).statements:
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            match target:
                case ast.Subscript(value=ast.Name(), slice=ast.Constant(value=str(key))):
                    found.append("_".join(re.findall(r"[a-z][a-z0-9]*", key.lower())))
    return [name for name in found if name and not keyword.iskeyword(name)]


def _said(code: CodeCell) -> str:
    """What the comment says that a cell begins with, if that is no code and not about imports."""
    statements = parse(code.body).statements
    if not statements or isinstance(statements[0], ast.Import | ast.ImportFrom):
        return ""
    for line in code.body.split("\n")[: statements[0].lineno - 1]:
        if found := re.match(r"#+\s*([A-Za-z][\w\s'(),:/*-]*)[.!?]?\s*$", line):
            return "" if _is_code(found[1]) or len(found[1].split()) > _SAID else slug(found[1])
    return ""


def _is_code(text: str) -> bool:
    """Whether a comment is a line that was taken out of use."""
    try:
        nodes = ast.walk(ast.parse(text.strip()))
    except (SyntaxError, ValueError):
        return text.rstrip().endswith(":")
    plain = ast.Module | ast.Expr | ast.Name | ast.Tuple | ast.expr_context
    return any(not isinstance(node, plain) for node in nodes)


def _read(code: CodeCell, defined: Collection[str]) -> list[str]:
    """The data that it reads."""
    names = [name for name in code.facts.reads if name not in defined and name[0] != "_"]
    return [name for name in names if not hasattr(builtins, name)]


def _called(code: CodeCell) -> str:
    """The last word of the first function or method that it calls; who prints makes a report."""
    for statement in parse(code.body).statements:
        for node in nodes_of(statement):
            if isinstance(node, ast.Call):
                word = slug(ast.unparse(node.func).rpartition(".")[2].replace("_", " "))
                known = word in _MAKERS or word in dir(builtins)
                if (word and not known) or word in ("print", "display"):
                    return "report" if word in ("print", "display") else word
    return ""
