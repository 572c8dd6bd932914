"""The paths through a body: where they part, which of them end, and what holds where they meet."""

# ruff: noqa: N815 - methods are named after the nodes that they visit

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from nbflow.analysis.aliases import Aliases
from nbflow.analysis.scopes import Scope
from nbflow.analysis.state import State, join


@dataclass(slots=True)
class _Loop:
    """The paths that leave a loop's body early."""

    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)


class Paths(ast.NodeVisitor, ABC):
    """A visitor that follows control flow; what a name means is left to the subclass."""

    def __init__(self) -> None:
        self.scopes = [Scope("module")]
        self.aliases = Aliases(self.scope_of)
        self._loops: list[_Loop] = []
        #: Over 0 where a name that nothing binds is no error: it is caught.
        self.forgiving = 0

    @abstractmethod
    def scope_of(self, name: str) -> Scope:
        """The scope that ``name`` belongs to, read here; the module's when it is global."""

    @abstractmethod
    def bind(self, name: str, line: int) -> None:
        """``name`` is bound here."""

    @property
    def binding_scope(self) -> Scope:
        """The scope in which a binding here takes place."""
        for scope in reversed(self.scopes):
            if scope.kind != "comprehension":
                return scope
        raise AssertionError("the outermost scope is the module's")

    @property
    def state(self) -> State:
        """What is bound here, in the innermost scope that binds."""
        return self.binding_scope.state

    @state.setter
    def state(self, state: State) -> None:
        self.binding_scope.state = state

    def visit_Constant(self, node: ast.Constant) -> None:
        """Literals are frequent, and the default visit of them is slow."""

    def all(self, nodes: Iterable[ast.AST]) -> None:
        """Visit nodes one after the other."""
        for node in nodes:
            self.visit(node)

    def branches(self, bodies: Iterable[Iterable[ast.AST]]) -> None:
        """Visit bodies of which exactly one runs."""
        before = self.state
        ends = []
        for body in bodies:
            self.state = before.copy()
            self.all(body)
            ends.append(self.state)
        self.state = join(ends)

    @contextmanager
    def perhaps(self, doubtful: bool = True) -> Iterator[None]:
        """What is visited inside may not run at all."""
        before = self.state.copy()
        yield
        if doubtful:
            self.state = join([before, self.state])

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        match _truth(node.test):
            case True:
                self.all(node.body)
            case False:
                self.all(node.orelse)
            case _:
                self.branches([node.body, node.orelse])

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        shares = self.aliases.looped(node.target, node.iter)
        before = self.state.copy()
        loop = _Loop()
        self._loops.append(loop)
        self.visit(node.target)
        self.aliases.share(shares)
        self.all(node.body)
        self._loops.pop()
        ends = [self.state, *loop.continues]
        if not _has_elements(node.iter):
            ends.append(before)
        self._leave_loop(loop, join(ends), node.orelse)

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        truth = _truth(node.test)
        before = self.state.copy()
        loop = _Loop()
        self._loops.append(loop)
        self.all(node.body)
        self._loops.pop()
        end = join([self.state, *loop.continues, before])
        end.reachable = truth is not True
        self._leave_loop(loop, end, node.orelse)

    def _leave_loop(self, loop: _Loop, end: State, orelse: Sequence[ast.stmt]) -> None:
        self.state = end
        self.all(orelse)
        if loop.breaks:
            for path in loop.breaks:
                path.reachable = True
                path.bound |= end.bound  # by an earlier round
            self.state = join([self.state, *loop.breaks])

    def visit_Break(self, node: ast.Break) -> None:  # noqa: ARG002
        self._loops[-1].breaks.append(self.state.copy())
        self.state.reachable = False

    def visit_Continue(self, node: ast.Continue) -> None:  # noqa: ARG002
        self._loops[-1].continues.append(self.state.copy())
        self.state.reachable = False

    def visit_Return(self, node: ast.Return | ast.Raise) -> None:
        self.generic_visit(node)
        self.state.reachable = False

    visit_Raise = visit_Return

    def visit_TryStar(self, node: ast.TryStar) -> None:
        self.visit_Try(node)

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        before = self.state.copy()
        forgiving = any(_catches_missing_names(handler.type) for handler in node.handlers)
        self.forgiving += forgiving
        self.all(node.body)
        self.forgiving -= forgiving
        # A handler starts somewhere in the body: what the body binds may be bound by then.
        caught = join([before, self.state])
        caught.bound |= self.state.bound
        caught.sure &= before.sure
        caught.reachable = True
        self.all(node.orelse)
        ends = [self.state]
        for handler in node.handlers:
            self.state = caught.copy()
            self.visit(handler)
            ends.append(self.state)
        after = join(ends)
        if node.finalbody:
            at_last = join([caught, after])
            at_last.reachable = True
            surely = set(at_last.sure)
            self.state = at_last
            self.all(node.finalbody)
            at_last = self.state
            at_last.reachable &= after.reachable
            # The final block has run on top of whichever path led to it.
            at_last.sure |= after.sure - (surely - at_last.sure)
            after = at_last
        self.state = after

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name is not None:
            self.bind(node.name, node.lineno)
        self.all(node.body)
        if node.name is not None:
            self.state.unbind(node.name)  # Python does so when the handler ends

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        self.all(node.items)
        with self.perhaps(any(_swallows(item.context_expr) for item in node.items)):
            self.all(node.body)

    visit_AsyncWith = visit_With

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        bodies: list[list[ast.AST]] = [
            [case.pattern, *([case.guard] if case.guard else []), *case.body] for case in node.cases
        ]
        last = node.cases[-1]
        if last.guard is not None or not _matches_all(last.pattern):
            bodies.append([])
        self.branches(bodies)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.generic_visit(node)
        if node.name is not None:
            self.bind(node.name, node.lineno)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name is not None:
            self.bind(node.name, node.lineno)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest is not None:
            self.bind(node.rest, node.lineno)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self.branches([[node.body], [node.orelse]])

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        with self.perhaps():
            self.all(node.values[1:])

    def visit_Compare(self, node: ast.Compare) -> None:
        self.visit(node.left)
        self.visit(node.comparators[0])
        if len(node.comparators) > 1:
            with self.perhaps():
                self.all(node.comparators[1:])


