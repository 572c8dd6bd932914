"""A kernel of this very Python for a notebook's ordinary cells, driven cell by cell."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from nbflow.errors import NbflowError
from nbflow.records.task import ErrorText


class _ThisPython(KernelSpecManager):
    """Steps run in this Python, so ordinary cells do too, whatever kernels are installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002 jupyter_client's signature
        launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=launch, language="python", display_name="Python 3")


class OrdinaryKernel:
    """A running kernel; a context manager that ends it.

    Parameters
    ----------
    document
        The notebook whose cells get the outputs.
    path
        Where the notebook lies: the kernel works in its directory, and is told as by Jupyter.
    """

    def __init__(self, document: NotebookNode, path: Path) -> None:
        self._document = document
        self._path = path
        self._stack = ExitStack()
        #: The execution count that the kernel would give to the next cell.
        self._count = 1
        self._manager = AsyncKernelManager(kernel_spec_manager=_ThisPython(), kernel_name="python3")
        self._client = NotebookClient(document, km=self._manager, timeout=None, record_timing=False)
        # nbclient leaves a manager that it was given running; this one is ours alone.
        self._client.owns_km = True

    def __enter__(self) -> OrdinaryKernel:
        self._client.reset_execution_trackers()
        if os.name == "posix":
            # Sockets in a directory: a port that was free may be another's once the kernel binds.
            # A directory of ours, since the path of a socket may have a hundred letters only.
            directory = self._stack.enter_context(TemporaryDirectory(prefix="nbflow-"))
            self._manager.transport, self._manager.ip = "ipc", f"{directory}/kernel"
        try:
            # What a dying kernel writes to the terminal tells nobody anything.
            self._stack.enter_context(
                self._client.setup_kernel(
                    cwd=str(self._path.parent),
                    env={**os.environ, "JPY_SESSION_NAME": str(self._path)},
                    stderr=subprocess.DEVNULL,
                )
            )
        except (RuntimeError, OSError) as error:
            self._stack.close()
            raise NbflowError(
                f"No kernel could be started for the ordinary cells: {error}",
                "`python -m ipykernel_launcher` shows what is wrong with the installation.",
            ) from error
        return self

    def __exit__(self, *exception: object) -> None:
        if self._client.widget_state:
            self._client.set_widgets_metadata()
        self._stack.close()

    def run(self, position: int, body: str, count: int) -> ErrorText | None:
        """Execute one cell of the document, whose source may be wrapped in a directive.

        The cell gets its outputs, also those before an error; the error is returned.
        """
        if count != self._count:
            self.silently(f"get_ipython().execution_count = {count}")
        self._count = count + 1
        cell = self._document.cells[position]
        source, cell.source = cell.source, body
        try:
            self._client.execute_cell(cell, position, execution_count=count)
        except CellExecutionError as error:
            return ErrorText(error.ename, error.evalue, _traceback(cell.outputs))
        except DeadKernelError:
            return ErrorText("DeadKernelError", "the kernel died while it ran this cell", ())
        finally:
            cell.source = source
        return None

    def silently(self, source: str) -> None:
        """Execute source that belongs to no cell."""
        assert self._client.kc is not None, "the kernel has not been started"
        reply = self._client.wait_for_reply(
            self._client.kc.execute(source, silent=True, store_history=False)
        )
        content: dict[str, Any] = (reply or {})["content"]
        if content["status"] == "error":
            raise NbflowError(
                "The steps' results could not be handed to the notebook's ordinary cells: "
                f"{content['ename']}: {content['evalue']}"
            )


def _traceback(outputs: list[NotebookNode]) -> tuple[str, ...]:
    errors = [output for output in outputs if output.output_type == "error"]
    return tuple(errors[-1].traceback) if errors else ()
