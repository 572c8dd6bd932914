"""Texts of the notebook as docstrings."""

from __future__ import annotations

import ast

import pytest

from nbflow.export.prose import quoted


@pytest.mark.parametrize("text", ["a", 'a "b"', "a \\", "\\alpha", 'a """b""" \\', "a\nb \\"])
def test_a_text_with_any_ending_is_a_docstring(text: str) -> None:
    told = ast.literal_eval(quoted(text))
    assert told.strip() == text.replace('"""', "'''")
