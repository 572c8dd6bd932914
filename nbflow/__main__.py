"""The command ``nbflow``, also ``python -m nbflow``: from its first moment on it can be ended."""

from __future__ import annotations

import os
import signal
from typing import NoReturn


def main() -> None:
    """Run the command line; Ctrl-C while it is still being imported ends it without a traceback."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    # Late: importing it takes most of the time that a small command does.
    from nbflow.cli import main as command

    command(prog_name="nbflow")


def _end(number: int, _frame: object) -> NoReturn:
    os.write(2, b"Interrupted.\n")
    os._exit(128 + number)


if __name__ == "__main__":
    main()
