"""``docs/caching.md`` shows the task as it is run, and leaves out no tool and no change."""

from __future__ import annotations

import re

from tests.benchmarks.caching.changes import CHANGES
from tests.benchmarks.caching.judging import Verdict
from tests.benchmarks.caching.setups import PLAINLY, SET_UPS
from tests.docs.markdown import DOCS, blocks

PAGE = (DOCS / "caching.md").read_text("utf-8")


def test_the_page_shows_the_task_that_is_run() -> None:
    (shown,) = [block.text for block in blocks(PAGE) if block.kind == "python"]
    assert shown in PLAINLY.sources()["study.py"].read_text("utf-8")


def test_each_set_up_has_a_row_or_a_reason() -> None:
    head, *_ = re.findall(r"^\| \| module .*$", PAGE, re.MULTILINE)
    assert head.strip("| ").split(" | ") == [change.name for change in CHANGES]
    for each in SET_UPS:
        title = f"{each.title}, declared" if each.declared else each.title
        row = rf"^\| {re.escape(title)} \|(?: [^|]+ \|){{{len(CHANGES)}}}$"
        reason = rf"^Does not run: {re.escape(each.title)}: `.+`\.$"
        assert re.search(f"{row}|{reason}", PAGE, re.MULTILINE), title


def test_the_words_of_the_table_are_explained() -> None:
    (table,) = re.findall(r"^\| \| module .*?\n\n", PAGE, re.MULTILINE | re.DOTALL)
    explained = set(re.findall(r"^\| (\S+) \| .+ \|$", PAGE, re.MULTILINE))
    for word in Verdict:
        assert f" {word} |" not in table or word in explained, word
