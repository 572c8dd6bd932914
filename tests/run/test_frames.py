"""Messages cross a socket whole, however the bytes are cut."""

from __future__ import annotations

import socket

import pytest

from nbflow.records.artifact import Artifact
from nbflow.records.digest import of_bytes
from nbflow.records.message import (
    Failed,
    Finished,
    Output,
    Source,
    Started,
    TaskRequest,
    WorkerEvent,
)
from nbflow.records.problem import Problem
from nbflow.records.task import Change, ErrorText, Fact, Uncarried
from nbflow.run import frames

ARTIFACT = Artifact(of_bytes(b"x"), "json", 1, "int", "1", ("f",))
EVENTS: list[WorkerEvent] = [
    Started("t", 5),
    Output("t", {"output_type": "stream", "name": "stdout", "text": "é\n"}),
    Finished(
        "t",
        {"x": ARTIFACT},
        items=(ARTIFACT,),
        absent=("y",),
        uncarried=(Uncarried("g", "g", "generator", "why"),),
        facts=(Fact("file", "f", "d"),),
        changes=(Change("input", "x", ARTIFACT), Change("binds", "y")),
        hazards=(Problem("code", "message", "remedy"),),
        data={ARTIFACT.digest: b"\x00\xff"},
    ),
    Failed("t", ErrorText("E", "m", ("a", "b"), 4, 2)),
]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_events_survive_being_cut_anywhere(size: int) -> None:
    stream = b"".join(frames.frame(event) for event in EVENTS)
    splitter = frames.Splitter()
    received = [
        frames.event(body)
        for start in range(0, len(stream), size)
        for body in splitter.feed(stream[start : start + size])
    ]
    assert received == EVENTS


def test_a_torn_last_frame_gives_nothing() -> None:
    splitter = frames.Splitter()
    assert list(splitter.feed(frames.frame(EVENTS[0])[:-1])) == []


def test_a_request_is_received_whole_and_its_tear_is_an_error() -> None:
    request = TaskRequest(
        task="t[0]",
        kind="body",
        body=Source("x", 1),
        setup=(Source("s", 2),),
        definitions=((Source("d", 3), ("x",)),),
        inputs={"x": ARTIFACT},
        outputs=("y",),
        item=ARTIFACT,
        target="k, v",
        data={ARTIFACT.digest: b"1"},
    )
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            ours.sendall(frames.frame(request))
            assert frames.request(frames.receive(theirs)) == request
            ours.sendall(frames.frame(request)[:20])
        with pytest.raises(EOFError):
            frames.receive(theirs)
