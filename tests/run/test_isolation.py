"""Law 3: a task starts clean, and nothing of it reaches another task or the scheduler."""

from __future__ import annotations

import builtins
import os
import random
import subprocess
import sys
import threading
import time

import pytest

from nbflow.records.message import Finished
from tests.run.tasks import TIMEOUT, Desk

LEAKS = {
    "a name": ("leak = 1", "x = 'leak' in globals()", False),
    "the environment": (
        "import os; os.environ['LEAK'] = '1'",
        "import os\nx = 'LEAK' in os.environ",
        False,
    ),
    "the working directory": (
        "import os; os.chdir('/')",
        "import os\nx = os.getcwd() == '/'",
        False,
    ),
    "module state": ("import json; json.leak = 1", "import json\nx = hasattr(json, 'leak')", False),
    "an imported module": (
        "import wave",
        "import sys\nx = 'wave' in sys.modules",
        False,
    ),
    "sys.path": (
        "import sys; sys.path.append('/leak')",
        "import sys\nx = '/leak' in sys.path",
        False,
    ),
    "random state": (
        "import random; random.seed(1); random.random()",
        "import random\nx = random.getstate() == random.Random(7).getstate()",
        True,
    ),
    "numpy's random state": (
        "import numpy as np; np.random.seed(1)",
        "import numpy as np\nx = bool(np.random.rand() == np.random.RandomState(7).rand())",
        True,
    ),
    "open files": (
        "import os; fd = os.open('/', os.O_RDONLY); os.set_inheritable(fd, True)",
        "import os\nx = [os.readlink(f'/proc/self/fd/{fd}') for fd in range(3, 64)"
        " if os.path.exists(f'/proc/self/fd/{fd}')].count('/')",
        0,
    ),
    "threads": (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "import threading\nx = sorted(t.name for t in threading.enumerate())",
        ["MainThread"],
    ),
    "signal handlers": (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
        "import signal\nx = [signal.getsignal(n) in (signal.SIG_DFL, signal.default_int_handler)"
        " for n in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]",
        [True] * 3,
    ),
    "warnings filters": (
        "import warnings; warnings.simplefilter('error')",
        "import warnings\nx = any(f[0] == 'error' and f[2] is Warning for f in warnings.filters)",
        False,
    ),
    "builtins": ("import builtins; builtins.leak = 1", "x = hasattr(__builtins__, 'leak')", False),
    "the umask": ("import os; os.umask(0o777)", "import os\nx = os.umask(0o22) == 0o777", False),
    "resource limits": (
        "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
        "import resource\nx = resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 0",
        True,
    ),
    "an alias of the shell": (
        "%alias leak echo",
        "x = get_ipython().find_line_magic('leak')",
        None,
    ),
    "history": ("5", "x = (_, Out, len(In))", ("", {}, 2)),
    "garbage collection": ("import gc; gc.disable()", "import gc\nx = gc.isenabled()", True),
}


@pytest.mark.parametrize(("first", "second", "seen"), LEAKS.values(), ids=LEAKS.keys())
def test_nothing_reaches_the_next_task(local: Desk, first: str, second: str, seen: object) -> None:
    assert isinstance(local.run(first).end, Finished)
    assert local.run(second, outputs="x", seed=7).values == {"x": seen}


def test_two_tasks_at_once_do_not_meet(local: Desk) -> None:
    body = (
        "import os, pathlib, time\nos.environ['MINE'] = mine\npathlib.Path(mine).touch()\n"
        "while not pathlib.Path(other).exists(): time.sleep(0.01)\n"
        "x = (os.environ['MINE'], 'leak' in globals())\nleak = 1"
    )
    for mine, other in (("a", "b"), ("b", "a")):
        local.executor.start(
            local.request(body, task=mine, inputs={"mine": mine, "other": other}, outputs=("x",))
        )
    values: dict[str, object] = {}
    while len(values) < 2:
        event = local.events.get(timeout=TIMEOUT)
        if isinstance(event, Finished):
            values[event.task] = local.artifacts.load(event.outputs["x"], event.data, {})
    assert values == {"a": ("a", False), "b": ("b", False)}


