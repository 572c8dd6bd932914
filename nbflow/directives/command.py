"""One sub-command of ``%flow``, as help and completion read it."""

from __future__ import annotations

import re

import msgspec


class Command(msgspec.Struct, frozen=True):
    """One row of the table of sub-commands."""

    name: str
    #: How it is written, behind ``%flow``: ``"run [STEP...] [--bg]"``.
    usage: str
    help: str

    @property
    def options(self) -> tuple[str, ...]:
        """The options that the usage shows, with their dashes."""
        return tuple(re.findall(r"(?<![\w-])--?[a-z][\w-]*", self.usage))

    def takes_steps(self, given: int) -> bool:
        """Whether it takes the name of a step behind so many others."""
        match = re.search(r"\bSTEP\b\]?(\.\.\.|…)?", self.usage)
        return match is not None and (given == 0 or match[1] is not None)
