"""Local modules that tasks have imported: what they say without comments, and their hazards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from nbflow.analysis.hazards import hazards_in
from nbflow.analysis.normal import digest_of_module, parsed
from nbflow.records.digest import of_bytes
from nbflow.records.task import Fact


class Modules:
    """Reads each of them once for each of its contents.

    Parameters
    ----------
    directory
        The notebook's.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[Fact, tuple[Fact, ...]] = {}

    def told(self, facts: Iterable[Fact], written: Collection[str]) -> Iterator[Fact]:
        """Facts with modules by what they say, and the hazards of these.

        Parameters
        ----------
        written
            Subjects of files that the flow writes: what these hold counts to the letter.
        """
        for fact in facts:
            if fact.kind == "module" and fact.subject not in written:
                yield from self._in_module(fact)
            else:
                yield fact

    def _in_module(self, fact: Fact) -> tuple[Fact, ...]:
        if fact not in self._known:
            self._known[fact] = tuple(self._read(fact))
        return self._known[fact]

    def _read(self, fact: Fact) -> Iterator[Fact]:
        path = self._directory / fact.subject
        source = path.read_bytes() if path.is_file() else b""
        digest = digest_of_module(source) if path.suffix == ".py" else None
        # It may have changed since; then no digest agrees with the fact, and the step runs again.
        if digest is None or of_bytes(source) != fact.value:
            yield fact
            return
        yield fact._replace(value=digest)
        for hazard in hazards_in([parsed(source)]):
            yield Fact("hazard", hazard.kind, f"`{hazard.text}` in {fact.subject}")
