"""What a flow takes in of others: the very results that it has reused, once, and none it forgot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from nbflow.records.reason import Reason
from nbflow.records.task import Fact, RunRecord, TaskRecord, TaskRun
from nbflow.store.store import Store
from nbflow.store.verifications import TaskOutcome
from tests.store.test_store import RECIPE, key_of, record


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    opened = Store.open(tmp_path / ".nbflow")
    yield opened
    opened.close()


def commit(store: Store, flow: str, started: float, fact: str = "1") -> TaskRecord:
    artifact, small = store.artifacts.store(started)
    assert small is not None
    made = replace(
        record(1, artifact), started=started, facts=(Fact("file", "f.txt", fact),), index=None
    )
    store.commit(made, RECIPE, {artifact.digest: small}, flow)
    return made


def reuse(store: Store, flow: str, made: TaskRecord) -> None:
    """A run of a flow that finds this record."""
    reasons = (Reason("accepted", made.accepted),) if made.accepted else ()
    task = TaskRun(
        "step", "cell", "step", None, "cached", 0.0, made.key, reasons, started=made.started
    )
    run = RunRecord(f"{flow}-{rows(store)}", f"{flow}.ipynb", flow, {}, "running", 1.0)
    store.history.begin(run)
    store.history.finish(replace(run, status="completed", tasks=(task,)))


def rows(store: Store) -> int:
    ((count,),) = store.database.rows("SELECT count(*) FROM record")
    return int(count)


def own(store: Store, flow: str) -> list[TaskRecord]:
    """The records that are a flow's own, newest first."""
    every = store.database.rows("SELECT DISTINCT flow FROM record")
    for (other,) in every:
        if other != flow:
            store.forget(other, ["cell"])
    return store.candidates(key_of(1), flow)


def test_each_flow_that_reuses_a_result_takes_it_in_once(store: Store) -> None:
    made = commit(store, "a", 1.0)
    for number in range(7):
        for _ in range(2):
            reuse(store, f"flow{number}", made)
    assert rows(store) == 8


def test_only_the_record_that_was_reused_is_taken_in(store: Store) -> None:
    commit(store, "a", 1.0, "old")
    made = commit(store, "a", 2.0, "reused")
    commit(store, "a", 3.0, "other")
    reuse(store, "b", made)
    assert own(store, "b") == [made]


def test_another_record_of_a_key_is_taken_in_beside_the_own_one(store: Store) -> None:
    first = commit(store, "b", 1.0, "own")
    made = commit(store, "a", 2.0, "reused")
    reuse(store, "b", made)
    assert own(store, "b") == [made, first]


def test_an_accepted_record_is_told_from_the_one_that_it_was_made_of(store: Store) -> None:
    made = commit(store, "a", 1.0, "old")
    accepted = replace(made, accepted="only a line's end", facts=(Fact("file", "f.txt", "new"),))
    store.accept("a", [(accepted, RECIPE)])
    reuse(store, "b", made)
    reuse(store, "c", accepted)
    assert store.latest("cell", None, "b") == made
    assert store.latest("cell", None, "c") == accepted


def test_what_a_flow_forgot_does_not_come_back_once_another_takes_it_in(store: Store) -> None:
    made = commit(store, "a", 1.0)
    reuse(store, "c", made)
    assert store.forget("c", ["cell"]) == 1
    reuse(store, "b", made)
    assert store.candidates(made.key, "c") == []
    again = commit(store, "a", 2.0)
    assert store.candidates(made.key, "c") == [again]


def test_what_is_known_of_a_result_is_forgotten_with_it(store: Store) -> None:
    made = commit(store, "a", 1.0)
    copied = replace(made, cell="copy of the cell")
    store.commit(copied, RECIPE, {}, "a")
    doubt = Reason("not-reproducible", "x", "1", "2")
    outcomes = TaskOutcome("cell", made, None), TaskOutcome("copy of the cell", copied, doubt)
    store.verifications.keep("a", outcomes)
    store.verifications.keep("b", outcomes)
    assert store.forget("a", ["cell"]) == 2
    assert not store.verifications.passed("a")
    assert not store.verifications.doubts("a")
    assert store.verifications.passed("b")


def test_a_damaged_record_is_not_taken_in(store: Store) -> None:
    made = commit(store, "a", 1.0)
    with store.writing() as connection:
        connection.execute("UPDATE record SET data = x'00'")
    reuse(store, "b", made)
    assert rows(store) == 1
