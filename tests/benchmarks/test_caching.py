"""The test of the caching tools can fail: of a tool, and of what judges it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks import pages
from tests.benchmarks.caching import setups
from tests.benchmarks.caching.__main__ import table
from tests.benchmarks.caching.changes import CHANGES
from tests.benchmarks.caching.environment import Environment, reason
from tests.benchmarks.caching.judging import Answer, Verdict, found, judged
from tests.benchmarks.caching.running import Outcome, Project, outcome, truths
from tests.benchmarks.caching.setups import PLAINLY, SET_UPS, SetUp

MATTERS = [change.name for change in CHANGES if change.matters]
HERE = Environment(Path(sys.executable).parent)

#: A cache that nothing but its own removal makes new.
FOREVER = """
if not Path("kept.json").exists():
    Path("kept.json").write_text(json.dumps(weigh()))
print(Path("kept.json").read_text())
"""


@pytest.mark.parametrize(
    ("after", "truth", "expected"),
    [
        (Answer(28, 1), 28, Verdict.REUSED),
        (Answer(28, 2), 28, Verdict.AGAIN),
        (Answer(38, 2), 28, Verdict.WRONG),
        (Answer(38, 2), 38, Verdict.RIGHT),
        (Answer(28, 1), 38, Verdict.OLD),
        # Its body was at work, and yet with something that was old.
        (Answer(28, 2), 38, Verdict.OLD),
        (Answer(99, 2), 38, Verdict.WRONG),
        (None, 38, Verdict.FAILED),
    ],
)
def test_an_answer_is_judged_by_its_value_and_by_when_it_was_made(
    after: Answer | None, truth: int, expected: Verdict
) -> None:
    assert judged(Answer(28, 1), after, truth) == expected


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"value": 28, "made": 5}\n', Answer(28, 5)),
        ('"text": [\n "{\\"value\\": 28, \\"made\\": 5}\\n"\n]', Answer(28, 5)),
        ("{'value': 28, 'made': 5}", Answer(28, 5)),
        ('{"value": 1, "made": 2}\n{"value": 3, "made": 4}', Answer(3, 4)),
        ("nothing", None),
    ],
)
def test_the_answer_is_the_last_that_is_shown(text: str, answer: Answer | None) -> None:
    assert found(text) == answer


@pytest.mark.parametrize("set_up", [PLAINLY, *SET_UPS], ids=lambda each: each.folder)
def test_each_change_can_be_made_to_each_set_up(set_up: SetUp, tmp_path: Path) -> None:
    sources = set_up.sources()
    for change in CHANGES:
        for name, path in sources.items():
            (tmp_path / name).write_text(path.read_text("utf-8"), "utf-8")
        # Cells under ipycache have no name.
        named = change.name != "task renamed" or set_up.folder != "ipycache"
        assert change.made(tmp_path, sources) == named, change.name


def tried(folder: Path, set_up: SetUp) -> Outcome:
    plainly = Project(PLAINLY, folder / "plainly", HERE)
    plainly.cold()
    return outcome(Project(set_up, folder / "tried", HERE), truths(plainly))


@pytest.mark.slow
def test_without_a_cache_each_result_is_right_and_each_run_is_needless(tmp_path: Path) -> None:
    verdicts = tried(tmp_path, PLAINLY).verdicts
    assert verdicts == {
        change.name: Verdict.RIGHT if change.matters else Verdict.AGAIN for change in CHANGES
    }


@pytest.mark.slow
def test_a_cache_that_sees_nothing_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = PLAINLY.sources()["study.py"].read_text("utf-8")
    for name, path in PLAINLY.sources().items():
        kind = "set_ups/plainly" if name == "study.py" else "project"
        (tmp_path / kind).mkdir(parents=True, exist_ok=True)
        (tmp_path / kind / name).write_bytes(path.read_bytes())
    (tmp_path / "set_ups" / "forever").mkdir()
    forever = source.replace("\nprint(json.dumps(weigh()))\n", FOREVER)
    (tmp_path / "set_ups" / "forever" / "study.py").write_text(forever, "utf-8")
    monkeypatch.setattr(setups, "HERE", tmp_path)
    found_out = tried(tmp_path / "runs", SetUp("forever", "forever", tool=setups.JOBLIB))
    assert [found_out.verdicts[name] for name in MATTERS] == [Verdict.OLD] * len(MATTERS)
    assert {found_out.verdicts[each.name] for each in CHANGES if not each.matters} == {
        Verdict.REUSED
    }
    *_, simple, declared = table([found_out])
    assert simple.count("1 of 1") == len(MATTERS)
    assert simple.count("0 of 1") == len(CHANGES) - len(MATTERS)
    assert declared.count("0 of 0") == len(CHANGES)


@pytest.mark.slow
def test_what_does_not_run_says_why(tmp_path: Path) -> None:
    broken = SetUp("plainly", "broken", command=("{python}", "-c", "import no_such_module"))
    assert tried(tmp_path, broken).failure == (
        "ModuleNotFoundError: No module named 'no_such_module'"
    )
    assert reason("") == "no answer"


def test_a_table_is_put_between_its_marks_or_nowhere(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n")
    pages.put(page, "x", "new\n")
    assert page.read_text() == "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb\n"
    with pytest.raises(ValueError, match="has no marks <!-- y: begin -->"):
        pages.put(page, "y", "new\n")
