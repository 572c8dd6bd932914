"""Names and files of the notebook's that what is written needs for itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from nbflow.driver.basis import Basis
from nbflow.export.definitions import Definitions
from nbflow.export.refusing import problem
from nbflow.flow import Flow
from nbflow.flow.scope import Placed
from nbflow.records.problem import Problem

#: What the generated code itself defines.
GENERATED = frozenset(
    {"flow", "command_line", "each", "result_of", "environment_set", "save_figures", "compare"}
    | {"order_sets", "check_files", "SAVED_FIGURES", "with_seeds"}
)


def names_of_ours(flow: Flow, basis: Basis, definitions: Definitions) -> Iterator[Problem]:
    """Names and files of the notebook that are also those of what is written."""
    steps = list(flow.steps.values())
    for placed in definitions.shared.values():
        for name in sorted(GENERATED.intersection(placed.definition.names)):
            yield _taken_by_us(placed, name)
    for step in steps:
        if "each" in step.outputs:
            yield problem(
                step,
                "`each` is what the exported module itself calls something",
                "Give the value another name.",
            )
    for name in {"flow.py", "check.py"} & basis.modules.keys():
        yield problem(
            steps[0],
            f"the module {name} of the notebook has the name of a file that is written",
            "Give the module another name.",
        )


def hiding(definitions: Definitions, imported: Collection[str]) -> Iterator[Problem]:
    """Definitions called as what the module imports for itself, and something else."""
    for placed in definitions.shared.values():
        definition = placed.definition
        for name in sorted({*imported}.intersection(definition.names)):
            # `from typing import Callable` does as well; `import matplotlib.pyplot as plt` is it.
            is_other = re.search(rf"\bas {name}\b", definition.source) and name != "plt"
            if definition.kind != "import" or is_other:
                yield _taken_by_us(placed, name)


def _taken_by_us(placed: Placed, name: str) -> Problem:
    return Problem(
        "not-exportable",
        f"`{name}` is what the exported module itself calls something",
        "Give the definition another name.",
        placed.cell.id,
        placed.cell.number,
        placed.definition.line,
    )
