"""What becomes of a name at each point of a body: read, bound, deleted or changed in place."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from nbflow.analysis.paths import Paths
from nbflow.analysis.scopes import Scope


@dataclass(slots=True)
class Later:
    """What the functions of a definition do when they are called."""

    reads: dict[str, int] = field(default_factory=dict)
    binds: dict[str, int] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)


class Names(Paths):
    """The account of names that a walk keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.module = self.scopes[0]
        self.reads: dict[str, int] = {}
        #: Those of the reads that are nowhere an error when nothing binds the name.
        self.excused: set[str] = set()
        self.mutates: dict[str, int] = {}
        #: The same, by executing definitions: decorators that enrol them somewhere.
        self.enrols: dict[str, int] = {}
        #: Names that are read otherwise than by executing definitions.
        self.uses: set[str] = set()
        #: What functions do that may run at any time from where they stand.
        self.later = Later()
        #: Names that imports bind: whatever is set on a module is not the name's own.
        self.imported: set[str] = set()
        #: Names bound otherwise than by definitions, and names changed in place.
        self.data: set[str] = set()
        self.changed: set[str] = set()
        #: Over 0 inside code that runs later: functions, lambdas, generators.
        self.late = 0
        #: What the body's own functions and classes do when used, by name.
        self._own: dict[str, Later] = {}

    def scope_of(self, name: str) -> Scope:
        innermost = True
        for scope in reversed(self.scopes):
            if scope is self.module or name in scope.outside:
                break
            if scope.kind == "class":
                if innermost and name in scope.state.sure:
                    return scope
            elif name in scope.names:
                return scope
            innermost = False
        return self.module

    def is_global(self, name: str) -> bool:
        """Whether a name, read here, is one of the notebook's own names."""
        return self.scope_of(name) is self.module

    def load(self, name: str, line: int) -> None:
        """``name`` is read here."""
        if self.is_global(name):
            self.uses.add(name)
            self._use(name, line)

    def _use(self, name: str, line: int, *, defining: bool = False) -> None:
        if name not in self.module.state.sure:
            # What the body itself may have bound by then is its own, though it be deleted below.
            if self.late or not (self.forgiving or name in self.module.state.bound):
                self.excused.discard(name)
            elif name not in self.reads:
                self.excused.add(name)
            (self.later.reads if self.late else self.reads).setdefault(name, line)
        if name in self._own:
            self._use_own(name, line, defining)

    def _use_own(self, name: str, line: int, defining: bool) -> None:
        """The body's own function is in use: what it reads when called may be read from here on."""
        sure = self.module.state.sure
        seen: set[str] = set()
        pending = [name]
        while pending:
            later = self._own[pending.pop()]
            for read in later.reads:
                if read in self._own and read not in seen:
                    seen.add(read)
                    pending.append(read)
                if read not in sure:
                    self.later.reads.setdefault(read, line)
            for bound in later.binds:
                self.later.binds.setdefault(bound, line)
            for changed in later.changes:
                if not defining:
                    self._change(changed, line, above=changed not in sure, late=True)
                elif changed not in sure:
                    self.enrols.setdefault(changed, line)

    def bind(self, name: str, line: int) -> None:
        """``name`` is bound here."""
        scope = self.binding_scope
        if name in scope.outside:
            if self.late:
                self.later.binds.setdefault(name, line)
                return
            scope = self.module
        if scope.kind == "function":
            return
        scope.state.bind(name, line)
        if scope is self.module:
            self._own.pop(name, None)
            self.data.add(name)

    def delete(self, name: str, line: int) -> None:
        """``name`` is deleted here, for which it must be bound."""
        self.load(name, line)
        scope = self.binding_scope
        if name in scope.outside and not self.late:
            scope = self.module
        scope.state.unbind(name)
        if scope is self.module:
            scope.state.deleted[name] = line

    def change(self, node: ast.expr, line: int) -> None:
        """The object of an expression is changed in place here."""
        for root in sorted(self.aliases.roots(node)):
            self._change(root.name, line, above=root.above, late=bool(self.late))

    def _change(self, name: str, line: int, *, above: bool, late: bool = False) -> None:
        if name in self.imported:
            return
        if not late:
            self.changed.add(name)
        if above:
            (self.later.changes if late else self.mutates).setdefault(name, line)
        elif late:
            self.changed.add(name)

    def define(self, alone: Names) -> None:
        """A definition stands here; ``alone`` is the account of its statement by itself."""
        for name, line in alone.reads.items():
            self._use(name, line, defining=True)
        for name, line in alone.mutates.items():
            self._change(name, line, above=name not in self.module.state.sure)
        defined = alone.module.state
        doubtful = defined.bound.keys() - defined.sure - self.module.state.sure
        for name, line in defined.bound.items():
            self.module.state.bind(name, line)
            self._own[name] = alone.later
        self.module.state.sure -= doubtful
        self.data |= alone.later.binds.keys()
        self.imported |= alone.imported
