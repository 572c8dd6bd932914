"""Artifacts by content, and the history of runs: everything nbflow keeps on disk."""
