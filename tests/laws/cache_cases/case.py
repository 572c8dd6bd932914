"""One row of the cache: a folder, what is changed in it, and what has to run again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from tests import notebooks


@dataclass(slots=True)
class World:
    """A folder with a notebook, and all that a run of it may depend on."""

    folder: Path
    #: Texts of the cells; their ids are their places.
    cells: list[str]
    parameters: dict[str, object] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    #: The cells' ids, which a cell keeps wherever it is moved.
    ids: list[str] = field(default_factory=list)

    @property
    def notebook(self) -> Path:
        return self.folder / "nb.ipynb"

    def save(self) -> None:
        self.ids = self.ids or [f"id-{number}" for number in range(len(self.cells))]
        nodes = [
            notebooks.code(text, cell_id=name)
            for text, name in zip(self.cells, self.ids, strict=True)
        ]
        notebooks.write(notebooks.notebook(*nodes), self.notebook)


Change: TypeAlias = Callable[[World], None]


@dataclass(frozen=True)
class Case:
    """A row of cases.md, in one of the ways in which it comes about."""

    row: str
    title: str
    cells: Sequence[str]
    change: Change
    #: Names of the steps that have to run again; all others must not.
    reruns: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    #: What a folder needs beside its texts.
    prepare: Change | None = None
    #: Codes of the hazards that the first run names.
    hazards: str | None = None
    #: Modules without which there is no such case.
    needs: Sequence[str] = ()
    #: Why it is not so yet.
    fails: str = ""
    #: Whether it belongs to the everyday run.
    everyday: bool = False

    def __str__(self) -> str:
        return f"{self.row}-{self.title}"

    def make(self, folder: Path) -> World:
        world = World(folder, list(self.cells), environment=dict(self.environment))
        for name, text in self.files.items():
            write(world, name, text)
        if self.prepare is not None:
            self.prepare(world)
        world.save()
        return world


def write(world: World, name: str, text: str | bytes) -> None:
    path = world.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def nothing(_: World) -> None:
    """Nothing is changed at all."""


def puts(name: str, text: str | bytes) -> Change:
    """A file gets another text."""
    return lambda world: write(world, name, text)


def puts_unnoticed(name: str, text: str) -> Change:
    """A file gets another text of the same length, and the time that it had."""

    def change(world: World) -> None:
        path = world.folder / name
        status = path.stat()
        assert status.st_size == len(text)
        path.write_text(text)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    return change


def removes(name: str) -> Change:
    return lambda world: (world.folder / name).unlink()


def renames(old: str, new: str) -> Change:
    def change(world: World) -> None:
        (world.folder / old).rename(world.folder / new)

    return change


def edits(old: str, new: str) -> Change:
    """A text in the notebook is replaced wherever it stands."""

    def change(world: World) -> None:
        assert any(old in cell for cell in world.cells), old
        world.cells = [cell.replace(old, new) for cell in world.cells]

    return change


def moves(place: int, to: int) -> Change:
    """A cell moves, and keeps its id."""

    def change(world: World) -> None:
        world.cells.insert(to, world.cells.pop(place))
        world.ids.insert(to, world.ids.pop(place))

    return change


def adds(text: str, at: int) -> Change:
    """A cell is put in."""

    def change(world: World) -> None:
        world.cells.insert(at, text)
        world.ids.insert(at, f"new-{at}")

    return change


def gives(**parameters: object) -> Change:
    return lambda world: world.parameters.update(parameters)


def sets(**variables: str) -> Change:
    """Variables of the environment of the process that runs nbflow."""
    return lambda world: world.environment.update(variables)


def unsets(name: str) -> Change:
    def change(world: World) -> None:
        del world.environment[name]

    return change


def both(*changes: Change) -> Change:
    def change(world: World) -> None:
        for one in changes:
            one(world)

    return change
