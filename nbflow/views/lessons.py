"""What runs teach about steps, in words."""

from __future__ import annotations

from collections.abc import Mapping

from nbflow.records.ambient import DRAWN
from nbflow.records.files import is_variable, path_of
from nbflow.records.lesson import Lesson
from nbflow.views.blocks import REST, Line, Span, line


def lines(lessons: Mapping[str, Lesson]) -> list[Line]:
    """A line for each step, as a run shows them before it starts over.

    >>> page(*lines({"style": Lesson(leaves=frozenset({"matplotlib.rcParams"}))}))
    ↻ style changes matplotlib.rcParams: what that concerns runs again
    """
    return [
        line(Span(f"{step} {told}: what that concerns runs again", limit=REST), mark="stale")
        for step, lesson in lessons.items()
        if (told := phrase(lesson))
    ]


def phrase(lesson: Lesson) -> str:
    """What a step does beyond its source, in a few words.

    >>> phrase(Lesson(frozenset({"numpy.random"}), frozenset({"numpy.random", "xs"})))
    'draws from numpy.random, changes xs'
    """
    drawn = lesson.reads & DRAWN
    parts = (
        ("draws from", drawn),
        ("reads", lesson.reads - drawn - lesson.leaves),
        ("changes", lesson.leaves - drawn),
    )
    return ", ".join(f"{word} {_named(names)}" for word, names in parts if names)


def _named(names: frozenset[str]) -> str:
    """Variables first: they are what people look for."""
    ordered = sorted(names, key=lambda name: (not is_variable(name), name))
    return ", ".join(map(path_of, ordered))
