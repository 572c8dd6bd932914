"""The flow: which step reads what from where, by document order."""

from nbflow.flow.build import build
from nbflow.flow.graph import Edge, Flow, FlowStep, Part
from nbflow.flow.reach import Input, Needs
from nbflow.flow.scope import Version

__all__ = ["Edge", "Flow", "FlowStep", "Input", "Needs", "Part", "Version", "build"]
