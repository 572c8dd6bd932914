"""The channel between a kernel and the pages that show its flow, driven as a page drives it."""

from __future__ import annotations

import queue
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbformat import write

from tests import plain_kernel
from tests.magics.kernels import PATIENCE, Kernel, kernel
from tests.notebooks import notebook, step

pytestmark = pytest.mark.slow


class Page:
    """What a page does with a kernel's channel."""

    def __init__(self, running: Kernel) -> None:
        self.running = running
        self.messages: list[dict[str, Any]] = []
        self.comms: set[str] = set()

    def ask(self, **content: Any) -> dict[str, Any]:
        """Send a request on the control channel, and give the reply."""
        client = self.running.client
        message = client.session.msg("nbflow_request", content)
        client.control_channel.send(message)
        while True:
            reply = client.get_control_msg(timeout=PATIENCE)
            if reply["parent_header"]["msg_id"] == message["header"]["msg_id"]:
                answer: dict[str, Any] = reply["content"]
                return answer

    def wait(self, *kinds: str, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next message of one of these kinds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                message = self.running.client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                continue
            assert message["msg_type"] != "comm_open"  # front ends complain that they expect none
            if message["msg_type"] == "comm_msg":
                self.comms.add(message["content"]["comm_id"])
                data = message["content"]["data"]
                self.messages.append(data)
                if data.get("kind") in kinds:
                    found: dict[str, Any] = data
                    return found
        raise AssertionError(f"no {' or '.join(kinds)} came")

    def looks(self) -> dict[str, Any]:
        """Open the panel: the whole flow."""
        assert self.ask(op="hello")["comm_id"]
        self.ask(op="look")
        flow: dict[str, Any] = self.wait("flow")["flow"]
        return flow


def states(flow: dict[str, Any]) -> dict[str, str]:
    cards = flow["drawing"]["cards"]
    return {card["label"]: flow["states"][str(at)]["word"] for at, card in enumerate(cards)}


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with kernel(tmp_path) as running:
        yield Page(running)


def cells(*sources: str) -> list[dict[str, Any]]:
    return [
        {"id": f"cell-{number}", "cell_type": "code", "source": source, "tags": [], "nbflow": None}
        for number, source in enumerate(sources)
    ]


#: Whatever follows a message of the kernel's, follows it late.
SLOW = """\
import time
from comm.base_comm import BaseComm
send = BaseComm.send
BaseComm.send = lambda *args, **named: (send(*args, **named), time.sleep(0.5))
"""


def test_a_kernel_tells_pages_of_itself_and_other_front_ends_nothing_they_complain_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    running = Kernel(tmp_path)
    try:
        page = Page(running)
        running.hidden(SLOW)
        running.start("%load_ext nbflow")
        page.wait("hello")
        (comm,) = page.comms
        assert page.ask(op="hello")["comm_id"] == comm
        assert comm.startswith("nbflow-")  # as pages know it by
    finally:
        running.close()
    plain_kernel.client(notebook("%load_ext nbflow", step("a", "a = 1")), tmp_path).execute()
    assert caplog.messages == []


def test_a_page_sees_the_document_before_anything_was_executed(page: Page) -> None:
    page.looks()
    document = cells("%%step load\ndata = [1]", "%%step train\nmodel = dat")
    page.ask(op="cells", path="train.ipynb", cells=document)
    flow = page.wait("flow")["flow"]
    assert states(flow) == {"load": "new", "train": "blocked"}
    (problem,) = flow["problems"]
    assert problem["cell"] == "cell-1"
    assert "`dat`" in problem["message"]
    document[1]["source"] = "%%step train\nmodel = data"
    page.ask(op="cells", path="train.ipynb", cells=document)
    assert states(page.wait("flow")["flow"]) == {"load": "new", "train": "new"}


def test_statuses_come_while_a_cell_blocks_and_cancel_is_answered(page: Page) -> None:
    page.looks()
    page.running.start("%%step slow\nimport time\ntime.sleep(1000)\nslow = 1", "slow")
    while True:
        # Of what comes within one interval there is one message, which may be of the whole flow.
        message = page.wait("states", "flow")
        told = message.get("states") or message.get("flow", {}).get("states", {})
        if any(state["word"] == "running" for state in told.values()):
            break
    begun = time.monotonic()
    assert page.ask(op="cancel") == {"status": "ok", "cancelled": True}
    assert time.monotonic() - begun < PATIENCE
    flow = page.wait("flow")["flow"]
    assert states(flow)["slow"] in ("cancelled", "new")
    assert page.running.run("1 + 1", "look").rest == ["2"]
    assert page.ask(op="cancel") == {"status": "ok", "cancelled": False}


def test_a_mistake_of_ours_is_an_answer_too(page: Page) -> None:
    page.looks()
    page.running.run(
        "from nbflow.magics import asked\n"
        "asked.ACTS['run'] = lambda *_: 1 / 0\n"
        "asked.ACTS['verify'] = lambda *_: {'said': 'well'}"
    )
    page.ask(op="cells", path="train.ipynb", cells=cells("%%step load\ndata = [1]"))
    page.ask(op="run", id="1", cells=[])
    assert page.wait("answer")["answer"] == {
        "error": "nbflow itself failed: ZeroDivisionError: division by zero",
        "remedy": "The kernel's log has the details.",
    }
    page.ask(op="verify", id="2", cells=[])
    assert page.wait("answer")["answer"] == {"said": "well"}


def test_what_is_folded_away_is_one_card_though_a_run_goes_on(page: Page) -> None:
    page.looks()
    head: dict[str, Any] = {
        "id": "head",
        "cell_type": "markdown",
        "source": "# Data",
        "tags": [],
        "nbflow": None,
    }
    document = [
        head,
        *cells("%%step slow\nimport time\ntime.sleep(1000)\nslow = 1", "%%step last\nlast = slow"),
    ]
    page.ask(op="cells", path="train.ipynb", cells=document)
    page.ask(op="run", id="1", cells=[])
    while states(page.wait("flow")["flow"]).get("slow") != "running":
        page.ask(op="look")
    document[0] = {**head, "collapsed": True}
    page.ask(op="cells", path="train.ipynb", cells=document)
    while states(flow := page.wait("flow")["flow"]) != {"Data": "running"}:
        pass
    assert flow["cells"] == ["head"]
    assert flow["grouped"] == {"cell-0": 0, "cell-1": 0}
    page.ask(op="cancel")
    assert page.wait("answer")["answer"] == {"status": "cancelled"}


def test_what_is_edited_while_a_run_goes_on_is_shown_with_what_runs(page: Page) -> None:
    page.looks()
    wait = "import time\nprint('begun')\ntime.sleep(1000)\n"
    document = cells(
        f"%%step slow\n{wait}slow = 1",
        f"%%step gone\n{wait}gone = 1",
        f"%%step same\n{wait}same = 1",
        "%%step last\nlast = slow + same",
    )
    page.ask(op="cells", path="train.ipynb", cells=document)
    page.ask(op="run", id="1", cells=[])
    page.running.run("1 + 1", "look")
    while states(page.looks()).get("slow") != "running":
        pass
    document[0]["source"] += "0"
    document[1]["source"] = "gone = 1"
    document[2]["source"] = document[2]["source"].replace("step same", "step named")
    added = "%%step added\nadded = unknown"
    document.append({**document[0], "id": "cell-9", "source": added})
    page.ask(op="cells", path="train.ipynb", cells=document)
    flow = page.wait("flow")["flow"]
    assert flow["running"]
    assert states(flow) == {
        "slow": "running",
        "named": "running",
        "last": "queued",
        "added": "blocked",
    }
    slow, named, last, _ = flow["states"].values()
    assert slow["detail"] == ["older text"]
    assert slow["differs"][-2:] == ["-slow = 1", "+slow = 10"]
    assert named["detail"] == ""
    assert last["detail"] == ["older input"]
    gone, unknown = flow["problems"]
    assert "`gone`" in gone["message"]
    assert "`unknown`" in unknown["message"]
    logs: list[dict[str, Any]] = []
    while not logs:
        page.ask(op="logs", id="2", cell="cell-0", seen="")
        logs = page.wait("answer")["answer"]["logs"]
    assert logs[0]["outputs"][0]["text"] == "begun\n"
    page.ask(op="details", id="3", cell="cell-0")
    about = page.wait("answer")["answer"]
    assert "slow = 10" in about["source"]["text/plain"]
    assert "running" in about["outputs"]["text/plain"]
    page.ask(op="cancel")
    while (flow := page.wait("flow")["flow"])["running"]:
        pass
    assert states(flow) == {"slow": "new", "named": "cancelled", "last": "new", "added": "blocked"}
    assert len(flow["problems"]) == 1


def test_what_went_wrong_with_an_older_text_is_not_said_of_the_new_one(page: Page) -> None:
    page.looks()
    wait = "import time\nwhile not open('go').read(): time.sleep(0.05)\n"
    (page.running.folder / "go").write_text("")
    document = cells(f"%%step bad\n{wait}bad = 1 / 0", "%%step worse\nworse = 1 / 0")
    page.ask(op="cells", path="train.ipynb", cells=document)
    page.ask(op="run", id="1", cells=[])
    while states(page.looks()) != {"bad": "running", "worse": "failed"}:
        pass
    document[0]["source"] = "%%step bad\nbad = 1"
    page.ask(op="cells", path="train.ipynb", cells=document)
    (page.running.folder / "go").write_text("now")
    assert page.wait("answer")["answer"] == {"status": "failed"}
    for _ in range(2):
        assert states(page.looks()) == {"bad": "new", "worse": "failed"}
    page.ask(op="run", id="2", cells=["cell-0"])
    assert page.wait("answer")["answer"] == {"status": "completed"}
    assert states(page.looks()) == {"bad": "fresh", "worse": "failed"}


def test_a_run_of_another_process_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "far.ipynb"
    write(notebook("%%step far\nfar = 1", "%%step last\nlast = far"), path)
    with kernel(tmp_path, "far.ipynb") as running:
        page = Page(running)
        assert states(page.looks()) == {"far": "new", "last": "new"}
        # By another process, as from a terminal.
        code = "from nbflow.cli import main; main(prog_name='nbflow')"
        subprocess.run([sys.executable, "-c", code, "run", str(path)], check=True)
        while states(page.wait("flow")["flow"]) != {"far": "fresh", "last": "fresh"}:
            pass


def test_a_burst_of_changes_is_few_messages_and_the_last_state_is_right(page: Page) -> None:
    page.looks()
    page.running.run("%%foreach x in range(300)\ny = x", "many")
    deadline = time.monotonic() + 20
    while True:
        flow = page.wait("flow")["flow"]
        if not flow["running"] and states(flow).get("y") == "fresh":
            break
        assert time.monotonic() < deadline
    assert len(page.messages) < 200
    revisions = [message["rev"] for message in page.messages if "rev" in message]
    assert revisions == sorted(set(revisions))


#: As from a run whose tasks change faster than anyone can see.
BURST = """\
from msgspec.structs import replace
from nbflow.driver import TaskChanged
channel = get_ipython()._nbflow_channel
(task,) = get_ipython()._nbflow_session.in_progress.tasks
changes = [TaskChanged(replace(task, status=status)) for status in ("queued", "running")]
for number in range(200_000):
    channel.hear(changes[number % 2])
channel.hear(TaskChanged(replace(task, status="cancelled")))
"""


@pytest.mark.timeout(300)
def test_200_000_changes_are_at_most_20_messages_a_second(page: Page) -> None:
    page.running.run("%flow config on_run register", "register")
    page.running.run("%%step slow\nimport time\ntime.sleep(1000)\nslow = 1", "slow")
    page.running.run("%flow run --bg", "bg")
    while states(page.looks()).get("slow") != "running":
        page.ask(op="bye")
    page.messages.clear()
    begun = time.monotonic()
    page.running.start(BURST)
    word = ""
    while word != "cancelled":
        told = page.wait("states", "flow", timeout=200)
        shown = told.get("flow", told)["states"]
        word = next(iter(shown.values()))["word"]
    assert len(page.messages) <= 20 * (time.monotonic() - begun) + 2
    page.ask(op="cancel")


def test_all_about_a_step_is_answered(page: Page) -> None:
    page.running.run("%%step load\nprint('<b>hello</b>')\ndata = [1]", "load")
    page.looks()
    assert page.ask(op="details", id="7", cell="load") == {"status": "ok"}
    answer = page.wait("answer")
    assert answer["id"] == "7"
    about = answer["answer"]
    assert "load is fresh" in about["why"]["text/plain"]
    assert "data" in about["outputs"]["text/plain"]
    assert "<b>" not in about["source"]["text/html"]


def test_values_are_previewed_by_a_worker(page: Page) -> None:
    page.running.run("%%foreach x in 'ab'\ny = {x: 1}", "each")
    page.looks()
    page.ask(op="previews", id="1", cell="each")
    told = page.wait("answer")["answer"]["previews"]
    shown = [(each["heading"], each["outputs"][0]["data"]["text/plain"]) for each in told]
    assert shown == [("y[0]", "{'a': 1}"), ("y[1]", "{'b': 1}")]


def test_what_a_step_put_out_is_told_once_and_split_by_split(page: Page) -> None:
    page.running.run("%%foreach x in 'ab'\nprint(x)\ny = x", "each")
    page.looks()
    page.ask(op="logs", id="1", cell="each")
    told = page.wait("answer")["answer"]
    shown = [(each["heading"], each["outputs"][0]["text"], each["cut"]) for each in told["logs"]]
    assert shown == [("y[0]", "a\n", False), ("y[1]", "b\n", False)]
    page.ask(op="logs", id="2", cell="each", seen=told["stamp"])
    assert page.wait("answer")["answer"] == {"stamp": told["stamp"]}


def test_a_page_that_comes_late_sees_how_the_run_stands_and_what_was_put_out(page: Page) -> None:
    page.running.start(
        "%%step slow\nimport time\nprint('begun')\ntime.sleep(1000)\nslow = 1", "slow"
    )
    while states(page.looks()).get("slow") != "running":
        page.ask(op="bye")
    told: dict[str, Any] = {}
    while not told.get("logs"):
        page.ask(op="logs", id="1", cell="slow", seen=told.get("stamp", ""))
        told = page.wait("answer")["answer"]
    (section,) = told["logs"]
    assert section["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "begun\n"}]
    page.ask(op="details", id="2", cell="slow")
    assert "running" in page.wait("answer")["answer"]["outputs"]["text/plain"]
    page.ask(op="cancel")


def test_nothing_is_sent_while_no_page_looks(page: Page) -> None:
    page.running.run("%%step one\none = 1", "one")
    page.running.settle()
    page.looks()
    page.ask(op="bye")
    page.messages.clear()
    page.running.run("%%step two\ntwo = 2", "two")
    with pytest.raises(AssertionError):
        page.wait("flow", timeout=1)
    assert page.messages == []
    assert page.ask(op="nonsense")["status"] == "error"


def test_of_two_views_of_one_notebook_one_may_go(page: Page) -> None:
    document = cells("%%step one\none = 1")
    for view in ("left", "right"):
        page.ask(op="cells", page=view, path="train.ipynb", cells=document)
    page.ask(op="bye", page="left")
    page.running.run("%%step two\ntwo = 2", "cell-0")
    while states(page.wait("flow")["flow"]) != {"two": "fresh"}:
        pass


def test_a_page_can_see_that_it_has_missed_a_message(page: Page) -> None:
    assert page.ask(op="hello")["rev"] == 0
    page.looks()
    page.ask(op="cells", path="train.ipynb", cells=cells("%%step one\none = 1"))
    while not states((last := page.wait("flow"))["flow"]):
        pass
    assert page.ask(op="hello")["rev"] == last["rev"] > 1


def test_a_page_runs_the_flow_and_what_went_wrong_stays_to_be_seen(page: Page) -> None:
    page.looks()
    document = cells(
        "%%step bad\nbad = 1 / 0", "%%step below\nbelow = bad", "%%step good\ngood = 1"
    )
    page.ask(op="cells", path="train.ipynb", cells=document)
    page.ask(op="run", id="1", cells=[])
    assert page.wait("answer")["answer"] == {"status": "failed"}
    page.ask(op="look")
    flow = page.wait("flow")["flow"]
    assert states(flow) == {"bad": "failed", "below": "skipped", "good": "fresh"}
    page.ask(op="run", id="2", cells=["cell-2"])
    assert page.wait("answer")["answer"] == {"status": "completed"}
    document[0]["source"] = "%%step bad\nbad = 1"
    page.ask(op="cells", path="train.ipynb", cells=document)
    while states(flow := page.wait("flow")["flow"])["bad"] == "failed":
        pass
    assert states(flow)["good"] == "fresh"
    page.ask(op="run", id="3", cells=["nothing"])
    assert "no step" in page.wait("answer")["answer"]["error"]


def test_the_graph_is_told_as_a_picture(page: Page) -> None:
    page.looks()
    page.ask(op="cells", path="train.ipynb", cells=cells("%%step load\ndata = [1]"))
    page.ask(op="picture", id="1")
    assert page.wait("answer")["answer"]["picture"].startswith("<svg")


def test_a_store_out_of_reach_is_looked_at_again_once_it_is_back(tmp_path: Path) -> None:
    (store := tmp_path / ".nbflow").write_text("no folder")
    with kernel(tmp_path) as running:
        page = Page(running)
        running.run("%load_ext nbflow", "load")
        running.run("%flow config on_run register", "config")
        running.run("%%step one\none = 1", "one")
        page.ask(op="hello")
        page.ask(op="look")
        for _ in range(30):  # meanwhile it is looked at, in vain
            running.run("0", "look")
        store.unlink()
        page.ask(op="look")
        assert states(page.wait("flow")["flow"]) == {"one": "new"}
        page.ask(op="details", id="1", cell="cell-0")
        assert page.wait("answer")["id"] == "1"
