"""A page as HTML for a notebook: quiet tables, badges and differences, with nothing that runs."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from nbflow.records.picture import Picture
from nbflow.views import ansi, css
from nbflow.views.blocks import (
    Badge,
    Block,
    Code,
    Difference,
    Gallery,
    Heading,
    Line,
    Note,
    Piece,
    Row,
    Span,
    Table,
)
from nbflow.views.graph import shown
from nbflow.views.status import LOOKS, look
from nbflow.views.wording import Worded

_BACKTICKS = re.compile(r"`([^`\n]+)`")
#: The status that each looks like, and its icon.
_SEVERITIES = {"error": ("failed", look("failed").icon), "warning": ("stale", "M8 4v5M8 12h.01")}
_SIGNS = {"+": "add", "-": "del", "@": "skip"}


def render(blocks: Sequence[Block]) -> str:
    """The blocks in one element, which brings its style along and touches nothing around it."""
    body = "\n".join(_html(block) for block in blocks)
    return f'<div class="nbf"><style>{css.style(body)}</style>\n{body}\n</div>'


def _html(block: Block) -> str:
    match block:
        case Line((), "", _):
            return '<div class="nbf-gap"></div>'
        case Line(pieces, mark, indent):
            return f'<div class="nbf-line"{_set_in(indent)}>{_line(pieces, mark)}</div>'
        case Table():
            return _table(block)
        case Note(severity, message, remedy):
            like, path = _SEVERITIES[severity]
            return (
                f'<div class="nbf-note">{_round(like, _icon(path, severity))}'
                f'<div class="nbf-said">{_text(message)}'
                f'<div class="nbf-quiet">{_text(remedy)}</div></div></div>'
            )
        case Difference(indent=indent):
            lines = "".join(map(_difference, block.lines()))
            return f'<pre class="nbf-diff"{_set_in(indent)}>{lines}</pre>'
        case Code(text):
            return f'<pre class="nbf-code">{"".join(_coloured(text))}</pre>'
        case Gallery(text, pictures):
            found = "".join(_pictures(name, each) for name, each in pictures)
            return (
                f'<div class="nbf-line">{_text(text)}</div><div class="nbf-gallery">{found}</div>'
            )
        case Heading(text, tone, _):
            return f'<div class="nbf-head nbf-{tone}">{_text(text)}</div>'


def _pictures(name: str, pictures: Iterable[Picture]) -> str:
    images = "".join(f'<img src="{_source(each)}" alt="">' for each in pictures)
    return f"<figure>{images or '–'}<figcaption>{_text(name)}</figcaption></figure>"


def _source(picture: Picture) -> str:
    """A picture as an address: within an image, whatever is in an SVG cannot run."""
    data = "".join(picture.data.split())
    if picture.type == "image/svg+xml":
        data = base64.b64encode(picture.data.encode(errors="replace")).decode()
    return f"data:{picture.type};base64,{escape(data)}"


def _line(pieces: Iterable[Piece], mark: str) -> str:
    pieces = tuple(pieces)
    badged = any(isinstance(piece, Badge) for piece in pieces)
    front = _badge(mark) + " " if mark and not badged else ""
    return front + "".join(map(_piece, pieces))


def _piece(piece: Piece) -> str:
    match piece:
        case Badge(status, text):
            return _badge(status, text)
        case Span(text, tone) if tone:
            return f'<span class="nbf-{tone}">{_text(text)}</span>'
        case _:
            return _text(piece.text if isinstance(piece, Span) else piece)


def _badge(status: str, text: str = "") -> str:
    kind = status if status in LOOKS else "none"
    if not text:
        return _round(kind, _icon(look(status).icon, escape(status)))
    return f'<span class="nbf-badge nbf-{kind}">{_icon(look(status).icon)}{_text(text)}</span>'


def _round(kind: str, icon: str) -> str:
    return f'<span class="nbf-badge nbf-alone nbf-{kind}">{icon}</span>'


def _icon(path: str, word: str = "") -> str:
    """An icon, with the word for it where none stands beside it."""
    told = f'role="img" aria-label="{word}"' if word else 'aria-hidden="true"'
    title = f"<title>{word}</title>" if word else ""
    return f'<svg class="nbf-icon" viewBox="0 0 16 16" {told}>{title}<path d="{path}"/></svg>'


def _table(table: Table) -> str:
    badged = any(isinstance(cell, Badge) for row in table.rows for cell in row.cells)
    marked = not badged and any(row.mark for row in table.rows)
    heads = [*(["status"] if marked else []), *table.heads]
    right = table.right + marked if table.right >= 0 else -1
    head = "".join(
        f'<th scope="col"{_aligned(position == right)}>{_text(text)}</th>'
        for position, text in enumerate(heads)
    )
    body = "\n".join(f"<tr>{''.join(_cells(row, right, marked))}</tr>" for row in table.rows)
    head = f"<thead><tr>{head}</tr></thead>"
    return f'<table class="nbf-table">{head}\n<tbody>\n{body}\n</tbody></table>'


def _cells(row: Row, right: int, marked: bool) -> Iterator[str]:
    cells = [*([Badge(row.mark, row.mark)] if marked else []), *row.cells]
    for position, cell in enumerate(cells):
        yield f"<td{_aligned(position == right)}>{_piece(cell)}</td>"


def _aligned(right: bool) -> str:
    return ' class="nbf-right"' if right else ""


def _set_in(indent: int) -> str:
    return f' style="margin-left:{indent}ch"' if indent else ""


def _difference(line: str) -> str:
    kind = _SIGNS.get(line[:1], "same")
    # The line break is for those who copy, and for where no style is left.
    return f'<span class="nbf-{kind}">{_safe("⋯" if kind == "skip" else line)}\n</span>'


def _coloured(text: str) -> Iterator[str]:
    for piece, ink in ansi.pieces(text):
        names = ["bold"] * ink.bold + ["marked"] * ink.marked
        # On a ground the text's own colour is the one that can be read.
        names += [f"ink{ink.colour}"] * (ink.colour is not None and not ink.marked)
        classes = " ".join(f"nbf-{name}" for name in names)
        yield f'<span class="{classes}">{_safe(piece)}</span>' if names else _safe(piece)


def _text(text: str) -> str:
    """Text in which names and code stand in backticks; words of ours say in which language."""
    told = _BACKTICKS.sub(r"<code>\1</code>", _safe(text))
    return f'<span lang="en">{told}</span>' if isinstance(text, Worded) else told


def _safe(text: str) -> str:
    return escape(shown(text))
