"""Small notebooks for tests: written as cells, and turned into what a plain kernel can run."""

from __future__ import annotations

import ast
import re
import symtable
import textwrap
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

MARKS = ("step", "foreach", "parameters", "setup")


def code(source: str, *tags: str, cell_id: str | None = None) -> NotebookNode:
    """An ordinary code cell, or with a tag a marked one."""
    fields = {"id": cell_id} if cell_id else {}
    metadata = {"tags": list(tags)} if tags else {}
    text = textwrap.dedent(source).strip("\n")
    cell: NotebookNode = new_code_cell(text, metadata=metadata, **fields)
    return cell


def step(name: str, source: str, cell_id: str | None = None) -> NotebookNode:
    return code(source, f"step:{name}", cell_id=cell_id)


def foreach(clause: str, source: str, cell_id: str | None = None) -> NotebookNode:
    # In the metadata, for a tag must not contain a comma.
    cell = code(source, cell_id=cell_id)
    cell.metadata["nbflow"] = {"foreach": clause}
    return cell


def parameters(source: str, cell_id: str | None = None) -> NotebookNode:
    return code(source, "parameters", cell_id=cell_id)


def setup(source: str, cell_id: str | None = None) -> NotebookNode:
    return code(source, "setup", cell_id=cell_id)


def notebook(*cells: NotebookNode | str) -> NotebookNode:
    """A notebook of format 4.5; text makes ordinary cells.

    >>> nb = notebook("import math", step("area", "area = math.pi * 2**2"))
    >>> nb.cells[0].id
    'cell-1'
    """
    nodes = [code(cell) if isinstance(cell, str) else nbformat.from_dict(cell) for cell in cells]
    for number, node in enumerate(nodes, 1):
        # The random id that nbformat gives says nothing, and differs from run to run.
        if re.fullmatch("[0-9a-f]{8}", node.id):
            node.id = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document: NotebookNode = new_notebook(cells=nodes, metadata={"kernelspec": kernel})
    nbformat.validate(document)
    return document


def write(document: NotebookNode, path: Path) -> Path:
    path.write_text(nbformat.writes(document), encoding="utf-8")
    return path


def valid(document: NotebookNode) -> NotebookNode:
    """The notebook, if it is one."""
    nbformat.validate(document)
    return document


def read(path: Path) -> NotebookNode:
    document: NotebookNode = nbformat.read(path, as_version=4)
    return document


def plain(document: NotebookNode) -> NotebookNode:
    """The same notebook for a kernel without nbflow: marks go, a foreach becomes a loop."""
    result: NotebookNode = nbformat.from_dict(document)
    for cell in result.cells:
        if cell.cell_type == "code":
            kind, argument, body = mark(cell)
            cell.source = loop(argument, body) if kind == "foreach" else body
    return result


def mark(cell: NotebookNode) -> tuple[str, str, str]:
    """Kind, argument and body of a marked cell; of an ordinary one ``("", "", source)``."""
    for tag in cell.metadata.get("tags", ()):
        kind, _, argument = tag.partition(":")
        if kind in MARKS:
            return kind, argument.strip(), cell.source
    if clause := cell.metadata.get("nbflow", {}).get("foreach"):
        return "foreach", clause, cell.source
    first, _, rest = cell.source.partition("\n")
    if first.startswith("%%") and first[2:].split()[0] in MARKS:
        kind, _, argument = first[2:].partition(" ")
        return kind, argument.strip(), "\n" + rest  # an empty line, so that lines keep numbers
    return "", "", cell.source


def loop(clause: str, body: str) -> str:
    """What a foreach means: each name that the body assigns becomes the list of its values."""
    listed = ast.parse(f"[None for {clause}]", mode="eval").body
    assert isinstance(listed, ast.ListComp)
    targets = ", ".join(f"({ast.unparse(part.target)})" for part in listed.generators)
    names = assigned(body)
    lines = [
        "_splits = []",
        f"for _item in [({targets}) for {clause}]:",
        f"    {targets} = _item",
        textwrap.indent(body.strip("\n"), "    "),
        f"    _splits.append(({''.join(f'{name}, ' for name in names)}))",
        *(f"{name} = [_split[{i}] for _split in _splits]" for i, name in enumerate(names)),
        # Afterwards an element is known to nobody.
        f"if _splits: del {targets}",
    ]
    return "\n".join(lines)


class _WithoutComprehensions(ast.NodeTransformer):
    """Makes them generators: since Python 3.12 a comprehension's names count as the module's."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.expr:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    visit_SetComp = visit_ListComp  # noqa: N815

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value]), node.generators)


class _WithoutWaiting(ast.NodeTransformer):
    """Makes what a cell awaits plain: since Python 3.14 its table of names takes no such module."""

    def visit_Await(self, node: ast.Await) -> ast.expr:
        self.generic_visit(node)
        return node.value

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        self.generic_visit(node)
        node.is_async = 0
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.For:
        self.generic_visit(node)
        return ast.For(node.target, node.iter, node.body, node.orelse)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.With:
        self.generic_visit(node)
        return ast.With(node.items, node.body)


def assigned(source: str) -> list[str]:
    """Names that a cell's body assigns at its top level; definitions are not among them."""
    text = TransformerManager().transform_cell(source)
    try:
        tree = _WithoutComprehensions().visit(_WithoutWaiting().visit(ast.parse(text)))
    except SyntaxError:
        return []  # a magic without its sign
    plain = ast.unparse(ast.fix_missing_locations(tree))
    symbols = symtable.symtable(plain, "<cell>", "exec").get_symbols()
    return [
        symbol.get_name()
        for symbol in symbols
        if symbol.is_assigned() and not symbol.is_namespace() and not symbol.is_imported()
    ]
