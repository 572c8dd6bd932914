"""Many calls become few, and the last of them is never lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nbflow.views.pace import Pace


class World:
    """A clock that is set by hand, with its alarms."""

    def __init__(self) -> None:
        self.now = 100.0
        self.alarms: dict[int, tuple[float, Callable[[], None]]] = {}
        self.rung = 0
        self.value = 0
        self.seen: list[tuple[float, int]] = []
        self.pace = Pace(self.note, 0.05, lambda: self.now, self.alarm)

    def note(self) -> None:
        self.seen.append((round(self.now - 100, 3), self.value))

    def alarm(self, seconds: float, call: Callable[[], None]) -> Ringing:
        self.rung += 1
        ringing = Ringing(self, self.rung)
        self.alarms[ringing.number] = (self.now + seconds, call)
        return ringing

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while due := [each for each, (moment, _) in self.alarms.items() if moment <= until]:
            self.now, call = self.alarms.pop(min(due))
            call()
        self.now = until


class Ringing:
    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.number = number

    def cancel(self) -> None:
        self.world.alarms.pop(self.number, None)


@pytest.fixture
def world() -> World:
    return World()


def test_the_first_call_is_done_at_once_and_a_burst_after_it_once(world: World) -> None:
    for world.value in range(1, 100):
        world.pace.ask()
    world.wait(1)
    assert world.seen == [(0.0, 1), (0.05, 99)]


def test_a_steady_stream_keeps_the_pace(world: World) -> None:
    for world.value in range(1000):
        world.pace.ask()
        world.wait(0.001)
    world.wait(1)
    assert len(world.seen) <= 21
    assert world.seen[-1][1] == 999


def test_what_comes_seldom_is_never_held_back(world: World) -> None:
    for world.value in range(3):
        world.pace.ask()
        world.wait(0.06)
    assert [value for _, value in world.seen] == [0, 1, 2]
    assert not world.alarms


def test_flush_does_now_what_waits_and_nothing_twice(world: World) -> None:
    world.pace.flush()
    world.pace.ask()
    world.value = 7
    world.pace.ask()
    world.pace.flush()
    world.pace.flush()
    world.wait(1)
    assert world.seen == [(0.0, 0), (0.0, 7)]


def test_a_call_from_within_is_not_lost(world: World) -> None:
    world.pace = Pace(lambda: inner(), 0.05, lambda: world.now, world.alarm)

    def inner() -> None:
        world.note()
        world.value += 1
        if world.value < 3:
            world.pace.ask()

    world.pace.ask()
    world.wait(1)
    assert [value for _, value in world.seen] == [0, 1, 2]
