"""Tests of what is doubtful about a notebook."""
