"""What is known of the notebook, from its file and from what was executed."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from nbflow.magics.document import LiveDocument
from nbflow.magics.told import Told
from nbflow.records.notebook import Cell

PATH = Path("train.ipynb")


def saved(document: LiveDocument, at: float, **cells: str) -> None:
    """The file holds these cells, by id, as of a time."""
    found = tuple(Cell(cell_id, 0, "code", source) for cell_id, source in cells.items())
    document.saved(found, at)


def sources(document: LiveDocument) -> list[str]:
    return [cell.source for cell in document.notebook().cells]


def test_without_a_file_the_order_is_that_of_the_first_execution() -> None:
    document = LiveDocument(PATH)
    for number, (cell_id, source) in enumerate([("b", "1"), ("a", "2"), ("b", "3")]):
        document.executed(source, Told(cell_id), number)
    assert sources(document) == ["3", "2"]
    assert [cell.number for cell in document.notebook().cells] == [1, 2]


def test_the_file_gives_the_order_and_the_later_of_two_texts_counts() -> None:
    document = LiveDocument(PATH)
    saved(document, 10, a="1", b="2")
    document.executed("2 edited", Told("b"), 11)
    document.executed("3 new", Told("c"), 12)
    assert sources(document) == ["1", "2 edited", "3 new"]
    assert document.outdated() == frozenset()
    saved(document, 20, a="1", c="3 new", b="2 edited again")
    assert sources(document) == ["1", "3 new", "2 edited again"]
    assert document.outdated() == {"b"}
    document.executed("2 edited again", Told("b"), 21)
    assert document.outdated() == frozenset()


def test_a_deleted_cell_is_gone_when_the_screen_or_the_file_says_so() -> None:
    document = LiveDocument(PATH)
    saved(document, 10, a="1", b="2")
    document.executed("3", Told("c"), 11)
    document.executed("1", Told("a", deleted=("b",)), 12)
    assert sources(document) == ["1", "3"]
    saved(document, 20, a="1")
    assert sources(document) == ["1"]


def test_a_deleted_cell_stays_gone_though_that_is_told_once() -> None:
    document = LiveDocument(PATH)
    saved(document, 10, a="x = 1", b="y = 1", c="z = 1")
    document.executed("z = 1", Told("c", deleted=("a", "b")), 11)
    document.executed("z = 1", Told("c"), 12)
    assert sources(document) == ["z = 1"]
    # Undone: one is executed, the other one is there when the notebook is saved.
    document.executed("x = 1", Told("a"), 13)
    assert sources(document) == ["x = 1", "z = 1"]
    saved(document, 14, a="x = 1", b="y = 1", c="z = 1")
    assert sources(document) == ["x = 1", "y = 1", "z = 1"]


def test_cells_of_a_file_that_is_behind_are_known_by_it_alone_until_they_are_executed() -> None:
    document = LiveDocument(PATH)
    saved(document, 10, a="x = 1", b="y = 1")
    assert document.only_saved() == set()
    document.executed("z = 1", Told("new"), 11)
    assert document.only_saved() == {"a", "b"}
    document.executed("x = 1", Told("a"), 12)
    assert document.only_saved() == {"b"}
    saved(document, 13, a="x = 1", b="y = 1", new="z = 1")
    assert document.only_saved() == set()


def test_who_sends_no_ids_means_the_cell_that_says_the_same() -> None:
    document = LiveDocument(PATH)
    saved(document, 10, a="x = 1", b="%%step load\ny = 1", c="x = 1")
    assert document.executed("x = 1", Told(), 11).id == "a"
    assert document.executed("%%step load\ny = 2", Told(), 12).id == "b"
    assert document.executed("x = 1", Told(), 13).id == "c"
    assert sources(document) == ["x = 1", "%%step load\ny = 2", "x = 1"]


def test_an_address_instead_of_an_id_keeps_meaning_the_same_cell() -> None:
    document = LiveDocument(PATH)
    saved(document, 10, a="x = 1", b="y = 1")
    address = Told("vscode-notebook-cell:/train.ipynb#W1")
    assert document.executed("y = 1", address, 11).id == "b"
    assert document.executed("y = 2", address, 12).id == "b"
    other = Told("vscode-notebook-cell:/train.ipynb#W2")
    assert document.executed("y = 2", other, 13).id not in ("a", "b")


def test_an_own_id_means_that_cell_and_no_other() -> None:
    document = LiveDocument(PATH)
    saved(document, 10, a="%%step load\nx = 1")
    assert document.executed("%%step load\nx = 1", Told("copy"), 11).id == "copy"
    assert len(document.notebook().cells) == 2


def test_a_file_without_ids_is_matched_with_the_screens() -> None:
    document = LiveDocument(PATH)
    saved(document, 10, **{"derived-1": "x = 1", "derived-2": "%%step load\ny = 1"})
    assert document.executed("x = 1", Told("7a7b"), 11).id == "derived-1"
    assert document.executed("%%step load\ny = 2", Told("7a7c"), 12).id == "derived-2"


def test_marks_in_the_file_count_where_none_are_sent() -> None:
    document = LiveDocument(PATH)
    tagged = Cell("a", 0, "code", "x = 1", tags=("step:load",))
    document.saved([tagged], 10)
    assert document.executed("x = 1", Told(), 11).tags == ("step:load",)
    # Who sends the cell's own id sends its metadata too: here it has lost its tag.
    assert document.executed("x = 1", Told("a"), 12).tags == ()


def test_a_mark_that_is_saved_counts_from_then_on_for_who_sends_none() -> None:
    document = LiveDocument(PATH)
    saved(document, 10, a="x = 1")
    address = Told("vscode-notebook-cell:/train.ipynb#W1")
    assert document.executed("x = 1", address, 11).tags == ()
    document.saved([Cell("a", 0, "code", "x = 1", tags=("step:load",))], 12)
    assert document.executed("x = 1", address, 13).tags == ("step:load",)
    assert document.executed("x = 2", address, 14).tags == ("step:load",)
    # One that is sent is later than what is saved.
    sent = replace(address, tags=("step:other",))
    assert document.executed("x = 2", sent, 15).tags == ("step:other",)


def test_a_function_defined_anew_without_an_id_is_its_cell_edited() -> None:
    document = LiveDocument(PATH)
    document.executed("def f():\n    return 1", Told(), 1)
    document.executed("%%step a\nx = f()", Told(), 2)
    document.executed("def f():\n    return 2", Told(), 3)
    assert sources(document) == ["def f():\n    return 2", "%%step a\nx = f()"]
    # One that was executed before anybody told ids is met again by the id of the screen.
    assert document.executed("def f():\n    return 3", Told("own"), 4).id == "executed-1"
    assert document.executed("def f():\n    return 4", Told("own"), 5).id == "executed-1"
    assert len(document.notebook().cells) == 2
