"""What a cell that does not parse looks as if it bound and changed."""

from __future__ import annotations

import pytest

from nbflow.analysis.facts import analyse


@pytest.mark.parametrize(
    ("body", "bound", "changed"),
    [
        ("df = clean(df", "df", ""),
        ("a, (b, *c) = rows(\nn: int = (\nm += (", "a b c m n", ""),
        ("x = y = (", "x", ""),
        ("rows.append(1)\ntable['k'] = (\nself.x = 1", "", "rows self table"),
        ("plot(x, color='red', width=3\nif a == b: pass", "", ""),
        ("def f(a:\n    return a\nclass A(B:\n    pass", "f A", ""),
        ("import os, sys\nfrom a.b import c as d, e\nx = = 1", "os sys d e x", ""),
        ("for i, row in rows\n    total += row\nwith open(p) as f\n", "i row total f", ""),
        ("print 'x = 3'\nassert a <= b, (\nc != d", "", ""),
        ("# gone = 1\nx == 1\n", "", ""),
    ],
)  # fmt: skip
def test_names_that_it_would_bind_and_change(body: str, bound: str, changed: str) -> None:
    facts = analyse(body + "\n(")
    assert facts.syntax_error is not None
    assert facts.would_bind == set(bound.split())
    assert facts.would_change == set(changed.split())


def test_valid_cells_bind_what_they_bind() -> None:
    facts = analyse("x = 1\ny.append(x)")
    assert not facts.would_bind | facts.would_change
