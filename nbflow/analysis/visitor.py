"""The walk over one body, in the order in which it runs: what it binds, reads and changes."""

# ruff: noqa: N802, N815 - methods are named after the nodes that they visit

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from nbflow.analysis import magics, texts
from nbflow.analysis.definitions import definition_kind, last_name
from nbflow.analysis.mutations import changed_by
from nbflow.analysis.names import Names
from nbflow.analysis.scopes import (
    Scope,
    all_parameters,
    bound_by,
    function_scope,
    imported_name,
)
from nbflow.analysis.syntax import Magic, Source

#: Functions that reach names which the source does not show.
_HIDDEN_FUNCTIONS = frozenset(
    {"exec", "eval", "globals", "locals", "vars", "dir", "var", "init_session"}
)
#: Those that give the notebook's names as a dictionary, and a list of them.
_NAMESPACES = frozenset({"globals", "locals", "vars", "dir"})


@dataclass(slots=True)
class Walked:
    """A definition, and the facts of its statement alone."""

    statement: ast.stmt
    source: Source
    walk: Walk


class Walk(Names):
    """One pass over a body.

    Responsibilities: to keep, at every statement, which names are surely bound by then; to tell
    reads that happen now from those of functions that may run later; to follow changes in place
    back to the names from above. A definition is walked on its own first, so that what it needs
    is known apart from where it stands.
    """

    def __init__(self, *, future_annotations: bool = False) -> None:
        super().__init__()
        self.future_annotations = future_annotations
        self.dynamic: list[tuple[int, str]] = []
        self.star_imports: list[str] = []
        self.config_magics: list[str] = []
        self.definitions: list[Walked] = []
        #: Whether the tests are run that the notebook's definitions are, or have in their texts.
        self.runs_tests = self.tells_imports = False
        #: Whether anything but definitions does something.
        self.acts = False
        #: Calls whose value is dropped.
        self._dropped: set[int] = set()

    # -- the body ---------------------------------------------------------------------------------

    def body(self, source: Source) -> None:
        """Walk the top level of a body, or of the Python that a magic runs there."""
        for statement in source.statements:
            if definition_kind(statement) is not None:
                self._definition(statement, source)
                continue
            match statement:
                case ast.Pass() | ast.AnnAssign(value=None, target=ast.Name()):
                    pass
                case ast.Expr(value=ast.Constant()) if statement is not source.statements[-1]:
                    pass
                case ast.Expr(value=Magic(name=name, line=line)) if name in magics.CONFIGURATION:
                    self.acts = True
                    self.config_magics.append(f"{name} {line}".rstrip())
                case _:
                    self.acts = True
            before = len(self.dynamic)
            self.visit(statement)
            if len(self.dynamic) > before:
                for name, number in texts.in_texts_of(statement):
                    self._asked_for(name, number)

    def _definition(self, statement: ast.stmt, source: Source) -> None:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            self.future_annotations |= any(a.name == "annotations" for a in statement.names)
        alone = Walk(future_annotations=self.future_annotations)
        alone.visit(statement)
        self.definitions.append(Walked(statement, source, alone))
        self.define(alone)
        self.star_imports += alone.star_imports
        self.dynamic += alone.dynamic

    # -- names ------------------------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.load(node.id, node.lineno)
        elif isinstance(node.ctx, ast.Store):
            self.bind(node.id, node.lineno)
        else:
            self.delete(node.id, node.lineno)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        match node.value:
            case ast.Name(id="__main__") if self.is_global("__main__") and node.attr[:2] != "__":
                self.visit(ast.copy_location(ast.Name(node.attr, node.ctx), node))
                return
        if not isinstance(node.ctx, ast.Load):
            self.change(node.value, node.lineno)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        match node.slice:
            case ast.Constant(value=str(name)) if self._is_namespace(node.value):
                self.visit(ast.copy_location(ast.Name(name, node.ctx), node))
                return
        self.visit(node.value)
        self.visit(node.slice)
        if not isinstance(node.ctx, ast.Load):
            self.change(node.value, node.lineno)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = imported_name(alias)
            if name == "*" and isinstance(node, ast.ImportFrom):
                self.star_imports.append("." * node.level + (node.module or ""))
                continue
            if isinstance(node, ast.ImportFrom) and node.module == "__main__":
                self.load(alias.name, node.lineno)
            self.bind(name, node.lineno)
            if self.is_global(name):
                self.imported.add(name)

    visit_ImportFrom = visit_Import

    # -- statements -------------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            shares = self.aliases.assigned(target, node.value)
            self.visit(target)
            self.aliases.share(shares)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if self.binding_scope.kind != "function":
            self._annotated(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(node.target.id, node.lineno)
        self.visit(node.value)
        self.visit(node.target)

    def visit_Global(self, node: ast.Global) -> None:
        if self.binding_scope.kind == "class":
            self.binding_scope.outside.update(node.names)

    def visit_Magic(self, node: Magic) -> None:
        """A magic: what it runs, binds and reads."""
        self.late += 1  # `!echo {x}` stays as it is when there is no `x`
        self.all(node.reads)
        self.late -= 1
        if node.source is not None:
            if magics.binds(node.name) and self.binding_scope is self.module:
                self.body(node.source)
            else:
                self.scopes.append(function_scope(None, node.source.statements))
                self.all(node.source.statements)
                self.scopes.pop()
        self.all(node.targets)
        self.tells_imports |= magics.tells_imports(node.name, node.line)
        if magics.is_hidden(node.name):
            self.dynamic.append((node.lineno, node.name))

    # -- expressions ------------------------------------------------------------------------------

    def visit_Expr(self, node: ast.Expr) -> None:
        self._drop(node.value)
        self.visit(node.value)

    def _drop(self, node: ast.expr) -> None:
        self._dropped.add(id(node.value if isinstance(node, ast.Await) else node))

    def visit_Compare(self, node: ast.Compare) -> None:
        match node:
            case ast.Compare(
                left=ast.Constant(value=str(name)),
                ops=[ast.In() | ast.NotIn()],
                comparators=[namespace],
            ) if self._is_namespace(namespace):
                self._asked_for(name, node.lineno)
            case _:
                super().visit_Compare(node)

    def visit_Call(self, node: ast.Call) -> None:
        match node:
            case ast.Call(
                func=ast.Attribute(value=namespace, attr="get"),
                args=[ast.Constant(value=str(name)), *others],
            ) if self._is_namespace(namespace):
                self._asked_for(name, node.lineno)
                self.all(others)
                return
        self.generic_visit(node)
        for name in texts.in_formulas(node):
            self._asked_for(name, node.lineno)
        for changed in changed_by(node, dropped=id(node) in self._dropped):
            self.change(changed, node.lineno)
        match node:
            case ast.Call(func=ast.Name(id="var"), args=[ast.Constant(value=str(names))]):
                # SymPy's: it binds what it makes, where it is called.
                for name in texts.in_list(names):
                    self.bind(name, node.lineno)
            case ast.Call(func=ast.Attribute(attr="var"), args=[ast.Constant(value=str(names))]):
                with self.perhaps(True):  # a column's variance, as far as the source shows
                    for name in texts.in_list(names):
                        self.bind(name, node.lineno)
            case ast.Call(func=ast.Name(id=name)) if name in _HIDDEN_FUNCTIONS:
                if self.is_global(name) and name not in self.module.state.sure:
                    self._hidden_call(name, node)
            case ast.Call(func=ast.Attribute(ast.Name("unittest"), "main")):
                self.runs_tests = True
            case ast.Call(func=function, args=[]) if last_name(function) == "testmod":
                self.runs_tests = True
                self.dynamic.append((node.lineno, f"{ast.unparse(function)}()"))
            case ast.Call(
                func=ast.Attribute(attr="query" | "eval" | "sql" | "execute" as method),
                args=[ast.Constant(value=str(text)), *_],
            ):
                for name in texts.in_query(text):
                    self.load(name, node.lineno)
                columns = texts.in_expression(text) if method == "eval" else []
                for name in (*texts.in_sql(text), *columns):
                    self._asked_for(name, node.lineno)

    def _is_namespace(self, node: ast.expr) -> bool:
        """Whether it is ``globals()`` or the like, where the notebook's own names are meant."""
        match node:
            case ast.Call(func=ast.Name(id=name), args=[], keywords=[]) if name in _NAMESPACES:
                return self.binding_scope is self.module and self.is_global(name)
        return False

    def _asked_for(self, name: str, line: int) -> None:
        self.late += 1  # there is no error when nothing binds it
        self.load(name, line)
        self.late -= 1

    def _hidden_call(self, name: str, node: ast.Call) -> None:
        in_function = any(scope.kind == "function" for scope in self.scopes)
        match node.args:
            case [ast.Constant(value=str(text))] if name in {"exec", "eval"} and not in_function:
                with suppress(SyntaxError, ValueError):
                    tree = ast.parse(text.strip(), mode=name)
                    for inner in ast.walk(tree):
                        if isinstance(inner, ast.expr | ast.stmt):
                            inner.lineno = node.lineno
                    self.visit(tree)
                    return
        if name in {"vars", "dir"} and node.args:
            return
        if name in {"vars", "locals", "dir"} and in_function:
            return
        self.dynamic.append((node.lineno, f"{name}(...)" if node.args else f"{name}()"))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        with self.perhaps(self.scopes[-1].kind == "comprehension"):
            self.visit(node.target)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for value in node.values:
            self._drop(value)  # `x in seen or seen.add(x)`
        super().visit_BoolOp(node)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> None:
        self._comprehension(node.generators, [node.elt])

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node.generators, [node.key, node.value])

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node.generators, [node.elt], late=True)

    def _comprehension(
        self, generators: list[ast.comprehension], elements: list[ast.expr], *, late: bool = False
    ) -> None:
        self.visit(generators[0].iter)
        scope = Scope("comprehension")
        self.scopes.append(scope)
        self.late += late
        for index, generator in enumerate(generators):
            if index:
                self.visit(generator.iter)
            targets = ast.walk(generator.target)
            scope.names.update(name for node in targets for name in bound_by(node))
            self.aliases.share(self.aliases.looped(generator.target, generator.iter))
            self.all(generator.ifs)
        for element in elements:
            self._drop(element)
            self.visit(element)
        self.late -= late
        self.scopes.pop()

    # -- functions and classes --------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.all(node.decorator_list)
        with self._type_parameters(node):
            self._signature(node.args)
            self._annotated(node.returns)
            self._function(node.args, node.body)
        self.bind(node.name, node.lineno)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._signature(node.args)
        self._function(node.args, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.all(node.decorator_list)
        with self._type_parameters(node):
            self.all([*node.bases, *node.keywords])
            self.scopes.append(Scope("class"))
            self.all(node.body)
            self.scopes.pop()
        self.bind(node.name, node.lineno)

    def visit_TypeAlias(self, node: ast.AST) -> None:
        """``type X[T] = ...``: its value is evaluated when somebody asks for it."""
        fields = dict(ast.iter_fields(node))
        with self._type_parameters(node):
            self._function(None, [fields["value"]])
        self.visit(fields["name"])

    def _signature(self, arguments: ast.arguments) -> None:
        self.all(arguments.defaults)
        self.all(default for default in arguments.kw_defaults if default is not None)
        self._annotated(*(argument.annotation for argument in all_parameters(arguments)))

    def _annotated(self, *annotations: ast.expr | None) -> None:
        if self.future_annotations:
            return
        is_late = sys.version_info >= (3, 14)  # since then they are evaluated for who asks
        self.late += is_late
        self.all(each for each in annotations if each is not None)
        self.late -= is_late

    def _function(self, parameters: ast.arguments | None, body: Sequence[ast.AST]) -> None:
        self.scopes.append(function_scope(parameters, body))
        self.late += 1
        self.all(body)
        self.late -= 1
        self.scopes.pop()

    @contextmanager
    def _type_parameters(self, node: ast.AST) -> Iterator[None]:
        parameters: list[ast.AST] = getattr(node, "type_params", [])
        if not parameters:
            yield
            return
        names = {str(dict(ast.iter_fields(parameter))["name"]) for parameter in parameters}
        # Like a comprehension's, the names are seen inside and bind nothing outside.
        self.scopes.append(Scope("comprehension", names=names))
        self.all(parameters)
        yield
        self.scopes.pop()
