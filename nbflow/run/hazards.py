"""The hazards of a task that has completed: what its source shows, and the modules it imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from nbflow.analysis.hazards import hazards_in
from nbflow.flow import Flow
from nbflow.flow.hazards import hazards_of
from nbflow.plan import Call
from nbflow.records.task import Fact


class Hazards:
    """Tells them; a local module is read once for each of its contents."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._modules: dict[Fact, tuple[Fact, ...]] = {}

    def of(self, flow: Flow, call: Call, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        """The hazards of a task that saw these facts; what runs in it once more counts as well."""
        seen = [fact for each in facts if each.kind == "module" for fact in self._in_module(each)]
        for step, part in ((call.step, call.part), *((r.step, "body") for r in call.replays)):
            seen += hazards_of(flow, step, part)
        return tuple(dict.fromkeys(seen))

    def _in_module(self, module: Fact) -> tuple[Fact, ...]:
        if module not in self._modules:
            self._modules[module] = tuple(
                Fact("hazard", hazard.kind, f"`{hazard.text}` in {module.subject}")
                for hazard in hazards_in(self._tree(module))
            )
        return self._modules[module]

    def _tree(self, module: Fact) -> list[ast.AST]:
        try:
            return [ast.parse((self._directory / module.subject).read_bytes())]
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return []  # a folder, a compiled module, or one that has changed again
