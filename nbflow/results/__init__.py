"""The results of runs: their tasks and values, loaded when they are looked at."""

from nbflow.results.run import (
    FlowRun,
    Logs,
    StepResult,
    logged,
    outputs_by_name,
    stayed_by_name,
)
from nbflow.results.runs import Runs, found

__all__ = [
    "FlowRun",
    "Logs",
    "Runs",
    "StepResult",
    "found",
    "logged",
    "outputs_by_name",
    "stayed_by_name",
]
