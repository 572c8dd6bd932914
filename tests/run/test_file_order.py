"""In which order the machine runs steps that use the same files."""

from __future__ import annotations

from nbflow.records.digest import of_bytes
from nbflow.records.task import Change, Fact
from nbflow.store.codecs import encode_file
from tests.notebooks import step
from tests.run.world import world

WRITE = step("write", "open('x.txt', 'w').write('1')")
READ = step("read", "text = open('x.txt').read()")
AGAIN = step("again", "open('x.txt', 'w').write('2')")


def written(content: str, path: str = "x.txt") -> dict[str, object]:
    return {"changes": (Change("file", path, encode_file(content.encode()).artifact),)}


def test_branches_with_files_of_their_own_run_at_once() -> None:
    desk = world(step("a", "open('a.txt', 'w')"), step("b", "open('b.txt', 'w')"))
    desk.start()
    assert set(desk.running) == {"a", "b"}


def test_users_of_one_file_run_one_after_the_other() -> None:
    desk = world(WRITE, READ, AGAIN)
    desk.start()
    for task, content in (("write", "1"), ("read", ""), ("again", "2")):
        assert set(desk.running) == {task}
        desk.finish(task, **(written(content) if content else {}))
    assert desk.machine.status == "completed"


def test_a_reader_that_fails_holds_no_writer_up() -> None:
    desk = world(READ, AGAIN)
    desk.start()
    assert set(desk.running) == {"read"}
    desk.fail("read")
    assert set(desk.running) == {"again"}


def test_a_reader_is_skipped_when_the_writer_failed() -> None:
    desk = world(WRITE, READ)
    desk.start()
    desk.fail("write")
    assert desk.states() == {"write": "failed", "read": "skipped"}


def test_a_reader_that_was_too_early_runs_again() -> None:
    desk = world(step("a", "x = 1"), step("b", "t = 2"))
    desk.start()
    desk.finish("b", facts=(Fact("absent", "x.txt", ""),))
    desk.finish("a", **written("1"))
    desk.start_over()
    assert set(desk.running) == {"b"}
    call = desk.running["b"]
    state = call.files["x.txt"]
    assert getattr(state, "digest", "") == of_bytes(b"1")
    desk.finish("b", facts=(Fact("file", "x.txt", of_bytes(b"1")),))
    assert desk.machine.done
    assert not desk.machine.starts_over


def test_a_reader_that_failed_too_early_runs_again() -> None:
    desk = world(step("a", "x = 1"), step("b", "t = 2"))
    desk.start()
    desk.fail("b", files=("file:x.txt",))
    desk.finish("a", **written("1"))
    desk.start_over()
    assert set(desk.running) == {"b"}
    desk.finish("b")
    assert desk.machine.status == "completed"


def test_a_file_that_nobody_writes_starts_nothing_over() -> None:
    desk = world(step("a", "x = 1"), step("b", "y = 1"))
    desk.start()
    desk.finish("a", facts=(Fact("file", "data.csv", of_bytes(b"1")),))
    desk.finish("b", **written("1", "other.txt"))
    assert desk.machine.done
    assert not desk.machine.starts_over
