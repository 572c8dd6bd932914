"""A real kernel, driven as a front end drives it, and what its cells show."""

from __future__ import annotations

import os
import queue
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from tests import plain_kernel

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
#: What differs from run to run.
TIMES = re.compile(r"\d+\.\d+ s|under \d+ s|about \d+ s")
IDS = re.compile(r"\d{8}-\d{6}-\w{6}")
MOMENTS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d|(\d+ [A-Z][a-z]{2} )?\d\d:\d\d")
PATIENCE = 60.0


class _ThisPython(KernelSpecManager):
    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002
        launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=launch, language="python", display_name="Python 3")


@dataclass
class Shown:
    """What a front end has in a cell's output area once the cell has ended."""

    status: str = ""
    outputs: list[dict[str, Any]] = field(default_factory=list)
    #: Display id of each output, where it has one.
    ids: list[str | None] = field(default_factory=list)
    clear_next: bool = False
    messages: int = 0

    @property
    def headline(self) -> str:
        """The text of nbflow's own line."""
        lines = [o for o in self.outputs if o.get("metadata", {}).get("nbflow") == "headline"]
        assert len(lines) == 1, self.outputs
        return plain(lines[0])

    @property
    def rest(self) -> list[str]:
        """The other outputs: what the cell itself has put out."""
        return [plain(o) for o in self.outputs if o.get("metadata", {}).get("nbflow") != "headline"]

    @property
    def error(self) -> str:
        """Name, message and traceback of the error."""
        (error,) = (o for o in self.outputs if o["output_type"] == "error")
        return plain(error)

    @property
    def text(self) -> str:
        """All of it, as a person reads it."""
        return "\n".join(map(plain, self.outputs))


def plain(output: Mapping[str, Any]) -> str:
    """An output as text without colours."""
    match output["output_type"]:
        case "stream":
            text = output["text"]
        case "error":
            text = "\n".join([f"{output['ename']}: {output['evalue']}", *output["traceback"]])
        case _:
            text = output["data"].get("text/plain", "")
    return _ANSI.sub("", text)


def same_everywhere(text: str) -> str:
    """The text without what differs from run to run."""
    text = IDS.sub("ID", text)
    text = TIMES.sub("TIME", text)
    return re.sub(r" +", " ", MOMENTS.sub("MOMENT", text)).strip()


class Kernel:
    """A kernel with a notebook's file beside it, or without one.

    Parameters
    ----------
    folder
        Its working directory.
    notebook
        Name of the notebook's file, which the kernel is told as Jupyter tells it.
    """

    def __init__(self, folder: Path, notebook: str | None = None) -> None:
        self.folder = folder
        environment = {key: value for key, value in os.environ.items() if key != "JPY_SESSION_NAME"}
        if notebook is not None:
            environment["JPY_SESSION_NAME"] = str(folder / notebook)
        self.manager = KernelManager(
            kernel_spec_manager=_ThisPython(), kernel_name="python3", **plain_kernel.sockets()
        )
        self.manager.start_kernel(cwd=str(folder), env=environment)
        self.client: BlockingKernelClient = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        #: What was put out outside the cell that is executed: updates from the background.
        self.shown: dict[str, Shown] = {}

    @property
    def pid(self) -> int:
        """Process id of the kernel."""
        return int(self.manager.provisioner.process.pid)  # type: ignore[union-attr]

    def run(
        self,
        source: str,
        cell_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        answers: Sequence[str] = (),
    ) -> Shown:
        """Execute a cell, answer what it asks, and wait until it has ended."""
        request = self.start(source, cell_id, metadata, asks=bool(answers))
        for answer in answers:
            self.client.get_stdin_msg(timeout=PATIENCE)
            self.client.input(answer)
        return self.finish(request)

    def start(
        self,
        source: str,
        cell_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        asks: bool = False,
    ) -> str:
        """Send a cell for execution, with what JupyterLab sends beside it."""
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": asks,
            "stop_on_error": False,
        }
        message = self.client.session.msg("execute_request", content)
        message["metadata"] = {**(metadata or {}), **({"cellId": cell_id} if cell_id else {})}
        self.client.shell_channel.send(message)
        request: str = message["header"]["msg_id"]
        self.shown[request] = Shown()
        return request

    def hidden(self, source: str) -> None:
        """Execute what a front end executes behind its user's back."""
        self.client.execute(source, silent=True, store_history=False, reply=True)

    def finish(
        self, request: str, timeout: float = PATIENCE, pages: list[str] | None = None
    ) -> Shown:
        """Wait until a cell has ended; ``pages`` takes what it opens in a pager."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            parent = message["parent_header"].get("msg_id")
            self._take(message, parent)
            idle = message["msg_type"] == "status" and (
                message["content"]["execution_state"] == "idle"
            )
            if idle and parent == request:
                break
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            answered = reply["parent_header"]["msg_id"]
            if answered in self.shown:
                self.shown[answered].status = reply["content"]["status"]
            if answered == request:
                for payload in reply["content"].get("payload", []):
                    if pages is not None and payload["source"] == "page":
                        pages.append(plain({"output_type": "page", "data": payload["data"]}))
                return self.shown[request]

    def settle(self, seconds: float = 0.2) -> None:
        """Take in what comes until nothing comes for a while."""
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=seconds)
            except queue.Empty:
                return
            self._take(message, message["parent_header"].get("msg_id"))

    def until(self, request: str, text: str, timeout: float = PATIENCE) -> Shown:
        """Take in messages until a cell shows a text."""
        deadline = time.monotonic() + timeout
        while text not in self.shown[request].text:
            message = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            self._take(message, message["parent_header"].get("msg_id"))
        return self.shown[request]

    def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def _take(self, message: Mapping[str, Any], parent: str | None) -> None:
        content = message["content"]
        kind = message["msg_type"]
        if kind == "update_display_data":
            self._update(content)
            return
        shown = self.shown.get(parent or "")
        if shown is None or kind not in (
            "stream",
            "display_data",
            "execute_result",
            "error",
            "clear_output",
        ):
            return
        shown.messages += 1
        if kind == "clear_output":
            shown.clear_next = content["wait"]
            if not content["wait"]:
                _clear(shown)
            return
        if shown.clear_next:
            _clear(shown)
        if kind == "stream":
            last = shown.outputs[-1] if shown.outputs else None
            if last is not None and last.get("name") == content["name"]:
                last["text"] += content["text"]
                return
        output = {key: value for key, value in content.items() if key != "transient"}
        shown.outputs.append({"output_type": kind, **output})
        shown.ids.append(content.get("transient", {}).get("display_id"))

    def _update(self, content: Mapping[str, Any]) -> None:
        wanted = content["transient"]["display_id"]
        for shown in self.shown.values():
            for output, identifier in zip(shown.outputs, shown.ids, strict=True):
                if identifier == wanted:
                    output |= {"data": content["data"], "metadata": content["metadata"]}


def _clear(shown: Shown) -> None:
    shown.outputs, shown.ids, shown.clear_next = [], [], False


@contextmanager
def kernel(folder: Path, notebook: str | None = None, before: str = "") -> Iterator[Kernel]:
    """A kernel with the extension loaded, and something hidden executed before."""
    running = Kernel(folder, notebook)
    try:
        if before:
            running.hidden(before)
        loaded = running.run("%load_ext nbflow", "load-ext")
        assert loaded.status == "ok", loaded.text
        yield running
    finally:
        running.close()


def run_all(running: Kernel, cells: Sequence[tuple[str, str]]) -> list[Shown]:
    """Execute cells, given as id and source, from top to bottom."""
    return [running.run(source, cell_id) for cell_id, source in cells]
