"""The command line: each command asks the driver one thing and shows the answer."""

from nbflow.cli.again import rerun, sweep
from nbflow.cli.check import check
from nbflow.cli.comparing import compare
from nbflow.cli.convert import convert
from nbflow.cli.export import export
from nbflow.cli.history import logs, runs, show
from nbflow.cli.keeping import clear, gc, store
from nbflow.cli.labels import note, tag
from nbflow.cli.main import main
from nbflow.cli.questions import graph, plan, status, why
from nbflow.cli.reopening import open_run, restore
from nbflow.cli.run import run
from nbflow.cli.trust import accept, verify

__all__ = ["main"]

_COMMANDS = (
    *(run, sweep, plan, status, why, graph, verify, accept),
    *(runs, show, logs, compare, tag, note, open_run, restore, rerun),
    *(check, convert, export, store, gc, clear),
)
for _command in _COMMANDS:
    main.add_command(_command)
