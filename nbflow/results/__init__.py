"""The results of runs: their tasks and values, loaded when they are looked at."""

from nbflow.results.outputs import (
    Logs,
    error_output,
    logged,
    outputs_by_name,
    recorded,
    said,
    settled,
    stayed_by_name,
)
from nbflow.results.run import FlowRun, StepResult, check_tag
from nbflow.results.runs import Runs, found

__all__ = [
    "FlowRun",
    "Logs",
    "Runs",
    "StepResult",
    "check_tag",
    "error_output",
    "found",
    "logged",
    "outputs_by_name",
    "recorded",
    "said",
    "settled",
    "stayed_by_name",
]
