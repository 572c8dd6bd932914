"""Names for steps: after what they give, else after the heading above, else after what they do."""

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
_STOP = frozenset({"the", "a", "an", "of", "and", "to", "in", "for", "with", "on", "our", "your"})


def name_of(code: CodeCell, taken: set[str], imported: Collection[str] = ()) -> str:
    """A name for a step that no other step has.

    Parameters
    ----------
    imported
        Names of modules and what comes from them: to draw random numbers gives no `np`.
    """
    entries, lesser = _entries(code), _lesser(code)
    outputs = [name for name in _outputs(code, lesser) if name[0] != "_" and name not in imported]
    better = [name for name in outputs if name not in lesser] or outputs
    new = next((name for name in (*better, *entries) if name not in taken), "")
    heading = slug(code.heading)
    for candidate in (new, heading, _called(code)):
        if candidate and candidate not in taken:
            return candidate
    known = (*outputs, heading, _called(code), f"cell_{code.cell.number}")
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


def _called(code: CodeCell) -> str:
    """The last word of the first function or method that it calls; who prints makes a report."""
    for statement in parse(code.body).statements:
        for node in nodes_of(statement):
            if isinstance(node, ast.Call):
                word = slug(ast.unparse(node.func).rpartition(".")[2].replace("_", " "))
                if (word and word not in dir(builtins)) or word in ("print", "display"):
                    return "report" if word in ("print", "display") else word
    return ""
