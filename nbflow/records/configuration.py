"""A statement that configures a library, and holds for everything that runs after it."""

from __future__ import annotations

import msgspec

from nbflow.records.digest import Digest


class Configuration(msgspec.Struct, frozen=True):
    """``init_printing()``, ``lib.DEBUG = True``: what the library keeps, and no name shows."""

    line: int
    source: str
    #: What is called or set, for messages: ``sympy.init_printing(…)``.
    text: str
    digest: Digest
    #: The name that its first word must be the import of.
    root: str
    #: The package that it must be imported from; empty for any.
    package: str
    #: Global names that the statement reads, and those that its functions read later.
    needs: frozenset[str]
    calls: frozenset[str]
    #: Whether it shows in values wherever they go, in steps that never name the package.
    everywhere: bool
    #: Whether it can be executed once more: it only says what is so from now on.
    repeats: bool
    #: Whether only the name of what is called speaks for it. What a step calls is seen as it runs.
    likely: bool = False

    @property
    def is_for_imports(self) -> bool:
        """Whether it says where modules are sought: what definitions of ordinary cells import."""
        return self.likely and self.repeats
