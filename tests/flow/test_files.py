"""How files wire the steps of a flow."""

from __future__ import annotations

from nbflow.records.lesson import Lesson
from nbflow.records.task import Fact, files_read
from tests.flows import flow_of, wires
from tests.notebooks import code, foreach, step

WRITE = step("write", "open('x.txt', 'w').write('1')")
READ = step("read", "text = open('x.txt').read()")
AGAIN = step("again", "open('x.txt', 'w').write('2')")


def test_a_reader_reads_the_last_writer_above() -> None:
    flow = flow_of(READ, WRITE, step("b", "t = open('x.txt').read()"), AGAIN)
    assert wires(flow) == {"write -file:x.txt-> b"}


def test_a_writer_follows_those_who_used_the_file_above_but_needs_nothing_of_them() -> None:
    flow = flow_of(WRITE, READ, AGAIN)
    again = flow.named("again")
    assert again is not None
    assert {flow.steps[cell].name for cell in again.files.follows} == {"write", "read"}
    assert flow.closure([again.id]) == {again.id}


def test_paths_are_followed_through_constants_steps_and_functions() -> None:
    flow = flow_of(
        code("NAME = 'x.txt'\ndef save(t):\n    open(NAME, 'w').write(t)"),
        step("a", "save('1')"),
        step("b", "t = open(NAME).read()"),
        step("p", "path = 'y.txt'"),
        step("c", "open(path, 'w')"),
        step("d", "u = open(path).read()"),
    )
    assert {"a -file:x.txt-> b", "c -file:y.txt-> d"} <= {
        wire.replace("path,", "") for wire in wires(flow)
    }


def test_what_is_written_twice_by_different_ways_is_one_file() -> None:
    flow = flow_of(step("a", "open('./out/../x.txt', 'w')"), READ)
    assert wires(flow) == {"a -file:x.txt-> read"}


def test_a_listing_reads_all_that_steps_write_there() -> None:
    flow = flow_of(
        step("a", "open('out/a.txt', 'w')"),
        step("b", "open('out/b.txt', 'w')"),
        step("c", "names = glob.glob('out/*')"),
        code("import glob"),
    )
    edges = {(flow.steps[e.source].name, flow.steps[e.target].name) for e in flow.edges()}
    assert edges == {("a", "c"), ("b", "c")}


def test_who_makes_a_directory_does_not_wait_for_others_who_make_it() -> None:
    body = "os.makedirs('out', exist_ok=True)\nopen('out/{}.txt', 'w')"
    flow = flow_of(
        code("import os"),
        step("a", body.format("a")),
        step("b", body.format("b")),
        step("c", "open('out/c.txt', 'w')"),
    )
    assert wires(flow) == {"b -file:out/-> c"}


def test_lessons_wire_files_that_no_source_shows() -> None:
    cells = (step("a", "print(1)"), step("b", "t = 2"))
    a, b = flow_of(*cells).steps
    name = frozenset({"file:x.txt"})
    assert wires(flow_of(*cells)) == set()
    learnt = {a: Lesson(leaves=name), b: Lesson(reads=name)}
    assert wires(flow_of(*cells, learnt=learnt)) == {"a -file:x.txt-> b"}


def test_splits_leave_files_together() -> None:
    flow = flow_of(
        foreach("i in [1, 2]", "open('x.txt', 'w').write(str(i))\na = i"),
        step("b", "t = open('x.txt').read()"),
    )
    assert {"a -file:x.txt-> b"} == wires(flow)


def test_many_files_of_one_folder_are_learnt_as_its_listing() -> None:
    facts = [Fact("file", f"data/{number}.txt", "digest") for number in range(200)]
    read = files_read([*facts, Fact("file", "other/x.txt", "digest")])
    assert read == {"file:data/", "file:other/x.txt"}
    cells = (step("a", "print(1)"), step("b", "t = 2"))
    a, b = flow_of(*cells).steps
    left = Lesson(leaves=frozenset({"file:data/7.txt"}))
    learnt = {a: left, b: Lesson(reads=read)}
    assert wires(flow_of(*cells, learnt=learnt)) == {"a -file:data/7.txt-> b"}
    # Whichever of the two is learnt first.
    assert flow_of(*cells).concerned(b, Lesson(reads=read), {a: left}) == {b}
    assert flow_of(*cells).concerned(a, left, learnt) == {b}


def test_a_text_with_two_slashes_at_its_beginning_leads_through_no_end_of_directories() -> None:
    flow = flow_of(step("a", "xpath = '//table'\nn = len(open('//a/b').read())"), AGAIN)
    assert wires(flow) == set()
