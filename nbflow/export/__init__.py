"""Exporters: pure functions from a flow, and what is known of its run, to files by path."""

from nbflow.export.metaflow import metaflow
from nbflow.export.notebook import notebook
from nbflow.export.script import script

__all__ = ["metaflow", "notebook", "script"]
