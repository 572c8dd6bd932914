"""State that the user's own modules keep reaches no other process: a change of it is told."""

from __future__ import annotations

import re

import pytest

from nbflow.records.message import Source
from tests.run.tasks import Desk

MODULE = """
import numpy as np

class Config:
    debug = False
    def __init__(self):
        self.level = 0

config = Config()
kept = []
count = 0
table = np.zeros(3)

def add(item):
    global count
    kept.append(item)
    count += 1

def look():
    return len(kept), config.level, table.sum()
"""


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("helper.add(1)", ["helper.count", "helper.kept"]),
        ("helper.kept.append(1)", ["helper.kept"]),
        ("helper.config.level = 3", []),  # is said again
        ("c = helper.config\nc.level = 3", ["helper.config"]),
        ("helper.count = 3", []),
        ("helper.look()", []),
    ],
)
def test_what_a_step_changes_in_a_module_is_told(
    local: Desk, body: str, told: list[str], early: bool
) -> None:
    (local.root / "helper.py").write_text(MODULE)
    setup = (Source("import helper", 1),) if early else ()
    outcome = local.run(f"import helper\n{body}", setup=setup, defines=("helper",))
    found = [h for h in outcome.finished.hazards if h.code == "module-state"]
    assert sorted(re.findall(r"`(helper\.\w+)`", " ".join(h.message for h in found))) == told
