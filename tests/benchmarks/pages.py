"""Tables that stand between two comments of a page."""

from __future__ import annotations

from pathlib import Path


def put(page: Path, name: str, text: str) -> None:
    """The text in the place of what stands in the page between the marks of this name."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    head, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, found, tail = rest.partition(end)
    if not found:
        raise ValueError(f"{page.name} has no marks {begin.strip()} and {end}")
    page.write_text(head + begin + text + end + tail, encoding="utf-8")
