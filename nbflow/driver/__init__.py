"""The driver: composes reading, planning, running and the store; what every face talks to."""

from nbflow.driver.notebook_flow import NotebookFlow, load, runs
from nbflow.driver.refusals import ProblemsError
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
