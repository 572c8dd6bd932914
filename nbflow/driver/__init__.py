"""The driver: composes reading, planning, running and the store; what every face talks to."""

from nbflow.driver.notebook_flow import NotebookFlow, load
from nbflow.driver.refusals import ProblemsError
from nbflow.results.past import runs
from nbflow.run.loop import RunEvent, StartedOver, TaskChanged, TaskOutput

__all__ = [
    "NotebookFlow",
    "ProblemsError",
    "RunEvent",
    "StartedOver",
    "TaskChanged",
    "TaskOutput",
    "load",
    "runs",
]
