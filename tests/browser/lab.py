"""A real JupyterLab server of its own, on a free port of this machine."""

from __future__ import annotations

import json
import os
import runpy
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parent.parent.parent
_STARTS_WITHIN = 60.0
#: Where Jupyter and IPython keep what belongs to a user.
_PLACES = (
    "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
)


@dataclass(frozen=True, slots=True)
class Lab:
    """A running server."""

    url: str
    token: str
    #: Its notebooks.
    folder: Path

    def address(self, name: str) -> str:
        """Of a notebook, alone in the window."""
        return f"{self.url}doc/tree/{name}?token={self.token}"

    def workspace(self, name: str) -> str:
        """Of a notebook in a window of JupyterLab, with room for more; it comes as it was left."""
        return f"{self.url}lab/workspaces/{name}/tree/{name}/{name}.ipynb?token={self.token}"


@contextmanager
def running(folder: Path, python: str = sys.executable, **environment: str) -> Iterator[Lab]:
    """A server that knows nothing of this machine's user, and ends with all its kernels.

    Parameters
    ----------
    python
        That of the environment with JupyterLab.
    environment
        Variables for the server and its kernels.
    """
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    places = {name: str(folder / name.lower()) for name in _PLACES}
    news = folder / "jupyter_config_dir" / "labconfig" / "page_config.json"
    news.parent.mkdir(parents=True)
    # No question about news over the notebook.
    disabled = {"@jupyterlab/apputils-extension:announcements": True}
    news.write_text(json.dumps({"disabledExtensions": disabled}))
    _bring_panel(places)
    token = secrets.token_hex()
    server = subprocess.Popen(
        [
            python,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            "--port=0",
            f"--ServerApp.root_dir={notebooks}",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
            "--KernelManager.shutdown_wait_time=1",
        ],
        env={
            **os.environ,
            **places,
            **environment,
            "JUPYTER_TOKEN": token,
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            # Else a panel that was installed in this environment goes before the one built here.
            "JUPYTER_PREFER_ENV_PATH": "0",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    log: list[str] = []
    found = threading.Event()
    reader = threading.Thread(target=_read, args=(server, log, found))
    reader.start()
    try:
        started = found.wait(_STARTS_WITHIN) and server.poll() is None
        assert started, "JupyterLab does not start:\n" + "".join(log)
        url = next(line for line in log if "http://127.0.0.1" in line)
        yield Lab("http" + url.split("http", 1)[1].split("lab", 1)[0], token, notebooks)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        reader.join()
        assert server.stderr is not None
        server.stderr.close()


def _bring_panel(places: Mapping[str, str]) -> None:
    """Let the server find the panel as it was built from these files, whatever is installed."""
    built = _ROOT / "nbflow" / "labextension"
    build = runpy.run_path(str(_ROOT / "labextension" / "build.py"))
    assert build["is_current"](), "the panel is not built, or older than its sources: make panel"
    extension = Path(places["JUPYTER_DATA_DIR"]) / "labextensions" / "@nbflow" / "lab"
    extension.parent.mkdir(parents=True)
    extension.symlink_to(built)
    config = Path(places["JUPYTER_CONFIG_DIR"]) / "jupyter_server_config.d" / "nbflow.json"
    config.parent.mkdir(parents=True)
    config.symlink_to(_ROOT / "jupyter-config" / "nbflow.json")


def _read(server: subprocess.Popen[str], log: list[str], found: threading.Event) -> None:
    assert server.stderr is not None
    for line in server.stderr:
        log.append(line)
        if "http://127.0.0.1" in line:
            found.set()
    found.set()
