"""Puts recorded and live outputs into the cell that is being executed, whatever front end it is."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any


class Screen:
    """The output area of the cell that a shell is executing.

    Parameters
    ----------
    shell
        IPython's, in a kernel or in a terminal.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        # Those of the cell, whatever stands in their place meanwhile.
        self._streams = {"stdout": sys.stdout, "stderr": sys.stderr}
        #: Without a front end that keeps outputs, nothing can be changed once it is shown.
        self.keeps = getattr(shell, "kernel", None) is not None

    @property
    def is_captured(self) -> bool:
        """Whether something stands in the place of the cell's own streams."""
        return sys.stdout is not self._streams["stdout"]

    def show(self, value: object) -> None:
        """Show an object that knows how it looks: a widget."""
        data, metadata = self._shell.display_formatter.format(value)
        if data:  # a widget may have shown itself
            self.display(data, metadata, {})

    def put(self, output: Mapping[str, Any]) -> None:
        """Show one output: nbformat's kinds, an update to a display, or a clearing."""
        match output["output_type"]:
            case "stream":
                stream = self._streams[output["name"]]
                stream.write(_joined(output["text"]))
                stream.flush()
            case "execute_result":
                self._result(output["data"], output.get("metadata") or {})
            case "error":
                self.error(output["ename"], output["evalue"], output["traceback"])
            case "clear_output":
                self.clear(output["wait"])
            case kind:
                self.display(
                    output["data"],
                    output.get("metadata") or {},
                    output.get("transient") or {},
                    update=kind == "update_display_data",
                )

    def display(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any],
        transient: Mapping[str, Any],
        *,
        update: bool = False,
    ) -> None:
        """Show a display, or change those with its display id."""
        self._shell.display_pub.publish(
            data=dict(data), metadata=dict(metadata), transient=dict(transient), update=update
        )

    def error(self, name: str, message: str, traceback: Sequence[str]) -> None:
        """Show an exception that ends nothing."""
        kind = type(name, (Exception,), {})
        self._shell._showtraceback(kind, kind(message), list(traceback))

    def clear(self, wait: bool) -> None:
        """Drop what the cell has shown: now, or when the next output comes."""
        self._shell.display_pub.clear_output(wait)

    def _result(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        # What IPython itself does with a value, without there being one.
        hook = self._shell.displayhook
        hook.start_displayhook()
        hook.write_output_prompt()
        hook.write_format_data(dict(data), dict(metadata))
        hook.finish_displayhook()


def _joined(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
