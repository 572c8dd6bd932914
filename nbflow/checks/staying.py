"""What stays in the process of a step, where in one kernel the cells below would find it."""

from __future__ import annotations

from collections.abc import Iterator

from nbflow.analysis import left_behind as leaving
from nbflow.analysis.figures import figures_stay, figures_wait, of_pyplot
from nbflow.checks.at import warned
from nbflow.flow import Flow, FlowStep
from nbflow.flow.scope import END, FromDefinition, FromStep
from nbflow.records.problem import Problem

_DOES = {"goes on": "draws into", "shows": "shows"}


def open_figures(flow: Flow) -> Iterator[Problem]:
    """A cell draws into the figure of a cell above, which pyplot has kept open."""
    sources = [code.cell.source for code in flow.cells]
    stay = figures_stay(sources)
    if not stay and not any(figures_wait([source]) for source in sources):
        return
    above: FlowStep | None = None
    for step in flow.steps.values():
        what, line = of_pyplot(step.step.code.body)
        if not what and any(of_pyplot(text, within=True)[0] for text in _called(flow, step)):
            what, line = "goes on", next(iter(step.step.code.facts.surely_calls.values()))
        if not stay and not figures_wait(sources[: step.index + 1]):
            continue
        ended = ("close(",) if stay and what == "goes on" else ("close(", "show(")
        is_open = above is not None and not any(e in above.step.code.body for e in ended)
        if what in ("goes on", "shows") and above is not None and is_open:
            yield warned(
                step,
                "open-figure",
                f"step `{step.name}` {_DOES[what]} pyplot's current figure, which in one kernel is "
                f"that of step `{above.name}`, still open: here it is a new one",
                f"Bind the figure to a name in `{above.name}` (`fig = plt.gcf()`) and draw into "
                "that, or do it in one cell.",
                line,
            )
        above = None if what == "shows" else step if what else above


def _called(flow: Flow, step: FlowStep) -> Iterator[str]:
    """The sources of the notebook's functions that a step surely calls."""
    for name in step.step.code.facts.surely_calls:
        match flow.scope.above(name, (step.index, END))[:1]:
            case (FromDefinition(placed),):
                yield placed.definition.source


def left_behind(flow: Flow) -> Iterator[Problem]:
    """What stays in the process of a step, where in one kernel the cells below would find it."""
    steps = list(flow.steps.values())
    for step in steps[:-1]:
        for text, line in leaving.contexts_left_open(step.step.code.body).items():
            yield warned(
                step,
                "open-context",
                f"`{text}` of step `{step.name}` holds for the process it runs in only: the steps "
                "below run in others",
                "Enter it by `with` in each cell that needs it.",
                line,
            )
    for step in steps:
        for name, line in leaving.tracebacks_asked(step.step.code.body).items():
            if name in step.body.inputs:
                yield warned(
                    step,
                    "lost-traceback",
                    f"step `{step.name}` asks for the traceback of `{name}`, which was raised in "
                    "another process: an exception is handed on without it",
                    "Take it as text where it is caught (`traceback.format_exc()`), and hand that "
                    "on.",
                    line,
                )


def temporary_files(flow: Flow) -> Iterator[Problem]:
    """A temporary folder or file that goes with the process of its step."""
    steps = list(flow.steps.values())
    for place, step in enumerate(steps):
        for name, line in leaving.temporary(step.step.code.body).items():
            if name in step.outputs and any(b.reads(name) for b in steps[place + 1 :]):
                yield warned(
                    step,
                    "temporary-file",
                    f"what `{name}` of step `{step.name}` leads to is removed when the process of "
                    "that step ends: the steps below find nothing there",
                    "Use a folder beside the notebook, or make, use and remove it in one cell.",
                    line,
                )


