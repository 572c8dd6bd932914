"""Imports nbformat without what no notebook needs of it."""

from __future__ import annotations

import sys

#: Where JupyterLab is installed, this builds dozens of grammars to check addresses in other
#: languages' letters: seconds, each time that somebody imports jsonschema, and with it nbformat.
_GRAMMARS = "rfc3987_syntax"


def import_nbformat() -> None:
    """To be called before anything else imports it, and where no code of the user's runs."""
    if _GRAMMARS in sys.modules:
        return
    sys.modules[_GRAMMARS] = None  # type: ignore[assignment]  # jsonschema does without it
    try:
        import nbformat  # noqa: F401
    finally:
        del sys.modules[_GRAMMARS]
