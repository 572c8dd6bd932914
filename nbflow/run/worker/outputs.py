"""The outputs of one task: streamed live, and recorded as a front end would keep them."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import msgspec

#: An nbformat output, or (live only) an update or a clearing.
Content: TypeAlias = dict[str, Any]

UPDATE = "update_display_data"

#: Recorded characters per stream and task; what comes after is shown as samples only.
STREAM_LIMIT = 1 << 20
#: Pending live text is sent once it is this long, however young it is.
_CHUNK = 1 << 16
#: Seconds between two samples of a stream that has been cut.
_SAMPLE_SECONDS = 0.25
_SAMPLE_CHARACTERS = 2000


class Outputs:
    """Takes what a task prints and displays, from any of its threads.

    Responsibilities: live messages are in order and coalesced; the record is bounded, and
    holds what a front end would show at the end (adjacent text of a stream is one output,
    updates and clearings are applied), with the last update of each display that may stand in
    a cell above.

    Parameters
    ----------
    send
        Called with each live output.
    on_pending
        Called when text starts to wait, so that somebody calls ``flush`` soon.
    """

    def __init__(self, send: Callable[[Content], None], on_pending: Callable[[], None]) -> None:
        self._send = send
        self._on_pending = on_pending
        #: Takes over what was printed below Python, so that the order is kept.
        self.catch_up: Callable[[], None] = _nothing
        self.lock = threading.RLock()
        self._record: list[Content] = []
        #: Recorded displays by display id, so that updates reach them.
        self._displays: dict[str, list[Content]] = {}
        #: The last update of each id that is not displayed here.
        self._updates: dict[str, Content] = {}
        self._clear_next = False
        #: Characters that each stream may still record.
        self._room = {"stdout": STREAM_LIMIT, "stderr": STREAM_LIMIT}
        self._sampled = 0.0
        self._closed = False
        #: Live text that waits to be sent, all of one stream.
        self._pending: list[str] = []
        self._pending_name = ""
        self._pending_length = 0

    def stream(self, name: str, text: str) -> None:
        """Text printed to ``stdout`` or ``stderr``."""
        if not text or self._closed:
            return
        text = encodable(text)
        with self.lock:
            self._apply_clear()
            room = self._room[name]
            if room <= 0:
                self._sample(name, text)
                return
            self._room[name] = room - len(text)
            if len(text) >= room:
                text = f"{text[:room]}\n[nbflow: {name} is cut here, after 1 MB]\n"
            if self._record and self._record[-1].get("name") == name:
                self._record[-1]["text"].append(text)
            else:
                self._record.append({"output_type": "stream", "name": name, "text": [text]})
            self._wait(name, text)

    def display(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any],
        transient: Mapping[str, Any],
        update: bool = False,
    ) -> None:
        """A rich display, or an update to every earlier one with its display id."""
        with self.lock:
            self.catch_up()
            self.flush()
            if self._closed:
                return
            content = {"data": _plain(data), "metadata": _plain(metadata)}
            identifier = transient.get("display_id")
            live = {**content, "transient": _plain(transient)}
            kept = content if identifier is None else {**live, "transient": _named(identifier)}
            above = self._displays.get(str(identifier), []) if identifier is not None else []
            # What is displayed under the id of an earlier display takes its place as well.
            for shown in above:
                shown.update(content)
            if update:
                if identifier is not None and not above:
                    self._updates[str(identifier)] = {"output_type": UPDATE, **kept}
                self._send({"output_type": UPDATE, **live})
                return
            self._apply_clear()
            recorded = {"output_type": "display_data", **kept}
            self._record.append(recorded)
            if identifier is not None:
                self._displays.setdefault(str(identifier), []).append(recorded)
                self._updates.pop(str(identifier), None)
            self._send({"output_type": "display_data", **live})

    def result(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """The value of the last expression."""
        self._show(
            {
                "output_type": "execute_result",
                "execution_count": None,
                "data": _plain(data),
                "metadata": _plain(metadata),
            }
        )

    def error(self, name: str, message: str, traceback: Sequence[str]) -> None:
        """An exception that is only shown: the cell goes on."""
        told = {"ename": name, "evalue": message, "traceback": list(traceback)}
        self._show({"output_type": "error", **told})

    def _show(self, content: Content) -> None:
        with self.lock:
            self.catch_up()
            self.flush()
            if not self._closed:
                self._apply_clear()
                self._record.append(content)
                self._send(content)

    def clear(self, wait: bool) -> None:
        """Drop what was shown so far: now, or when the next output comes."""
        with self.lock:
            self.catch_up()
            self.flush()
            if self._closed:
                return
            self._clear_next = wait
            if not wait:
                self._drop()
            self._send({"output_type": "clear_output", "wait": wait})

    def flush(self) -> None:
        """Send the text that waits."""
        with self.lock:
            if self._pending:
                text = "".join(self._pending)
                self._pending.clear()
                self._pending_length = 0
                self._send({"output_type": "stream", "name": self._pending_name, "text": text})

    @contextmanager
    def muted(self) -> Iterator[None]:
        """What is said meanwhile belongs to other cells, which have said it themselves."""
        self.catch_up()
        self._closed = True
        try:
            yield
        finally:
            self.catch_up()
            self._closed = False

    def close(self) -> None:
        """Take nothing more: what is said now is not the cell's."""
        with self.lock:
            self.flush()
            self._closed = True

    def record(self) -> list[Content]:
        """What a front end would keep: nbformat outputs, in order, then updates of displays.

        Displays that have an id tell it, so that the updates of cells below reach them.
        """
        with self.lock:
            return [_written(output) for output in (*self._record, *self._updates.values())]

    def _apply_clear(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self._drop()

    def _drop(self) -> None:
        self._record.clear()
        for identifier, (*_, shown) in self._displays.items():
            self._updates[identifier] = {**shown, "output_type": UPDATE}
        self._displays.clear()
        self._room = {"stdout": STREAM_LIMIT, "stderr": STREAM_LIMIT}

    def _wait(self, name: str, text: str) -> None:
        if name != self._pending_name:
            self.flush()
            self._pending_name = name
        if not self._pending:
            self._on_pending()
        self._pending.append(text)
        self._pending_length += len(text)
        if self._pending_length >= _CHUNK:
            self.flush()

    def _sample(self, name: str, text: str) -> None:
        now = time.monotonic()
        if now - self._sampled >= _SAMPLE_SECONDS:
            self._sampled = now
            self._wait(name, text[-_SAMPLE_CHARACTERS:])


def _nothing() -> None:
    """Nothing is captured below Python."""


def _written(output: Content) -> Content:
    if "text" in output:
        return {**output, "text": "".join(output["text"])}
    # Displays of one id have been given one content.
    return copy.deepcopy(output) if "transient" in output else dict(output)


def _named(identifier: object) -> dict[str, str]:
    return {"display_id": str(identifier)}


def encodable(text: str) -> str:
    """The text, with a question mark for each surrogate that UTF-8 has no place for."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()


def _plain(bundle: Mapping[str, Any]) -> dict[str, Any]:
    if all(isinstance(value, str) for value in bundle.values()):
        return {key: encodable(value) for key, value in bundle.items()}
    # Bytes become base64 text, numbers of libraries and the like whatever they say they are.
    encoded = msgspec.json.encode(dict(bundle), enc_hook=_say)
    plain: dict[str, Any] = msgspec.json.decode(encoded)
    return plain


def _say(value: object) -> object:
    item = getattr(value, "item", None)
    return item() if callable(item) else str(value)
