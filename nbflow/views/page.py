"""What a view answers: a page, which a terminal shows as text and a notebook as HTML."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias

import click
from msgspec.structs import replace

from nbflow.views import text
from nbflow.views.blocks import WIDTH, Block, Line, Note, Piece, texts
from nbflow.views.graph import shown
from nbflow.views.wording import Text, Worded, apart


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """Some blocks; ``str`` gives them as a terminal of 80 columns shows them, in colours (ANSI)."""

    blocks: tuple[Block, ...]

    def __str__(self) -> str:
        return self.text(WIDTH)

    def __repr__(self) -> str:
        return self.plain()

    def __bool__(self) -> bool:
        return bool(self.blocks)

    def text(self, columns: int | None) -> str:
        """The page for so many columns, in colours; without a number nothing is cut or wrapped."""
        return text.render(self.blocks, columns)

    def plain(self, columns: int | None = WIDTH) -> str:
        """The text without colours."""
        return click.unstyle(self.text(columns))

    def replaced(self, pattern: re.Pattern[str], by: str) -> Page:
        """The page with what its lines and notes say of a pattern said otherwise."""

        def piece(one: Piece) -> Piece:
            if isinstance(one, str):
                return pattern.sub(by, one)
            return replace(one, text=pattern.sub(by, one.text))

        def block(one: Block) -> Block:
            if isinstance(one, Note):
                told = (pattern.sub(by, text) for text in (one.message, one.remedy))
                return Note(one.severity, *told)
            if isinstance(one, Line):
                return replace(one, pieces=tuple(map(piece, one.pieces)))
            return one

        return Page(tuple(map(block, self.blocks)))

    def worded(self) -> dict[str, Text]:
        """What it says in words of ours, with their values apart: by how it reads."""
        said = (text for block in self.blocks for text in texts(block))
        return {
            shown(text).replace("`", ""): apart(text, shown)
            for text in said
            if isinstance(text, Worded)
        }

    def html(self) -> str:
        """The page for a notebook: one element that brings its style along."""
        from nbflow.views import html  # late: a terminal has no use for it

        return html.render(self.blocks)

    def document(self, title: str) -> str:
        """The page as a file of its own, for a browser."""
        head = f'<!doctype html>\n<meta charset="utf-8">\n<title>{escape(title)}</title>'
        look = "<style>body{margin:2em;background:Canvas}:root{color-scheme:light dark}</style>"
        return f"{head}\n{look}\n{self.html()}\n"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # A terminal IPython shows the text, and most can show its colours; a notebook file holds
        # both.
        is_coloured = sys.stdout.isatty() and not is_colourless()
        plain = str(self) if is_coloured else self.plain()
        return {"text/plain": plain, "text/html": self.html()}


def is_colourless() -> bool:
    """Whether this is a terminal that shows no colours, or whose user wants none."""
    wants_none = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return wants_none and sys.stdout.isatty()


#: What pages are made of: a text is a line of its own.
Part: TypeAlias = Page | Block | str


def page(*parts: Part) -> Page:
    """The page of these parts, one below the other."""
    blocks: list[Block] = []
    for part in parts:
        if isinstance(part, Page):
            blocks += part.blocks
        else:
            blocks.append(Line((part,)) if isinstance(part, str) else part)
    return Page(tuple(blocks))
