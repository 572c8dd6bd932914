"""What becomes of one cell, by what its statements are for."""

from __future__ import annotations

from nbflow.analysis import analyse
from nbflow.analysis.syntax import parse
from nbflow.conversion.pieces import Became
from nbflow.conversion.statements import Purpose, purpose_of
from nbflow.parameters import declare
from nbflow.records.facts import Facts

DEFINITIONS = "defines what steps share"
LOOKS = "only looks at values"


def role_of(source: str, at_top: bool, wants_parameters: bool) -> tuple[Became, str]:
    """The role of a cell, and why it is an ordinary one if it is.

    Parameters
    ----------
    at_top
        Whether no step stands above: only there does a set-up cell hold for all that follows.
    wants_parameters
        Whether the notebook has no parameters yet.
    """
    facts = analyse(source)
    if facts.syntax_error is not None:
        return "ordinary", f"is not valid Python: {facts.syntax_error[0]}"
    if "input" in facts.reads:
        return "ordinary", "asks its reader with `input()`, which a step cannot"
    purposes = purposes_of(source)
    if not purposes:
        return "ordinary", "holds comments only"
    if purposes == {"define"} and facts.only_definitions:
        if at_top and wants_parameters and _are_parameters(facts):
            return "parameters", ", ".join(facts.literals)
        return "ordinary", DEFINITIONS
    if purposes <= {"define", "magic"} and not _binds_data(facts):
        return "ordinary", "configures the kernel and every step"
    if purposes <= {"define", "magic", "kernel"} and not _binds_data(facts):
        return "ordinary", "is about the kernel, not about data"
    if at_top and purposes <= {"define", "magic", "configure"} and not _binds_data(facts):
        return "setup", "runs before every step"
    if purposes <= {"define", "magic", "kernel", "look"} and not _binds_data(facts):
        return "ordinary", LOOKS
    return "step", ""


def purposes_of(source: str) -> set[Purpose]:
    """What the statements of a cell that can be read are for."""
    return {purpose_of(statement) for statement in parse(source).statements}


def _are_parameters(facts: Facts) -> bool:
    names = {name for definition in facts.definitions for name in definition.names}
    declared, wrong = declare(facts.literals)
    return bool(declared) and not wrong and names == facts.literals.keys()


def _binds_data(facts: Facts) -> bool:
    defined = {name for definition in facts.definitions for name in definition.names}
    bound = {*facts.binds, *facts.may_bind, *facts.deletes}
    return bool(bound - defined or facts.mutates or facts.dynamic)
