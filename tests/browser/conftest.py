"""One server and one browser for all tests here; each test has a page of its own."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import Lab, running
from tests.browser.notebook import Notebook

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Dialog

#: Milliseconds for anything to appear: a kernel that starts on a busy machine takes long.
_PATIENCE = 40_000
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.browser)
            # One server and one browser, though other tests run beside them.
            item.add_marker(pytest.mark.xdist_group("browser"))


# Not of the session: Playwright's event loop stays in this thread until it is closed, and tests
# elsewhere, which run loops of their own, may follow in the same process.
@pytest.fixture(scope="package")
def window() -> Iterator[BrowserContext]:
    chromium = shutil.which("chromium")
    if chromium is None:
        assert not os.environ.get("CI"), "there is no chromium: apt-get install chromium"
        pytest.skip("there is no chromium: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        # Pages of one context share what they have loaded of JupyterLab.
        context = browser.new_context(viewport={"width": 1180, "height": 820})
        context.set_default_timeout(_PATIENCE)
        yield context
        context.close()
        browser.close()


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="package")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go."""
    folder = os.environ.get("NBFLOW_SCREENSHOTS")
    if folder is None:
        return tmp_path_factory.mktemp("screenshots")
    Path(folder).mkdir(exist_ok=True)
    return Path(folder)


@contextmanager
def opened(window: BrowserContext, lab: Lab, pictures: Path, name: str) -> Iterator[Notebook]:
    """A page of its own for a notebook; no script in it may fail, and none may ask anything."""
    page = window.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: _note(error.stack or str(error), errors))
    page.on("dialog", lambda dialog: _answer(dialog, errors))
    name = re.sub(r"\W+", "-", name).strip("-")
    yield Notebook(page, lab, name, pictures)
    page.screenshot(path=pictures / f"{name}.png")
    page.close(run_before_unload=False)
    assert not errors, "\n".join(errors)


#: What JupyterLab does not handle by itself: that a kernel goes before it answers what it was asked
#: for a comm that it opens, or, in 4.4, for the debugger; in 4.4 also that a cell goes which it was
#: just about to measure.
OF_JUPYTERLAB = re.compile(
    "Canceled future for (create_subshell|debug)_request message before replies were done"
    r"|TypeError: Cannot read properties of null \(reading 'id'\)\s+at \S+/jlab_core\S+\Z"
)


def _note(error: str, errors: list[str]) -> None:
    """Keep an error of a script, unless it is one that JupyterLab itself makes without nbflow."""
    if not OF_JUPYTERLAB.search(error):
        errors.append(error)


def _answer(dialog: Dialog, errors: list[str]) -> None:
    """Leave the page where that is the question; a dialog that nobody answers stops the page."""
    if dialog.type != "beforeunload":
        errors.append(f"a dialog: {dialog.message}")
    dialog.accept()


@pytest.fixture
def notebook(
    window: BrowserContext, lab: Lab, pictures: Path, request: pytest.FixtureRequest
) -> Iterator[Notebook]:
    """A notebook with a kernel of its own; the test gives it what to run."""
    with opened(window, lab, pictures, request.node.name) as notebook:
        yield notebook


@pytest.fixture(scope="module")
def lasting(
    window: BrowserContext, lab: Lab, pictures: Path, request: pytest.FixtureRequest
) -> Iterator[Notebook]:
    """One notebook for all tests of a module: opening one takes many times what a test does."""
    with opened(window, lab, pictures, request.module.__name__.rpartition(".")[2]) as notebook:
        yield notebook