def _truth(test: ast.expr) -> bool | None:
    """What a condition certainly is; None when it depends."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Compare(
            left=ast.Name("__name__"), ops=[ast.Eq()], comparators=[ast.Constant("__main__")]
        ):
            return True  # in a notebook it is
    return None


def _has_elements(iterable: ast.expr) -> bool:
    """Whether a loop over it certainly runs its body."""
    match iterable:
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return any(not isinstance(element, ast.Starred) for element in elements)
        case ast.Dict(keys=keys):
            return any(key is not None for key in keys)
        case ast.Constant(value=str(text)):
            return bool(text)
        case ast.Call(func=ast.Name("range"), args=[ast.Constant(value=int(stop))]):
            return stop > 0
        case ast.Call(
            func=ast.Name("range"),
            args=[ast.Constant(value=int(start)), ast.Constant(value=int(stop))],
        ):
            return start < stop
        case ast.Call(func=ast.Name("enumerate" | "reversed" | "list" | "tqdm"), args=[inner, *_]):
            return _has_elements(inner)
    return False


def _swallows(context: ast.expr) -> bool:
    """Whether a context manager ends exceptions, so that its body may stop half-way."""
    match context:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in {"suppress", "raises"}
    return False


def _catches_missing_names(caught: ast.expr | None) -> bool:
    match caught:
        case None | ast.Name("NameError" | "Exception" | "BaseException"):
            return True
        case ast.Tuple(elts=elements):
            return any(map(_catches_missing_names, elements))
    return False


def _matches_all(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return _matches_all(inner)
        case ast.MatchOr(patterns=patterns):
            return any(map(_matches_all, patterns))
    return False
