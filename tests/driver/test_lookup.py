"""What deciding asks of the world is asked once, whatever number of steps have asked for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

import nbflow
from nbflow.driver import lookup
from nbflow.records.task import Fact
from nbflow.run.worker.observing.current import current_value
from tests.notebooks import notebook, step, write


def test_each_fact_is_looked_at_once_in_a_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[tuple[str, str]] = Counter()

    def counted(fact: Fact, directory: str, variables: Mapping[str, str]) -> str:
        asked[fact.kind, fact.subject] += 1
        return current_value(fact, directory, variables)

    cells = [step(f"s{n}", f"x{n} = {n}") for n in range(5)]
    with nbflow.load(write(notebook(*cells), tmp_path / "flow.ipynb")) as flow:
        flow.run(executor="inline")
        monkeypatch.setattr(lookup, "current_value", counted)
        assert {step.verdict for step in flow.plan()} == {"reuse"}
        assert {kind for kind, _ in asked} >= {"locale", "timezone", "python"}
        assert set(asked.values()) == {1}
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        assert {step.verdict for step in flow.plan()} == {"run"}


@pytest.mark.parametrize("kind", ["python", "platform", "locale", "timezone"])
def test_what_another_python_or_machine_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with nbflow.load(write(notebook(step("a", "a = 1")), tmp_path / "flow.ipynb")) as flow:
        flow.run(executor="inline")

    def elsewhere(fact: Fact, directory: str, variables: Mapping[str, str]) -> str:
        now = current_value(fact, directory, variables)
        return f"another {now}" if fact.kind == kind else now

    monkeypatch.setattr(lookup, "current_value", elsewhere)
    with nbflow.load(tmp_path / "flow.ipynb") as flow:
        (planned,) = flow.plan()
        assert planned.verdict == "run"
        (reason,) = planned.reasons
        assert reason.kind == "environment"
        assert reason.after == f"another {reason.before}"
