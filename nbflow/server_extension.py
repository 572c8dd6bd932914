"""The flow of a notebook before it has a kernel: routes of Jupyter's server for the panel."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import ensure_async, to_os_path, url_path_join
from tornado.web import HTTPError, authenticated

from nbflow.errors import NbflowError

#: Requests that the panel sends to kernels; they say nothing of whether a kernel is busy.
_REQUEST = "nbflow_request"
#: Beside the server's own thread, which stays free to answer others.
_THREADS = ThreadPoolExecutor(2, "nbflow")


class FlowHandler(APIHandler):
    """A notebook's flow as the panel draws it: it is analysed and looked up, never executed."""

    auth_resource = "contents"

    def initialize(self, what: str) -> None:
        """Take what is asked for by this route: one of those in ``_told``."""
        self._what = what
        # A page asks by itself whether anything has happened: that is nobody's doing.
        self._track_activity = what != "stamp"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Of the notebook as it is saved; or only a stamp of its store."""
        await self._answer(None)

    @authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Of the notebook with the cells that were sent, as they are on the screen."""
        body = self.get_json_body()
        if not isinstance(body, dict) or not isinstance(body.get("cells"), list):
            raise HTTPError(400, "there are no cells")
        await self._answer(body["cells"])

    async def _answer(self, cells: list[Any] | None) -> None:
        path = await self._notebook(self.get_query_argument("path"))
        cell, seen = (self.get_query_argument(name, "") for name in ("cell", "seen"))
        run = asyncio.get_running_loop().run_in_executor
        try:
            told = await run(_THREADS, _told, self._what, path, cells, cell, seen)
        except NbflowError as error:
            raise HTTPError(400, str(error)) from None
        self.set_header("Content-Type", "application/json")
        await self.finish(told)

    async def _notebook(self, path: str) -> Path:
        """Where a notebook lies; the contents manager says whether anybody may see it."""
        manager = self.contents_manager
        model = await ensure_async(manager.get(path, content=False))  # type: ignore[no-untyped-call]
        root = getattr(manager, "root_dir", None)
        if model["type"] not in ("notebook", "file") or root is None:
            raise HTTPError(400, f"{path} is no notebook in a folder of this server")
        return Path(to_os_path(model["path"].strip("/"), root))


def _told(what: str, path: Path, sent: list[Any] | None, cell: str, seen: str) -> str:
    # Late: a server that nobody asks for a flow starts as fast as without nbflow.
    from nbflow import cells
    from nbflow.driver import NotebookFlow, elsewhere
    from nbflow.views.panel import details, drawn, logs, picture, told

    # Before anything is looked up: what comes later is seen by the next look.
    stamp = elsewhere.stamp(path)
    if what == "stamp":
        return json.dumps({"stamp": stamp})
    notebook = cells.read(path) if sent is None else cells.parse(_document(sent), path)
    with NotebookFlow(notebook) as flow:
        match what:
            case "details":
                return json.dumps(details(flow, cell))
            case "logs":
                return json.dumps(logs(flow, cell, seen=seen))
            case "picture":
                return json.dumps(picture(flow, drawn(flow, flow.plan(), flow.notebook.cells)))
            case _:
                whole = told(flow, drawn(flow, flow.plan(), flow.notebook.cells))
                return json.dumps({**whole, "stamp": stamp})


def _document(sent: list[Any]) -> dict[str, Any]:
    """The cells that a page sends, as a notebook has them."""
    keep = ("id", "cell_type", "source")
    return {
        "nbformat": 4,
        "cells": [
            {
                **{name: each.get(name) for name in keep},
                "metadata": {
                    **{name: each.get(name) for name in ("tags", "nbflow")},
                    "jp-MarkdownHeadingCollapsed": each.get("collapsed"),
                },
            }
            if isinstance(each, dict)
            else each
            for each in sent
        ],
    }


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "nbflow.server_extension"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    base = url_path_join(server.web_app.settings["base_url"], "nbflow")
    server.web_app.add_handlers(  # type: ignore[no-untyped-call]
        ".*$",
        [
            (url_path_join(base, what), FlowHandler, {"what": what})
            for what in ("flow", "details", "logs", "picture", "stamp")
        ],
    )
    untracked = getattr(server.kernel_manager, "untracked_message_types", None)
    if untracked is not None:
        server.kernel_manager.untracked_message_types = [*untracked, _REQUEST]
