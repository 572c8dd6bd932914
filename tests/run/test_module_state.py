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


def test_who_asks_a_module_for_its_loader_gets_its_own(local: Desk) -> None:
    package = local.root / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("VALUE = 1")
    (package / "text.txt").write_text("held")
    body = (
        "import importlib.machinery, importlib.resources, importlib.util, inspect, pkgutil, runpy\n"
        "a = pkgutil.get_data('pack', 'text.txt')\n"
        "import pack\n"
        "b = importlib.resources.files('pack').joinpath('text.txt').read_text()\n"
        "c = inspect.getsource(pack)\n"
        "spec = importlib.util.find_spec('pack')\n"
        "d = type(spec.loader) is type(pack.__loader__) is importlib.machinery.SourceFileLoader\n"
        "e = importlib.reload(pack).VALUE"
    )
    outcome = local.run(body, outputs="a b c d e")
    assert outcome.values == {"a": b"held", "b": "held", "c": "VALUE = 1\n", "d": True, "e": 1}
