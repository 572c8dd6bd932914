"""The style of a page in a notebook: the theme of the front end, and a few calm colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from nbflow.views.status import INKS, LOOKS, look

#: VS Code's colours are asked for first: it also has those of JupyterLab's light theme, which its
#: widgets bring along, whatever theme it has itself. Its widgets stand on white in every theme.
#: Front ends style tables and code by selectors of their own; to stand above those, every rule
#: begins with ``&``, which is the class of the page twice.
_PAGE = """
.nbf{color-scheme:light dark;padding:2px 0;overflow-x:auto;\
color:var(--vscode-foreground,var(--jp-ui-font-color1,inherit));\
font:var(--jp-ui-font-size1,13px)/1.6 \
var(--vscode-font-family,var(--jp-ui-font-family,system-ui,sans-serif))}
[data-jp-theme-light="true"] .nbf,.vscode-light .nbf{color-scheme:light}
[data-jp-theme-light="false"] .nbf,.vscode-dark .nbf,.vscode-high-contrast .nbf,\
[theme="dark"] .nbf{color-scheme:dark}
.vscode-high-contrast-light .nbf{color-scheme:light}
.cell-output-ipywidget-background .nbf{color-scheme:light;color:#1f2328}
"""

#: By what is looked for in a page; only what it uses goes with it.
_PARTS: Mapping[str, str] = {
    "<code>": """
& code{padding:0;border:0;background:none;color:inherit;font-size:.95em;\
font-family:var(--vscode-editor-font-family,var(--jp-code-font-family,ui-monospace,monospace))}
""",
    "nbf-line": """
& .nbf-line{overflow-wrap:anywhere}
""",
    "nbf-gap": """
& .nbf-gap{height:.6em}
""",
    "nbf-head": """
& .nbf-head{margin:.8em 0 .3em;font-weight:600}
""",
    "nbf-table": """
& .nbf-table{width:auto;margin:.2em 0 .6em;border:0;border-collapse:collapse;\
table-layout:auto;color:inherit;font-size:inherit}
& .nbf-table tr{border:0;background:none}
& .nbf-table tbody tr{border-top:1px solid color-mix(in srgb,currentColor 12%,transparent)}
& .nbf-table tbody tr:hover{background:color-mix(in srgb,currentColor 4%,transparent)}
& .nbf-table :is(th,td){max-width:60em;padding:4px 22px 4px 2px;border:0;text-align:left;\
vertical-align:top;white-space:normal;font-variant-numeric:tabular-nums}
& .nbf-table th{padding-bottom:2px;font-size:.88em;font-weight:400;opacity:.65}
& .nbf-table td:first-child{white-space:nowrap}
& .nbf-table .nbf-right{text-align:right;white-space:nowrap}
""",
    "nbf-badge": """
& .nbf-badge{display:inline-flex;align-items:center;gap:4px;padding:0 8px 0 4px;\
border-radius:10px;line-height:20px;font-size:.92em;white-space:nowrap;vertical-align:middle}
& td .nbf-badge{vertical-align:top}
& .nbf-alone{padding:3px;margin-right:2px}
""",
    "nbf-icon": """
& .nbf-icon{width:14px;height:14px;flex:none;fill:none;stroke:currentColor;stroke-width:1.7;\
stroke-linecap:round;stroke-linejoin:round}
""",
    "nbf-note": """
& .nbf-note{display:flex;gap:8px;margin:.3em 0 .6em}
& .nbf-note .nbf-alone{align-self:flex-start}
& .nbf-said{max-width:60em;white-space:pre-line}
""",
    "<pre": """
& pre{margin:.2em 0 .5em;padding:0;border:0;background:none;color:inherit;overflow:auto;\
white-space:pre-wrap;font:var(--jp-code-font-size,13px)/1.5 \
var(--vscode-editor-font-family,var(--jp-code-font-family,ui-monospace,monospace))}
""",
    "nbf-diff": """
& .nbf-diff{max-height:32em;width:fit-content;max-width:100%;\
border-left:2px solid color-mix(in srgb,currentColor 15%,transparent)}
& .nbf-diff span{display:block;min-height:1.5em;padding:0 14px 0 8px}
& :is(.nbf-same,.nbf-skip){opacity:.65}
& .nbf-add{color:#1a7f37;color:light-dark(#116329,#7ee2a0);\
background:#dafbe1;background:light-dark(#e6fbea,#12261a)}
& .nbf-del{color:#cf222e;color:light-dark(#a40e26,#ffaba6);\
background:#ffebe9;background:light-dark(#fff0ee,#321718)}
""",
    "nbf-gallery": """
& .nbf-gallery{display:flex;flex-wrap:wrap;gap:12px;margin:.2em 0 .6em}
& .nbf-gallery figure{flex:1 1 280px;max-width:640px;margin:0}
& .nbf-gallery img{display:block;max-width:100%;height:auto;background:#fff}
& .nbf-gallery figcaption{opacity:.65;font-size:.88em}
""",
    "nbf-strong": """
& .nbf-strong{font-weight:600}
""",
    "nbf-bold": """
& .nbf-bold{font-weight:600}
""",
    "nbf-marked": """
& .nbf-marked{background:#fff3c4;background:light-dark(#fff3c4,#4a3a10)}
""",
}

#: A terminal's own colours, readable on a light page and on a dark one.
_INKS = (
    ("#24292f", "#8b949e"),
    ("#cf222e", "#ff7b72"),
    ("#1a7f37", "#3fb950"),
    ("#9a6700", "#d9a521"),
    ("#0969da", "#58a6ff"),
    ("#8250df", "#b392f0"),
    ("#1b7c83", "#39c5cf"),
    ("#59636e", "#c9d1d9"),
)


def style(body: str) -> str:
    """The rules that a page of this HTML uses."""
    used = set(re.findall(r"nbf-\w+", body))
    return _rules(lambda sought: sought in (used if sought.startswith("nbf-") else body))


def every_style() -> str:
    """The rules of all pages, for a front end that takes none from a page."""
    return _rules(bool)


def _rules(uses: Callable[[str], bool]) -> str:
    rules = [rules for sought, rules in _PARTS.items() if uses(sought)]
    for tone, ink in INKS.items():
        if uses(f"nbf-{tone}"):
            rules.append(f"& .nbf-{tone}{{{_pair('color', ink)}}}\n")
    for status in ("none", *LOOKS):
        if uses(f"nbf-{status}"):
            inks, grounds = zip(look(status).light, look(status).dark, strict=True)
            colours = f"{_pair('color', inks)};{_pair('background', grounds)}"
            rules.append(f"& .nbf-{status}{{{colours}}}\n")
    for number, ink in enumerate(_INKS):
        if uses(f"nbf-ink{number}"):
            rules.append(f"& .nbf-ink{number}{{{_pair('color', ink)}}}\n")
    return "".join([_PAGE, *rules]).replace("\n\n", "\n").replace("&", ".nbf.nbf")


def _pair(what: str, inks: tuple[str, str]) -> str:
    # The first of the two is for browsers that do not know ``light-dark``.
    light, dark = inks
    return f"{what}:{light};{what}:light-dark({light},{dark})"
