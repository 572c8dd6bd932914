"""Completion knows the marks and ``%flow``, and stays silent in everything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.directives import OPTIONS
from nbflow.directives.command import Command
from nbflow.directives.completion import Completions, complete

STEPS = ("load", "clean", "primes")
VARIABLES = ("data", "depth", "cores")
COMMANDS = (
    Command("run", "run [STEP...] [--bg] [-n]", "run the flow"),
    Command("runs", "runs", "earlier runs"),
    Command("why", "why STEP", "why a step would run"),
)
OF_STEP = [f"--{name}" for name, option in OPTIONS.items() if "step" in option.kinds]
OF_FOREACH = [f"--{name}" for name in OPTIONS]


def found(marked: str) -> Completions | None:
    """The completions of a text at its ``‸``."""
    return complete(marked.replace("‸", ""), marked.index("‸"), STEPS, VARIABLES, COMMANDS)


def less(names: list[str], *without: str) -> list[str]:
    return [name for name in names if name not in without]


CASES: list[tuple[str, list[str]]] = [
    # the words for the kinds of cells
    ("%%‸", ["%%step", "%%foreach", "%%parameters", "%%setup"]),
    ("%%st‸", ["%%step"]),
    ("# about\n\n%%fo‸\nx = 1", ["%%foreach"]),
    # options
    ("%%step ‸", OF_STEP),
    ("%%step load ‸", OF_STEP),
    ("%%step load --‸", OF_STEP),
    ("%%step load -‸", OF_STEP),
    ("%%step load --se‸", ["--seed"]),
    ("%%step load --c‸\nbody()", ["--cpus"]),
    ("%%step load --cpus 2 --‸", less(OF_STEP, "--cpus")),
    ("%%step load --‸ --cpus 2", less(OF_STEP, "--cpus")),
    ("%%step load --no-cache ‸", less(OF_STEP, "--no-cache")),
    ("%%step load --cpus 2 \\\n  --se‸", ["--seed"]),
    ("# why\n%%step load --cpus 2 \\\n  --in data \\\n --‸", less(OF_STEP, "--cpus", "--in")),
    ("%%step load --env 'A=one two' --se‸", ["--seed"]),
    ("%%step load\n#| cpus: 2\n#| s‸", ["seed: "]),
    ("%%foreach x in xs --ma‸", ["--max-parallel"]),
    ("%%foreach x in xs --max-parallel 2 --‸", less(OF_FOREACH, "--max-parallel")),
    ("%%foreach x in xs ‸", OF_FOREACH),
    ('%%foreach x in d["a b"] --ma‸', ["--max-parallel"]),
    # values
    ("%%step load --in ‸", list(VARIABLES)),
    ("%%step load --in d‸", ["data", "depth"]),
    ("%%step load --in=d‸", ["data", "depth"]),
    ("%%step load --in data,d‸", ["depth"]),
    ("%%step load --in data de‸", ["depth"]),
    ("%%step load --in data ‸", ["depth", "cores", *less(OF_STEP, "--in")]),
    ("%%step load --out c‸", ["cores"]),
    ("%%step load --after cl‸", ["clean"]),
    ("%%foreach x in xs --on-error ‸", ["stop", "continue"]),
    ("%%foreach x in xs --on-error=c‸", ["continue"]),
    # clauses
    ("%%foreach x in ‸", list(VARIABLES)),
    ("%%foreach x in d‸", ["data", "depth"]),
    ("%%foreach x in zip(data, de‸", ["depth"]),
    ("%%foreach x in data if x > co‸", ["cores"]),
    ("%%foreach x in data for y in de‸", ["depth"]),
    # comments
    ("#| ‸", ["step: ", "foreach: ", "parameters", "setup"]),
    ("#| st‸\nx = 1", ["step: "]),
    ("#| step: load\n#| no‸\nx = 1", ["no-cache", "no-replay"]),
    ("#| step: load\n#| cpus: 2\n#| c‸", []),
    ("#| step: load --se‸", ["--seed"]),
    ("#| foreach: x in d‸", ["data", "depth"]),
    ("#| foreach: x in xs\n#| on-error: ‸", ["stop", "continue"]),
    ("#| foreach: x in xs\n#| max‸", ["max-parallel: "]),
    ("#| step: load\n#| in: [data, de‸", ["depth"]),
    ("#| step: load\n#| after: cl‸", ["clean"]),
    ("%%time\n#| step: load\n#| se‸", ["seed: "]),
    # %flow
    ("%flow ‸", ["run", "runs", "why"]),
    ("x = 1\n  %flow wh‸\ny = 2", ["why"]),
    ("%flow r‸", ["run", "runs"]),
    ("%flow why ‸", list(STEPS)),
    ("%flow why cl‸", ["clean"]),
    ("%flow run load ‸", ["clean", "primes", "--bg", "-n"]),
    ("%flow run --‸", ["--bg"]),
    ("%flow run --bg cl‸", ["clean"]),
    ("%flow run load \\\n  cl‸", ["clean"]),
    # nothing
    ("‸", []),
    ("%%step lo‸", []),
    ("%%step load --cpus ‸", []),
    ("%%step load --file d‸", []),
    ("%%step load --env 'A=d‸", []),
    ("%%step load --bogus=d‸", []),
    ("%%step load # a note --‸", []),
    ("%%step load\n--‸", []),
    ("%%step load\nd‸", []),
    ("%%step load\n%%st‸", ["%%step"]),
    ("%%step load\nx = 1\n%%st‸", []),
    ("%%step load\nx = 1 \\\n --‸", []),
    ("%%parameters --‸", []),
    ("%%foreach d‸", []),
    ("%%foreach x in data.d‸", []),
    ("%%foreach x in 'd‸", []),
    ("%%foreach x in data for d‸", []),
    ("%%time --‸", []),
    ("%%stepwise --‸", []),
    ("x = 1\n#| st‸", []),
    ("# st‸", []),
    ("#| echo: d‸", []),
    ("d‸ata", []),
    ("%flow‸", []),
    ("%flow bogus ‸", []),
    ("%flow runs ‸", []),
    ("%flow why load ‸", []),
    ("print('%flow ‸", []),
    ("%flower ‸", []),
]


@pytest.mark.parametrize(("marked", "told"), CASES, ids=[marked for marked, _ in CASES])
def test_what_can_be_typed(marked: str, told: list[str]) -> None:
    completions = found(marked)
    assert [one.text for one in completions.candidates] == told if completions else told == []


@pytest.mark.parametrize("marked", [marked for marked, told in CASES if told])
def test_a_candidate_goes_on_from_what_is_typed(marked: str) -> None:
    completions = found(marked)
    assert completions is not None
    typed = marked.replace("‸", "")[completions.start : completions.end]
    assert completions.end == marked.index("‸")
    assert all(one.text.startswith(typed) for one in completions.candidates)


def test_an_option_says_what_it_does() -> None:
    completions = found("%%step load --se‸")
    assert completions is not None
    (seed,) = completions.candidates
    assert (seed.sort, seed.about) == ("option", "N: start the random generators from this number")


@given(
    st.lists(
        st.sampled_from(
            ["%%step", "%%foreach", "#|", "%flow", "x in", "--in", "'", "\\\n", "\n", " ", "#", "a"]
        )
        | st.text(max_size=3)
    ),
    st.integers(min_value=0, max_value=40),
)
def test_whatever_is_typed_completion_answers(words: list[str], cursor: int) -> None:
    text = "".join(words)
    cursor = min(cursor, len(text))
    completions = complete(text, cursor, STEPS, VARIABLES, COMMANDS)
    if completions is not None:
        assert completions.candidates
        assert 0 <= completions.start <= completions.end == cursor
