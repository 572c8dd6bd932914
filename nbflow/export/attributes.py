"""What each version of a name is called in Metaflow, where a value is never bound anew."""

from __future__ import annotations

from collections.abc import Mapping

from nbflow.export.program import Program
from nbflow.flow import FlowStep, Version

#: What a `FlowSpec` calls something itself.
OWN = frozenset(
    {"name", "input", "index", "next", "cmd", "script_name", "foreach_stack", "merge_artifacts"}
    | {"start", "end", "check", "step", "steps", "parameters", "trigger", "inputs"}
    | {"resources", "environment"}
)


class Attributes:
    """An attribute for each version of each name; parameters are the first version of theirs."""

    def __init__(self, made: Program) -> None:
        self._of: dict[Version, str] = {}
        taken = {*OWN, *(function.name for function in made.functions)}
        #: Of parameters: their options keep their names.
        self.parameters: Mapping[str, str] = {
            p.name: f"{p.name}_" if p.name in OWN else p.name for p in made.flow.parameters
        }
        taken |= {*self.parameters.values()}
        wanted = {name for function in made.functions for name in function.returns}
        for function in made.functions:
            for name in function.returns:
                attribute, count = name, 2
                while attribute in taken or (attribute != name and attribute in wanted):
                    attribute, count = f"{name}_{count}", count + 1
                taken.add(attribute)
                self._of[Version(name, function.step.id)] = attribute

    def made(self, step: FlowStep, name: str) -> str:
        """That of what a step leaves under a name."""
        return self._of[Version(name, step.id)]

    def seen(self, made: Program, step: FlowStep, name: str) -> str | None:
        """That of what a name means above a step; None where no step hands it on."""
        found = self.parameters.get(name)
        for function in made.functions:
            if function.step.index >= step.index:
                break
            if name in function.returns:
                found = self._of[Version(name, function.step.id)]
        return found

    def last(self, made: Program, name: str) -> str:
        """That of what a name means in the end."""
        found = self.parameters.get(name, name)
        for function in made.functions:
            if name in function.returns:
                found = self._of[Version(name, function.step.id)]
        return found
