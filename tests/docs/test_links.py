"""Every link from one page to another leads to a file, and to a heading, that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.markdown import DOCS

ROOT = DOCS.parent
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])

_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    words = (heading.lower() for heading in _HEADING.findall(page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", each).strip().replace(" ", "-") for each in words}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_somewhere(page: Path) -> None:
    for name, anchor in _LINK.findall(page.read_text("utf-8")):
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), name
        assert not anchor or anchor in anchors(target), f"{name}#{anchor}"


def test_every_page_of_the_docs_can_be_found_from_their_index() -> None:
    linked = {name for name, _ in _LINK.findall((DOCS / "index.md").read_text("utf-8"))}
    assert {page.name for page in DOCS.glob("*.md")} <= linked | {"index.md"}
