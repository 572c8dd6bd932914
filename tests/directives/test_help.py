"""Help and reference tell all that the parser knows, and the examples in them are right."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from nbflow.directives import OPTIONS, parse
from nbflow.directives.command import Command
from nbflow.directives.help import docstring, flow_docstring, reference
from nbflow.directives.marks import KINDS
from nbflow.magics.commands import table
from nbflow.records.directive import Kind
from nbflow.records.notebook import Cell

REFERENCE = Path(__file__).parents[2] / "docs" / "reference.md"
COMMANDS = (
    Command("run", "run [STEP...] [--bg]", "run the flow, or some steps and what they need"),
    Command("why", "why STEP", "say why a step would run"),
)


def test_the_reference_is_the_one_that_the_tables_give() -> None:
    # `make docs` writes it.
    if os.environ.get("NBFLOW_SNAPSHOTS") == "write":
        REFERENCE.write_text(reference(table()), "utf-8")
    assert REFERENCE.read_text("utf-8") == reference(table())


@pytest.mark.parametrize("kind", KINDS)
def test_help_names_every_option_that_applies_and_no_other(kind: Kind) -> None:
    text = docstring(kind)
    for option in OPTIONS.values():
        assert (f"    --{option.name} " in text) == (kind in option.kinds)
        assert option.kinds == () or f"`--{option.name}" in reference()
    assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_is_a_cell_that_can_be_used(kind: Kind) -> None:
    example = docstring(kind).split("Example:\n\n")[1].split("\n\n")[0]
    source = "\n".join(line.removeprefix("    ") for line in example.splitlines())
    directive, problems = parse(Cell("a", 1, "code", source))
    assert directive is not None
    assert (directive.kind, problems) == (kind, ())
    compile(directive.body, "example", "exec")
    assert f"```python\n{source}\n```" in reference()


def test_help_for_flow_lists_its_commands() -> None:
    assert flow_docstring(COMMANDS) == (
        "%flow [COMMAND]\n\nWithout a command it shows the status.\n\n"
        "    %flow run [STEP...] [--bg]  run the flow, or some steps and what they need\n"
        "    %flow why STEP              say why a step would run\n"
    )
    assert "| `%flow why STEP` | say why a step would run |" in reference(COMMANDS)


def test_a_long_usage_has_its_help_below_it() -> None:
    text = flow_docstring(table())
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "    %flow plan [STEP]... [-p NAME VALUE]...\n        " in text


def test_a_stroke_in_a_table_does_not_end_its_cell() -> None:
    for line in reference(table()).splitlines():
        if line.startswith("| `"):
            assert len(re.findall(r"(?<!\\)\|", line)) in (3, 5)


def test_help_for_a_foreach_reads_well() -> None:
    assert docstring("foreach").splitlines()[:12] == [
        "%%foreach CLAUSE [options]",
        "",
        "The cell is a step that runs once for each item, in parallel, each with a",
        "cache entry of its own. CLAUSE is what stands after `for` in a comprehension,",
        "with any further `for` and `if`. Below, each name that the cell binds is a",
        "list, in the order of iteration.",
        "",
        "Example:",
        "",
        "    %%foreach chunk in np.array_split(data, cores) --name means --max-parallel 4",
        "    mean = chunk.mean()",
        "",
    ]
