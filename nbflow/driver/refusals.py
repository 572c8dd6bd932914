"""What a run is refused for, before anything of it has begun."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from nbflow.errors import FlowError
from nbflow.records.problem import Problem


def check_arguments(workers: int | None, executor: str) -> None:
    """Refuse what no run can be made with."""
    if workers is not None and workers < 1:
        raise FlowError(f"{workers} workers can run nothing", "Give 1 or more, or leave it out.")
    if executor not in ("local", "inline"):
        raise FlowError(f"there is no executor `{executor}`", "There are `local` and `inline`.")


def no_step(name: str, notebook: str, known: Collection[str]) -> FlowError:
    """A step is asked for that the notebook does not have."""
    close = difflib.get_close_matches(name, known, 1)
    names = ", ".join(f"`{each}`" for each in known) or "none"
    hint = f"Did you mean `{close[0]}`?" if close else f"Its steps: {names}."
    return FlowError(f"{notebook} has no step `{name}`", hint)


class ProblemsError(FlowError):
    """The flow has problems; all of them are in ``problems``."""

    def __init__(self, notebook: str, problems: list[Problem]) -> None:
        count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        lines = [f"cell [{p.number}]: {p.message}. {p.remedy}" for p in problems]
        super().__init__(f"{notebook} has {count}", "\n  ".join(lines))
        self.problems = tuple(problems)
