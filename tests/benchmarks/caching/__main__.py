"""``python -m tests.benchmarks.caching [--docs] [SET_UP…]``: the tools' test, in one table."""

from __future__ import annotations

import datetime
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbflow
from tests.benchmarks import pages
from tests.benchmarks.caching.changes import CHANGES
from tests.benchmarks.caching.environment import Environment, installed
from tests.benchmarks.caching.judging import BAD
from tests.benchmarks.caching.running import Outcome, Project, outcome, truths
from tests.benchmarks.caching.setups import PLAINLY, SET_UPS, SetUp, Tool
from tests.benchmarks.measure import ROOT

COMMAND = "python -m tests.benchmarks.caching --docs"


def main(words: list[str]) -> int:
    names = [word for word in words if word != "--docs"]
    known = {each.folder: each for each in SET_UPS}
    if unknown := [name for name in names if name not in known]:
        print(f"no set-up {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    if names and "--docs" in words:
        print("the page is written with all set-ups, or not at all")
        return 2
    set_ups = [known[name] for name in names] or list(SET_UPS)
    tools = list(dict.fromkeys(each.tool for each in set_ups if each.tool))
    with tempfile.TemporaryDirectory(prefix="nbflow-caching-") as folder:
        told("installing", *(tool.name for tool in tools))
        environment = installed(Path(folder) / "environment", tools)
        outcomes = measured(set_ups, Path(folder), environment)
        versions = {tool: environment.versions.get(tool.distribution) for tool in tools}
    text = "\n".join([*table(outcomes), "", *footnotes(outcomes, versions), ""])
    print(text)
    if "--docs" in words:
        pages.put(ROOT / "docs" / "caching.md", "caching", text)
    ours = [each for each in outcomes if each.set_up.tool is None]
    return 1 if any(each.failure or BAD & {*each.verdicts.values()} for each in ours) else 0


def measured(set_ups: Sequence[SetUp], folder: Path, environment: Environment) -> list[Outcome]:
    plainly = Project(PLAINLY, folder / "plainly", environment)
    plainly.cold()
    truth = truths(plainly)
    outcomes = []
    for each in set_ups:
        told(each.folder)
        if each.tool and each.tool.name in environment.missing:
            outcomes.append(Outcome(each, failure=environment.missing[each.tool.name]))
        else:
            outcomes.append(outcome(Project(each, folder / each.folder, environment), truth))
    return outcomes


def table(outcomes: Sequence[Outcome]) -> list[str]:
    heads = " | ".join(change.name for change in CHANGES)
    lines = [f"| | {heads} |", "|---" * (len(CHANGES) + 1) + "|"]
    ran = [each for each in outcomes if not each.failure]
    lines += [row(each) for each in ran]
    others = [each for each in ran if each.set_up.tool]
    for title, group in (
        ("others", [each for each in others if not each.set_up.declared]),
        ("others, declared", [each for each in others if each.set_up.declared]),
    ):
        cells = [bad(group, change.name) for change in CHANGES]
        lines.append(f"| *{title}: old or again* | {' | '.join(cells)} |")
    return lines


def row(each: Outcome) -> str:
    asked = dict.fromkeys(each.asked, ", asks")
    cells = [f"{each.verdicts[one.name]}{asked.get(one.name, '')}" for one in CHANGES]
    declared = ", declared" if each.set_up.declared else ""
    return f"| {each.set_up.title}{declared} | {' | '.join(cells)} |"


def bad(group: Sequence[Outcome], name: str) -> str:
    return f"{sum(each.verdicts[name] in BAD for each in group)} of {len(group)}"


def footnotes(outcomes: Sequence[Outcome], versions: dict[Tool, str | None]) -> list[str]:
    declared = [
        f"{each.set_up.title}: {each.set_up.declared}" for each in outcomes if each.set_up.declared
    ]
    lines = [f"Declared: {'; '.join(declared)}."] if declared else []
    for each in outcomes:
        if each.failure:
            lines += ["", f"Does not run: {each.set_up.title}: `{each.failure}`."]
    named = [f"{tool.name} {version}" for tool, version in versions.items() if version]
    where = f"Python {platform.python_version()}, {platform.system()}, {datetime.date.today()}"
    listed = ", ".join([f"nbflow {nbflow.__version__}", *named])
    return [*lines, "", f"{listed}; {where}. `{COMMAND}` writes this table."]


def told(*words: str) -> None:
    print(*words, "…", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
