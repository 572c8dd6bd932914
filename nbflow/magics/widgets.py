"""Widgets that a step made in its own process: no page can reach them, so their text is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_VIEW = "application/vnd.jupyter.widget-view+json"
_REMARK = "(A widget needs the kernel: with `--here` this step runs in it.)"


def without_widget(output: Mapping[str, Any]) -> Mapping[str, Any]:
    """The output, with the text of a widget and a remark in the place of its dead view."""
    data = output.get("data")
    if not data or _VIEW not in data:
        return output
    text = data.get("text/plain", "")
    text = text if isinstance(text, str) else "".join(text)
    return {**output, "data": {"text/plain": f"{text}\n{_REMARK}".lstrip()}}
