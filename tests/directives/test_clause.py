"""A foreach's clause is told from the options behind it by Python's own grammar."""

from __future__ import annotations

import pytest

from nbflow.directives.clause import split, why_not

CASES = [
    ("x in xs", "x in xs", ""),
    ("k, v in d.items()", "k, v in d.items()", ""),
    ("a, *rest in rows", "a, *rest in rows", ""),
    ("(a, b), c in rows", "(a, b), c in rows", ""),
    (
        "lr in lrs for depth in depths if lr * depth < 1 --cpus 2",
        "lr in lrs for depth in depths if lr * depth < 1",
        "--cpus 2",
    ),
    ("x in xs --cpus 2", "x in xs", "--cpus 2"),
    ("x in xs --no-cache", "x in xs", "--no-cache"),
    ("x in xs --cpus=2 --out a", "x in xs", "--cpus=2 --out a"),
    ("x in xs if a --b", "x in xs if a --b", ""),
    ("x in xs if a --b --here", "x in xs if a --b", "--here"),
    ("x in xs if x > -1", "x in xs if x > -1", ""),
    ("x in [-1, --y, 2]", "x in [-1, --y, 2]", ""),
    ('x in ["a --cpus 2"] --seed 1', 'x in ["a --cpus 2"]', "--seed 1"),
    ("x in f(a --cpus)", "x in f(a --cpus)", ""),
    ("x in xs --retry 2", "x in xs", "--retry 2"),
    ("x in xs --ouput a", "x in xs", "--ouput a"),
    ("--cpus 2", "", "--cpus 2"),
    ("x in xs# note", "x in xs", ""),
    ("x in ['#', 'b']", "x in ['#', 'b']", ""),
    (
        "x in {'a': 1}['a'] if not (lambda q: q)(x)",
        "x in {'a': 1}['a'] if not (lambda q: q)(x)",
        "",
    ),
    ("x in await xs()", "x in await xs()", ""),
]


@pytest.mark.parametrize(("text", "clause", "options"), CASES)
def test_the_clause_ends_where_the_options_begin(text: str, clause: str, options: str) -> None:
    assert split(text) == (clause, options)


@pytest.mark.parametrize("clause", [clause for _, clause, _ in CASES if clause])
def test_a_clause_is_what_python_takes_after_for(clause: str) -> None:
    assert why_not(clause) is None


@pytest.mark.parametrize("text", ["", "x", "x in", "x = 1", "x in xs]", "x[0] in xs", "1 in xs"])
def test_what_is_not_a_clause_has_a_reason_and_a_remedy(text: str) -> None:
    wrong = why_not(text)
    assert wrong is not None
    assert all(wrong)
