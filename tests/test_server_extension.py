"""The routes of Jupyter's server, as the panel asks them and as nobody may."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.notebooks import notebook, write

pytestmark = pytest.mark.slow

ROUTES = ("flow", "details", "logs", "picture", "stamp")
TOKEN = "t0ken"
SOURCES = ("%%step load\nopen('executed', 'w')\ndata = [1]", "%%step train\nmodel = data")


@dataclass(frozen=True)
class Server:
    """A running server, and the folder that it shows."""

    url: str
    root: Path

    def ask(
        self,
        route: str,
        path: str,
        body: object = None,
        method: str | None = None,
        token: str | None = TOKEN,
        **query: str,
    ) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        url = f"{self.url}nbflow/{route}?{urlencode({'path': path, **query})}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(url, data, method=method)
        if token is not None:
            request.add_header("Authorization", f"token {token}")
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    root = folder / "root"
    (root / "in").mkdir(parents=True)
    write(notebook(*SOURCES), root / "in" / "train.ipynb")
    write(notebook("%%step revealed\nx = 1"), folder / "secret.ipynb")
    write(notebook("%%step revealed\nx = 1"), root / ".hidden.ipynb")
    config = folder / "config" / "jupyter_server_config.d"
    config.mkdir(parents=True)
    (config / "nbflow.json").symlink_to(Path(__file__).parent.parent / "jupyter-config/nbflow.json")
    places = {
        f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", "--port=0", f"--ServerApp.root_dir={root}"),
        ],
        env={**os.environ, **places, "JUPYTER_TOKEN": TOKEN},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    lines = iter(process.stderr.readline, "")
    url = next(line for line in lines if "http://127.0.0.1" in line)
    address = "http" + url.split("http", 1)[1].split("?")[0]
    wait_until_it_listens(address)
    yield Server(address, root)
    process.terminate()
    process.stderr.close()
    process.wait(20)


def wait_until_it_listens(address: str) -> None:
    # It says where it is before it is there.
    host, _, port = address.split("/")[2].partition(":")
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def told(*sources: str) -> dict[str, Any]:
    return {
        "cells": [
            {"id": f"cell-{n}", "cell_type": "code", "source": s, "tags": [], "nbflow": None}
            for n, s in enumerate(sources)
        ]
    }


def words(flow: dict[str, Any]) -> dict[str, str]:
    cards = flow["drawing"]["cards"]
    return {card["label"]: flow["states"][str(n)]["word"] for n, card in enumerate(cards)}


def test_the_saved_notebook_has_its_flow_and_nothing_is_executed(server: Server) -> None:
    status, flow = server.ask("flow", "in/train.ipynb")
    assert status == 200
    assert words(flow) == {"load": "new", "train": "new"}
    assert flow["running"] is False
    assert sorted(path.name for path in (server.root / "in").iterdir()) == ["train.ipynb"]


def test_the_flow_is_that_of_the_cells_on_the_screen(server: Server) -> None:
    body = told("%%step one\none = 1", "%%step two\ntwo = on")
    status, flow = server.ask("flow", "in/train.ipynb", body)
    assert status == 200
    assert words(flow) == {"one": "new", "two": "blocked"}
    assert flow["cells"] == ["cell-0", "cell-1"]
    (problem,) = flow["problems"]
    assert (problem["cell"], problem["severity"]) == ("cell-1", "error")


def test_all_about_a_step_and_the_picture_are_answered(server: Server) -> None:
    status, about = server.ask("details", "in/train.ipynb", told(*SOURCES), cell="cell-1")
    assert status == 200
    assert "no result yet" in about["why"]["text/plain"]
    assert "model = data" in about["source"]["text/plain"]
    status, answer = server.ask("picture", "in/train.ipynb", told(*SOURCES))
    assert status == 200
    assert answer["picture"].startswith("<svg")


def run_in_a_terminal(server: Server, path: Path) -> None:
    """As the server's user, whose key the store is signed with."""
    code = "from nbflow.cli import main; main(prog_name='nbflow')"
    environment = {**os.environ, "JUPYTER_DATA_DIR": str(server.root.parent / "data")}
    subprocess.run(
        [sys.executable, "-c", code, "run", str(path)],
        env=environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def test_a_stamp_says_whether_anybody_has_written_to_the_store(server: Server) -> None:
    folder = server.root / "written"
    folder.mkdir()
    path = folder / "train.ipynb"
    write(notebook("%%step load\ndata = [1]"), path)
    assert server.ask("stamp", "written/train.ipynb") == (200, {"stamp": "."})
    run_in_a_terminal(server, path)
    _, one = server.ask("flow", "written/train.ipynb")
    assert words(one) == {"load": "fresh"}
    assert one["elsewhere"] is False
    # Looking is no writing.
    assert server.ask("stamp", "written/train.ipynb") == (200, {"stamp": one["stamp"]})
    run_in_a_terminal(server, path)
    _, other = server.ask("stamp", "written/train.ipynb")
    assert other["stamp"] != one["stamp"]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("token", [None, "wrong"])
def test_nobody_is_answered_without_the_token(
    server: Server, route: str, method: str, token: str | None
) -> None:
    body = told(*SOURCES) if method in ("POST", "PUT", "PATCH") else None
    status, answer = server.ask(route, "in/train.ipynb", body, method, token)
    assert status in (403, 405)
    assert "load" not in str(answer)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "path",
    [
        "../secret.ipynb",
        "in/../../secret.ipynb",
        "..%2fsecret.ipynb",
        "/../secret.ipynb",
        ".hidden.ipynb",
        "in",
        "",
        "missing.ipynb",
    ],
)
@pytest.mark.parametrize("body", [None, told(*SOURCES)], ids=["get", "post"])
def test_no_path_leads_out_of_the_folder_or_to_what_is_no_notebook(
    server: Server, route: str, path: str, body: object
) -> None:
    status, answer = server.ask(route, path, body)
    assert status in (400, 404), answer
    assert "revealed" not in str(answer)


def test_an_absolute_path_is_one_below_the_root(server: Server) -> None:
    status, _ = server.ask("flow", str(server.root.parent / "secret.ipynb"))
    assert status == 404


@pytest.mark.parametrize(
    "body",
    [{}, [], {"cells": 3}, {"cells": [3]}, {"cells": [{"cell_type": "code"}]}, {"cells": ["x"]}],
    ids=str,
)
def test_what_is_no_document_is_refused(server: Server, body: object) -> None:
    assert server.ask("flow", "in/train.ipynb", body)[0] == 400
