"""Every kind of object either comes back whole in a clean process, or is refused by its path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.carry import CARRIED, REFUSED

Outcome = dict[str, str]

pytestmark = pytest.mark.slow


def run(action: str, folder: Path, seed: int) -> Outcome:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.store.carry", action, str(folder)],
        env=os.environ | {"PYTHONHASHSEED": str(seed), "MPLBACKEND": "agg"},
        check=True,
        capture_output=True,
        text=True,
    )
    outcome: Outcome = json.loads(finished.stdout.splitlines()[-1])
    return outcome


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[Path, Outcome]]:
    folders = {seed: tmp_path_factory.mktemp(f"seed{seed}") for seed in (0, 1, 2)}
    return {seed: (folder, run("store", folder, seed)) for seed, folder in folders.items()}


@pytest.fixture(scope="module")
def used(stored: dict[int, tuple[Path, Outcome]]) -> Outcome:
    return run("use", stored[0][0], seed=3)


@pytest.mark.parametrize("name", [kind.name for kind in CARRIED])
def test_a_kind_comes_back_whole_in_a_clean_process(used: Outcome, name: str) -> None:
    assert used[name] == "ok"


@pytest.mark.parametrize("name", [kind.name for kind in CARRIED])
def test_a_kind_has_one_digest_in_all_processes(
    stored: dict[int, tuple[Path, Outcome]], name: str
) -> None:
    assert len({outcome[name] for _, outcome in stored.values()}) == 1


@pytest.mark.parametrize(("name", "path"), [(kind.name, kind.check) for kind in REFUSED])
def test_what_belongs_to_one_process_is_refused_by_its_path(
    stored: dict[int, tuple[Path, Outcome]], name: str, path: str
) -> None:
    assert stored[0][1][name] == f"refused: {path}"


def test_kinds_have_names_of_their_own() -> None:
    names = [kind.name for kind in CARRIED + REFUSED]
    assert len(names) == len(set(names))
