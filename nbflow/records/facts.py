"""What the source of one cell says: names it binds, reads and changes, and what it defines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from nbflow.records.configuration import Configuration
from nbflow.records.digest import Digest
from nbflow.records.hazard import Hazard

DefinitionKind = Literal["import", "function", "class", "constant"]


class Definition(msgspec.Struct, frozen=True):
    """An import, function, class or literal constant: shared with steps as source.

    One statement is one definition, though it may bind several names
    (``from math import pi, tau``; ``try: import x`` / ``except ImportError: x = None``).
    """

    names: tuple[str, ...]
    kind: DefinitionKind
    #: The user's own lines, decorators included.
    source: str
    #: 1-based line of ``source`` in the cell.
    line: int
    #: Digest of the normalised syntax tree: blind to comments, blank lines and formatting.
    digest: Digest
    #: Global names read when the statement itself runs (decorators, defaults, bases, class body).
    needs: frozenset[str]
    #: Global names read later, by the bodies of its functions.
    calls: frozenset[str]
    #: Global names that its functions bind (``global``) when called.
    writes: frozenset[str] = frozenset()
    #: Global names whose object its functions visibly change in place; each is in ``calls``.
    changes: frozenset[str] = frozenset()
    #: Global generators that its functions seem to draw from, and ambient states they seem to set.
    draws: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    #: Calls in it that give something else each time.
    hazards: tuple[Hazard, ...] = ()
    #: Names whose attribute decorates it: ``registry`` of ``@registry.add``.
    decorators: frozenset[str] = frozenset()
    #: Names of a class's bases, where it needs them for nothing else.
    bases: frozenset[str] = frozenset()
    #: Texts in it that look like paths, and those of files that its functions seem to write.
    paths: frozenset[str] = frozenset()
    files_written: frozenset[str] = frozenset()
    #: Names of variables that hold the paths of further files that they write.
    written_by_name: frozenset[str] = frozenset()
    #: Whether its functions ask for the address of an object.
    gives_address: bool = False
    #: Whether it gives again what it has given once (``@lru_cache``).
    is_cached: bool = False
    #: Dotted modules an import names (``("numpy",)``, ``("os.path",)``); relative ones keep dots.
    modules: tuple[str, ...] = ()
    #: What a function tells libraries when it is called, and the functions that it surely calls.
    configures: tuple[Configuration, ...] = ()
    surely_calls: frozenset[str] = frozenset()


class Facts(msgspec.Struct, frozen=True):
    """The facts of one cell's body. Mappings go from a name to its first 1-based line."""

    #: Digest of the normalised syntax tree of the whole body (and of a final ``;``).
    digest: Digest
    #: Names certainly bound once the body has run, in order; definitions' names included.
    binds: Mapping[str, int] = msgspec.field(default_factory=dict)
    #: Names bound only under a condition or in a loop that may not run.
    may_bind: Mapping[str, int] = msgspec.field(default_factory=dict)
    #: Names deleted at the top level.
    deletes: Mapping[str, int] = msgspec.field(default_factory=dict)
    #: Global names read before the body has bound them.
    reads: Mapping[str, int] = msgspec.field(default_factory=dict)
    #: Those of ``reads`` that may be unbound: the cell catches the ``NameError``, or is a magic.
    excused: frozenset[str] = frozenset()
    #: The same as ``reads``, but by function bodies (lambdas, own functions in use): perhaps never.
    late_reads: Mapping[str, int] = msgspec.field(default_factory=dict)
    #: Names from above whose object the source visibly changes in place; each is in ``reads``, or
    #: in ``late_reads`` where a function does it.
    mutates: Mapping[str, int] = msgspec.field(default_factory=dict)
    #: Names from above whose object definitions of the body change when they are executed.
    enrols: Mapping[str, int] = msgspec.field(default_factory=dict)
    #: Names that the body itself uses, apart from what its definitions need.
    uses: frozenset[str] = frozenset()
    #: Definitions at the top level, in order. A name that the cell also binds otherwise or changes
    #: in place is data, and not here.
    definitions: tuple[Definition, ...] = ()
    #: Statements at the top level that tell an object of what is defined
    #: (``show.register(float, f)``), as definitions that bind nothing.
    registrations: tuple[Definition, ...] = ()
    #: Modules of ``from m import *`` at the top level.
    star_imports: tuple[str, ...] = ()
    #: Top-level configuration magics, as source lines (``%matplotlib inline``, ``%load_ext x``).
    config_magics: tuple[str, ...] = ()
    #: Top-level statements that configure a library.
    configures: tuple[Configuration, ...] = ()
    #: Functions that the body surely calls, by their plain names.
    surely_calls: Mapping[str, int] = msgspec.field(default_factory=dict)
    #: Literal top-level bindings: name to (annotation source or None, value source).
    literals: Mapping[str, tuple[str | None, str]] = msgspec.field(default_factory=dict)
    #: Whether the last statement is an expression, whose value is displayed unless it is None.
    displays: bool = False
    #: True when nothing in the body but definitions would do anything if run.
    only_definitions: bool = False
    #: What the analysis cannot vouch for (``exec``, ``globals()[...] =``, ``%run``): (line, what).
    dynamic: tuple[tuple[int, str], ...] = ()
    #: Whether it runs the tests that are defined in the notebook (``unittest.main(…)``).
    runs_tests: bool = False
    #: Whether it tells of all modules that are imported (``%watermark --iversions``).
    tells_imports: bool = False
    #: What is set for the whole process (``np.random.seed(…)``): line, text, and the ambient state
    #: that it changes.
    ambient: tuple[tuple[int, str, str], ...] = ()
    #: Global generators that the body seems to draw from as it finds them, and those that it
    #: surely seeds before.
    draws: frozenset[str] = frozenset()
    seeds: frozenset[str] = frozenset()
    #: Calls that give something else each time, apart from those in its definitions.
    hazards: tuple[Hazard, ...] = ()
    #: Texts that look like paths, but for those of files that are written and nothing else; and
    #: those of files and directories that the body seems to write, make, move or remove.
    paths: frozenset[str] = frozenset()
    files_written: frozenset[str] = frozenset()
    #: Names of variables that hold the paths of further files that it writes.
    written_by_name: frozenset[str] = frozenset()
    #: Addresses of objects (``id(x)``) that are bound to names: line, text. Functions whose values
    #: are, with their first lines.
    addresses: tuple[tuple[int, str], ...] = ()
    calls_kept: Mapping[str, int] = msgspec.field(default_factory=dict)
    #: Functions that the body asks how often their caches were of use.
    caches_counted: Mapping[str, int] = msgspec.field(default_factory=dict)
    #: Message and 1-based line when the body is not valid Python; what it would bind then, and
    #: change in place, by the look of it.
    syntax_error: tuple[str, int] | None = None
    would_bind: frozenset[str] = frozenset()
    would_change: frozenset[str] = frozenset()
