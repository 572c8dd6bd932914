"""The tools, and how the task is set up with each."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PYTHON = "{python}"


@dataclass(frozen=True, slots=True)
class Tool:
    """Its distribution on the package index, and what has to be installed beside it."""

    name: str
    distribution: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetUp:
    """A folder of ``set_ups``, and the command that runs what is in it."""

    folder: str
    title: str
    #: What is declared; nothing where the set-up is the tool's simplest.
    declared: str = ""
    tool: Tool | None = None
    command: tuple[str, ...] = (PYTHON, "study.py")
    #: The file that has the answer; it is printed where none is named.
    answer: str | None = None
    #: Words by which the tool asks whether a change matters; it is told the truth.
    question: str | None = None

    def sources(self) -> dict[str, Path]:
        """Each file of the project, by its name."""
        folders = (HERE / "project", HERE / "set_ups" / self.folder)
        return {
            path.name: path for folder in folders for path in folder.iterdir() if path.is_file()
        }


JOBLIB = Tool("joblib", "joblib")
HAMILTON = Tool("Hamilton", "sf-hamilton")
REDUN = Tool("redun", "redun")
# It imports these without requiring them.
MANDALA = Tool("mandala", "pymandala", ("graphviz", "pyarrow", "tqdm"))
MARIMO = Tool("marimo", "marimo")
EXECUTORLIB = Tool("executorlib", "executorlib", ("executorlib[cache]",))
PYTASK = Tool("pytask", "pytask")
IPYCACHE = Tool("ipycache", "ipycache", ("ipython", "nbformat"))

_NBFLOW = "from nbflow.cli import main; main()"
_REDUN = ("{bin}/redun", "run", "study.py", "main")
_PYTASK = (PYTHON, "-m", "pytask")

PLAINLY = SetUp("plainly", "no cache")
SET_UPS = (
    SetUp(
        *("nbflow", "nbflow"),
        command=(sys.executable, "-c", _NBFLOW, "run", "study.ipynb", "-o", "ran.ipynb"),
        answer="ran.ipynb",
    ),
    SetUp("joblib", "joblib", "", JOBLIB),
    SetUp("joblib_declared", "joblib", "file and constant as arguments", JOBLIB),
    SetUp("hamilton", "Hamilton", "", HAMILTON),
    SetUp(
        *("hamilton_declared", "Hamilton", "reading recomputed, helper a node, constant an input"),
        HAMILTON,
    ),
    SetUp("redun", "redun", "", REDUN, _REDUN),
    SetUp("redun_declared", "redun", "`File`, what else it uses in `hash_includes`", REDUN, _REDUN),
    SetUp("mandala", "mandala", "", MANDALA),
    SetUp(
        *("mandala_declared", "mandala", "all functions `@track`, the file an argument"),
        MANDALA,
        command=(PYTHON, "run.py"),
        question="Does this change require recomputation",
    ),
    SetUp("marimo", "marimo, function", "", MARIMO),
    SetUp("marimo_block", "marimo, block", "", MARIMO),
    SetUp("marimo_declared", "marimo, block", "`mo.watch.file`, `pin_modules`", MARIMO),
    SetUp("executorlib", "executorlib", "", EXECUTORLIB),
    SetUp("executorlib_declared", "executorlib", "the file an argument", EXECUTORLIB),
    SetUp("pytask", "pytask", "", PYTASK, _PYTASK, "answer.json"),
    SetUp(
        *("pytask_declared", "pytask", "file and module as dependencies"),
        *(PYTASK, _PYTASK, "answer.json"),
    ),
    SetUp(
        *("ipycache", "ipycache", "", IPYCACHE),
        ("{bin}/ipython", "--colors", "NoColor", "study.ipynb"),
    ),
)