def finalisers(flow: Flow) -> Iterator[Problem]:
    """A class of the notebook that does something when its objects are given up."""
    last = max((step.index for step in flow.steps.values()), default=-1)
    for index, code in enumerate(flow.cells):
        for name, line in leaving.finalised(code.body).items() if index < last else ():
            yield Problem(
                "finaliser",
                f"`{name}.__del__` is not called when cells give up what other cells have made: "
                "each step has objects of its own, and its process may end with them",
                "Do it in a method that the cells call, or by `with`; or make and delete the "
                "object in one cell.",
                code.cell.id,
                code.cell.number,
                line,
                "warning",
            )


def weak_references(flow: Flow) -> Iterator[Problem]:
    """An object is given up that others refer to weakly: it is so in that process only."""
    is_asked = any(leaving.refers_weakly(code.body) for code in flow.cells)
    for step in list(flow.steps.values())[:-1] if is_asked else ():
        for name, line in leaving.given_up(step.step.code.body).items():
            if any(isinstance(b, FromStep) for b in flow.scope.above(name, (step.index, 0))):
                yield warned(
                    step,
                    "weak-reference",
                    f"step `{step.name}` gives up what `{name}` was; weak references elsewhere "
                    "do not hear of it: each step has objects of its own",
                    "Give it up, and look at the references, in the cell that makes them.",
                    line,
                )


def unclosed_files(flow: Flow) -> Iterator[Problem]:
    """A file is written and not closed, and its name means something else further down."""
    steps = list(flow.steps.values())
    for place, step in enumerate(steps):
        for name, line in leaving.left_open(step.step.code.body).items():
            for below in steps[place + 1 :]:
                if leaving.closes(below.step.code.body, name):
                    break
                facts = below.step.code.facts
                if name in facts.binds or name in facts.deletes:
                    yield warned(
                        step,
                        "unclosed-file",
                        f"step `{step.name}` writes to the file `{name}` and does not close it: in "
                        "one kernel what it wrote is in the file once step "
                        f"`{below.name}`, cell [{below.step.cell.number}], gives up `{name}`; here "
                        "some of it may be lost",
                        f"Close it where it is written: `{name}.close()`, or `with open(…) as "
                        f"{name}:`.",
                        line,
                    )
                    break


def output_widgets(flow: Flow) -> Iterator[Problem]:
    """Something is shown within a widget: a page cannot reach one that a step has made."""
    made: set[str] = set()
    for step in flow.steps.values():
        body = step.step.code.body
        made = (made - step.step.code.facts.binds.keys()) | leaving.takes_output(body)
        within = leaving.done_within(body).items() if made else ()
        shown = {f"the widget `{name}`": line for name, line in within if name in made}
        calls = leaving.interacts(body)
        if calls and step.imports("ipywidgets"):
            shown |= {f"`{function}(…)`": line for function, line in calls.items()}
        for what, line in shown.items():
            yield warned(
                step,
                "output-widget",
                f"what step `{step.name}` shows within {what} stands below the cell: a page cannot "
                "reach a widget that a step has made",
                "Leave it so, or give the step `--here`: then it runs in the kernel.",
                line,
            )


def counted_memory(flow: Flow) -> Iterator[Problem]:
    """The memory of a frame is shown, in whose index another step has looked something up."""
    looked: dict[str, FlowStep] = {}
    for step in flow.steps.values():
        body = step.step.code.body
        for name, line in leaving.memory_counted(body).items():
            if name in looked and name in step.body.inputs:
                yield warned(
                    step,
                    "memory",
                    f"step `{step.name}` shows how much memory `{name}` takes; in one kernel that "
                    f"counts what its index has noted of what step `{looked[name].name}` has "
                    "looked up",
                    f"Look things up in `{name}`, and show its memory, in one cell.",
                    line,
                )
        for name in step.step.code.facts.binds:
            looked.pop(name, None)
        looked |= dict.fromkeys(leaving.looked_up(body), step)


#: Every rule about that.
STAYING = (
    output_widgets,
    counted_memory,
    open_figures,
    left_behind,
    temporary_files,
    unclosed_files,
    finalisers,
    weak_references,
)
