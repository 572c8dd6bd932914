"""What a task had put out when its worker died: recorded from its live outputs."""

from __future__ import annotations

from typing import Any

from nbflow.run.worker.outputs import Outputs


class LastWords:
    """The outputs of tasks that run, as their cells would keep them; bounded like a record."""

    def __init__(self) -> None:
        self._outputs: dict[str, Outputs] = {}

    def hear(self, task: str, content: dict[str, Any]) -> None:
        """Take one live output of a task that runs."""
        if task not in self._outputs:
            self._outputs[task] = Outputs(_nowhere, _never)
        outputs = self._outputs[task]
        match content["output_type"]:
            case "stream":
                outputs.stream(content["name"], content["text"])
                outputs.flush()
            case "clear_output":
                outputs.clear(content["wait"])
            case "execute_result":
                outputs.result(content["data"], content["metadata"])
            case "error":
                outputs.error(content["ename"], content["evalue"], content["traceback"])
            case kind:
                outputs.display(
                    content["data"],
                    content["metadata"],
                    content.get("transient", {}),
                    update=kind == "update_display_data",
                )

    def said(self, task: str) -> list[dict[str, Any]]:
        """All that a task that runs has put out so far; whichever thread asks."""
        outputs = self._outputs.get(task)
        return outputs.record() if outputs is not None else []

    def take(self, task: str) -> list[dict[str, Any]]:
        """All that an ended task had put out; it is forgotten here."""
        outputs = self._outputs.pop(task, None)
        return outputs.record() if outputs is not None else []


def _nowhere(content: dict[str, Any]) -> None:
    """Its live outputs have been sent on already."""


def _never() -> None:
    """Nothing waits."""
