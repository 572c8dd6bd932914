"""When a run writes down how far it is."""

from __future__ import annotations

from nbflow.run.noting import Noting


def test_a_note_is_written_soon_after_something_has_happened_and_never_often() -> None:
    now, taken, notes = 0.0, 0.0, list[float]()

    def write() -> None:
        nonlocal now
        notes.append(now)
        now += taken

    def at(moment: float, happened: bool = True) -> float | None:
        nonlocal now
        now = moment
        noting.is_due |= happened
        noting.look()
        return noting.patience()

    noting = Noting(write, lambda: now)
    assert at(0.25) == 0.75
    assert at(1.0) is None
    assert at(5.0, happened=False) is None
    taken = 0.25
    assert at(6.0) is None
    assert at(7.0) == 11.75  # 50 times as long as a note took
    assert at(18.75) is None
    assert notes == [1.0, 6.0, 18.75]
