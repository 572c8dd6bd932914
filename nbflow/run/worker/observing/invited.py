"""Python programs that a step starts: they are asked, by their environment, to tell what they read.

The step itself does not see that in its own; nor do programs that are given one of their own.
"""

# Plain strings, as the audit hook has them.
# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import os

#: What a Python imports at its start lies here.
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "python")  # noqa: PTH100
_TELL, _PATH = "NBFLOW_TELL", "PYTHONPATH"


def invite(directory: str, address: str, ignored: tuple[str, ...]) -> None:
    """A program is about to be started.

    Parameters
    ----------
    directory
        The task's own.
    address
        Where it is to tell.
    ignored
        What the paths begin with that are nobody's business.
    """
    global _invites
    _invites = True
    path = os.environ.get(_PATH)
    os.putenv(_TELL, "\n".join((os.path.join(directory, ""), address, *ignored)))
    os.putenv(_PATH, os.pathsep.join((_FOLDER, path)) if path else _FOLDER)


def take_back() -> None:
    """Programs are not asked any longer."""
    global _invites
    if _invites:
        _invites = False
        os.unsetenv(_TELL)
        if (path := os.environ.get(_PATH)) is None:
            os.unsetenv(_PATH)
        else:
            os.putenv(_PATH, path)


_invites = False
