"""The command line: each command asks the driver one thing and shows the answer."""

from nbflow.cli.check import check
from nbflow.cli.convert import convert
from nbflow.cli.history import logs, runs, show
from nbflow.cli.keeping import clear, gc, store
from nbflow.cli.main import main
from nbflow.cli.questions import graph, plan, status, why
from nbflow.cli.run import run
from nbflow.cli.trust import accept, verify

__all__ = ["main"]

for _command in (
    *(run, plan, status, why, graph, check, convert, verify, accept),
    *(runs, show, logs, store, gc, clear),
):
    main.add_command(_command)
