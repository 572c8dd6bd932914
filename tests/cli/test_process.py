"""The command line as a process: what it imports, broken pipes, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from nbflow.cli import main
from tests.cli.conftest import Nbflow
from tests.notebooks import notebook, step, write

pytestmark = pytest.mark.slow

COMMAND = "from nbflow.cli import main; main(prog_name='nbflow')"
IMPORTED = """
import json, sys
from nbflow.cli import main
main(sys.argv[1:], standalone_mode=False)
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def start(*arguments: str, program: str = COMMAND) -> subprocess.Popen[str]:
    root = Path(__file__).parent.parent.parent
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
        preexec_fn=as_from_a_terminal,
    )


def as_from_a_terminal() -> None:
    """Heed the signals that a process in the background may have been started to ignore."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def imported(*arguments: str) -> set[str]:
    _, errors = start(*arguments, program=IMPORTED).communicate(timeout=60)
    return set(json.loads(errors.splitlines()[-1]))


def test_a_cached_run_imports_nothing_heavy(nbflow: Nbflow) -> None:
    assert nbflow("run", "small.ipynb").exit_code == 0
    heavy = {"IPython", "nbformat", "nbclient", "jupytext", "rich", "numpy", "zmq"}
    assert imported("run", "small.ipynb") & heavy == set()
    assert "nbflow.driver" not in imported("--version")


def test_a_reader_that_leaves_ends_the_command_in_silence(nbflow: Nbflow) -> None:
    assert nbflow("run", "small.ipynb").exit_code == 0
    process = start("graph", "small.ipynb", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    process.wait(60)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_who_ends_a_run_keeps_what_has_completed_and_it_is_recorded_as_cancelled(
    folder: Path, nbflow: Nbflow, number: int, code: int
) -> None:
    document = notebook(
        step("first", "a = 1"),
        step(
            "endless",
            "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\n"
            "time.sleep(600)\nb = a",
        ),
    )
    write(document, folder / "long.ipynb")
    process = start("run", "long.ipynb")
    assert process.stderr is not None
    assert process.stderr.readline().startswith("✔ first completed")
    while not (folder / "pid").is_file() or not (folder / "pid").read_text():
        time.sleep(0.01)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert not Path(f"/proc/{(folder / 'pid').read_text()}").exists()
    assert errors.splitlines()[-1].startswith("Interrupted: what had completed is kept")
    assert "Traceback" not in errors
    (run,) = json.loads(nbflow("runs", "long.ipynb", "--json").stdout)
    assert run["status"] == "cancelled"
    plan = json.loads(nbflow("plan", "long.ipynb", "--json").stdout)
    assert [each["verdict"] for each in plan["steps"]] == ["reuse", "run"]


def test_a_run_is_seen_while_it_goes_on_and_once_it_was_killed(
    folder: Path, nbflow: Nbflow
) -> None:
    document = notebook(
        step("first", "print('one')\na = 1"),
        step("endless", "import time\nprint('two', flush=True)\ntime.sleep(600)\nb = a"),
        step("last", "c = b"),
    )
    write(document, folder / "long.ipynb")
    process = start("run", "long.ipynb")
    while not (folder / ".nbflow" / "history.sqlite").exists():
        time.sleep(0.05)

    def shown() -> list[str]:
        told = json.loads(nbflow("show", "last", "--json").stdout)
        if "status" not in told:
            return []  # the store is there before the run is in it
        return [told["status"], *(task["status"] for task in told["tasks"])]

    while shown() != ["running", "completed", "running", "queued"]:
        time.sleep(0.05)
    while nbflow("logs", "last/endless").stdout != "two\n":
        time.sleep(0.05)
    process.kill()
    process.communicate(timeout=60)
    assert shown() == ["interrupted", "completed", "cancelled", "cancelled"]
    assert nbflow("logs", "last/endless").stdout == "two\n"
    assert nbflow("logs", "last/first").stdout == "one\n"


EARLY = """
import os, signal, sys
class Early:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Early())
sys.argv = ["nbflow", "plan", "small.ipynb"]
from nbflow.__main__ import main
main()
"""


@pytest.mark.parametrize("module", ["click", "nbflow.cli.run", "nbflow.driver", "nbflow.store"])
def test_ctrl_c_while_the_command_is_being_imported_ends_it_in_a_line(
    nbflow: Nbflow, module: str
) -> None:
    assert nbflow("plan", "small.ipynb").exit_code == 0
    process = start(module, program=EARLY.replace("sys.argv[1]", repr(module)))
    assert process.communicate(timeout=60) == ("", "Interrupted.\n")
    assert process.returncode == 130


@pytest.mark.parametrize("variable", ["NO_COLOR", "none"])
def test_colours_are_for_terminals_that_want_them(
    nbflow: Nbflow, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    assert nbflow("run", "small.ipynb").exit_code == 0
    monkeypatch.setenv(variable, "1")
    result = CliRunner().invoke(main, ["status", "small.ipynb"], color=True)
    assert ("\x1b[" in result.stdout) == (variable == "none")


def test_what_each_command_does_is_told_in_a_line(
    nbflow: Nbflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, _, told = nbflow("--help").stdout.partition("Commands:\n")
    assert [line.split()[0] for line in told.splitlines()] == list(main.commands)
    assert "..." not in told


def test_no_grammars_are_built_to_write_a_notebook(nbflow: Nbflow) -> None:
    assert nbflow("run", "small.ipynb").exit_code == 0
    found = imported("run", "small.ipynb", "-o", "executed.ipynb")
    assert "nbformat" in found
    assert "lark" not in found