DRAWS = {
    "random": "import random\nx = random.random()",
    "numpy": "import numpy as np\nx = float(np.random.rand())",
    "numpy imported in a function": (
        "def draw():\n    import numpy.random\n    return float(numpy.random.rand())\nx = draw()"
    ),
    "pandas": "import pandas as pd\nx = pd.Series(range(1000)).sample().tolist()",
}


@pytest.mark.parametrize("body", DRAWS.values(), ids=DRAWS.keys())
def test_draws_depend_on_the_seed_only(desk: Desk, body: str) -> None:
    draws = [desk.run(body, outputs="x", seed=seed).values["x"] for seed in (1, 1, 2)]
    assert draws[0] == draws[1]
    assert draws[1] != draws[2]


def test_a_generator_imported_later_is_seeded_too(local: Desk) -> None:
    """The shared zygote has imported NumPy, a fresh interpreter has not."""
    drawn = local.run("import numpy as np\nx = float(np.random.rand())", outputs="x", seed=3)
    code = (
        "from nbflow.run.worker.carrying.ambient import Ambient\nAmbient(3)\n"
        "import numpy as np\nprint(float(np.random.rand()), np.random.__loader__)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    value, _, loader = said.stdout.partition(" ")
    assert float(value) == drawn.values["x"]
    assert "TellingLoader" not in loader


def test_the_order_of_sets_is_the_same_everywhere(local: Desk) -> None:
    body = "import os\nx = ([*{'a', 'b', 'c', 'd'}], os.environ.get('PYTHONHASHSEED'))"
    first = local.run(body, outputs="x").values["x"]
    assert first[1] == os.environ.get("PYTHONHASHSEED")
    assert local.run(body, outputs="x").values["x"] == first


def test_the_environment_is_the_schedulers_and_the_requests(local: Desk) -> None:
    outcome = local.run(
        "import os\nx = (os.environ['HOME'], os.environ['GIVEN'])",
        outputs="x",
        env={"GIVEN": "1"},
    )
    assert outcome.values == {"x": (os.environ["HOME"], "1")}


def test_the_directory_of_the_notebook_comes_first_on_the_path(desk: Desk) -> None:
    (desk.root / "wave.py").write_text("MINE = True")
    assert desk.run("import wave\nx = wave.MINE", outputs="x").values == {"x": True}


@pytest.mark.parametrize(
    "body",
    [
        "import os; os.chdir('/'); os.environ['LEAK'] = '1'",
        "import sys; sys.path.append('/leak'); sys.stdout = None",
        "import random; random.seed(1)",
        "import builtins; 1 / 0",
        "raise SystemExit",
    ],
)
def test_an_inline_task_gives_the_process_back(inline: Desk, body: str) -> None:
    def state() -> object:
        return (
            os.getcwd(),  # noqa: PTH109 - as the task sees it
            dict(os.environ),
            list(sys.path),
            sys.stdout,
            sys.modules["__main__"],
            random.getstate(),
            builtins.input,
            threading.active_count(),
        )

    before = state()
    inline.run(body)
    assert state() == before


def test_what_a_step_registered_for_the_exit_is_done(local: Desk) -> None:
    body = "import atexit, pathlib\natexit.register(pathlib.Path('left').touch)"
    assert isinstance(local.run(body).end, Finished)
    deadline = time.monotonic() + 5
    while not (local.root / "left").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_exit_function_that_hangs_delays_nobody(local: Desk) -> None:
    body = "import atexit, time\natexit.register(time.sleep, 60)"
    began = time.monotonic()
    assert isinstance(local.run(body).end, Finished)
    assert isinstance(local.run("1").end, Finished)
    assert time.monotonic() - began < 30
