"""A form for the parameters of a flow, made from their types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import ceil, floor
from pathlib import Path
from typing import Any, Literal, TypeAlias

import ipywidgets
from anywidget import AnyWidget
from ipywidgets import HBox, Label, Layout, VBox
from traitlets import Bool, Dict

from nbflow.errors import NbflowError, ParameterError
from nbflow.parameters import Shape, check, convert, example, shape, told
from nbflow.records.parameter import Parameter
from nbflow.views.graph import shown
from nbflow.views.lettering import short

Tone: TypeAlias = Literal["quiet", "good", "bad"]

#: The colours of the page's theme, with our own where it has none: a label's own style takes no
#: variables.
_STYLES = """<style>
.nbflow-quiet { color: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, #59636e)); }
.nbflow-good { color: var(--jp-success-color1, var(--vscode-testing-iconPassed, #1a7f37)); }
.nbflow-bad { color: var(--jp-error-color1, var(--vscode-errorForeground, #cf222e)); }
.nbflow-last > .widget-label.widget-label { height: auto; white-space: normal; line-height: 1.5; }
</style>"""
_SIGNS: Mapping[Tone, str] = {"quiet": "", "good": "✔ ", "bad": "✘ "}
#: Whole numbers between bounds have a slider if there are no more of them than this.
_SLIDES = 1000
#: Larger ones are not whole in a browser.
_EXACT = 2**53
_CONTROL, _LONGEST = "360px", 300


class Form(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """The form: a row for each parameter, a button, and a place for a message.

    Parameters
    ----------
    parameters
        The flow's.
    run
        Called by the button with the values that differ from the defaults: what nobody touched is
        as the notebook has it. It is not called while a value does not fit.
    """

    def __init__(
        self, parameters: Sequence[Parameter], run: Callable[[Mapping[str, object]], object]
    ) -> None:
        wide = min(max((len(each.name) for each in parameters), default=0) + 2, 32)
        self.fields = {each.name: Field(each, f"{wide}ch") for each in parameters}
        self._run = run
        self.button = RunButton(
            fields={name: field.control.model_id for name, field in self.fields.items()}
        )
        self.button.layout = Layout(flex="none")  # however long the message is
        self.button.on_msg(lambda _, told, __: self.press(told["values"]))
        self.message = Label()
        if not parameters:
            self.say("This flow has no parameters.")
        rows = [field.row for field in self.fields.values()]
        below = Layout(
            align_items="center", grid_gap="12px", margin=f"4px 0 0 calc({wide}ch + 4px)"
        )
        last = HBox([self.button, self.message], layout=below)
        last.add_class("nbflow-last")
        super().__init__(
            [ipywidgets.HTML(_STYLES), *rows, last], layout=Layout(grid_gap="4px", padding="4px")
        )

    def say(self, message: str, tone: Tone = "quiet") -> None:
        """Show a message beside the button."""
        _say(self.message, message, tone)

    def press(self, shown: Mapping[str, object]) -> None:
        """Run with what the page shows in each field: some of it may still be on its way."""
        for name, value in shown.items():
            self.fields[name].set(value)
        values: dict[str, object] = {}
        wrong = 0
        for name, field in self.fields.items():
            try:
                if field.changed:
                    values[name] = field.value()
            except ParameterError:
                wrong += 1
        if wrong:
            self.say(
                "One value does not fit." if wrong == 1 else f"{wrong} values do not fit.", "bad"
            )
            return
        self.say("")
        self.button.disabled = True
        try:
            self._run(values)
        except NbflowError as error:
            self.say(" ".join(filter(None, (error.message, error.remedy))), "bad")
        finally:
            self.button.disabled = False

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any] | None:
        data: dict[str, Any] | None = super()._repr_mimebundle_(**kwargs)
        if data is not None:
            # For whoever cannot show a form.
            data["text/plain"] = "\n".join(
                shown(short(f"{name} = {field.parameter.default!r}", _LONGEST))
                for name, field in self.fields.items()
            )
        return data


class RunButton(AnyWidget):
    """A button that tells what all fields are set to in the page."""

    _esm = Path(__file__).with_name("form.js")
    #: By the parameter's name, the model of its control.
    fields = Dict().tag(sync=True)
    disabled = Bool().tag(sync=True)

    def click(self) -> None:
        """Press it, with nothing on its way."""
        self._handle_custom_msg({"values": {}}, [])


class Field:
    """One parameter's row: its control, and what its type is or what is wrong with the value."""

    def __init__(self, parameter: Parameter, wide: str) -> None:
        self.parameter = parameter
        self._takes = shape(parameter)
        self.control = _control(parameter, self._takes)
        self.control.description = parameter.name
        self.control.style.description_width = wide
        self.control.layout = Layout(width=f"calc({_CONTROL} + {wide})", max_width="100%")
        self.hint = Label()
        self.row = HBox(
            [self.control, self.hint], layout=Layout(flex_flow="row wrap", grid_gap="8px")
        )
        self._first = self._now()
        self._look()
        self.control.observe(lambda _: self._look(), "value")

    @property
    def changed(self) -> bool:
        """Whether somebody set it to something else than it was."""
        return self._now() != self._first

    def set(self, value: Any) -> None:
        """Take over what the page has; of a drop-down its index, of a date its text."""
        if isinstance(self.control, ipywidgets.Dropdown):
            self.control.index = value
        elif isinstance(self.control, ipywidgets.DatePicker):
            self.control.value = date.fromisoformat(value) if value else None
        else:
            self.control.value = value

    def _now(self) -> tuple[type, object]:
        return type(self.control.value), self.control.value

    def value(self) -> object:
        """What it is set to.

        Raises
        ------
        ParameterError
            It does not fit.
        """
        value = self.control.value
        if isinstance(self.control, ipywidgets.Text | ipywidgets.Textarea):
            return convert(self.parameter, value)
        return check(self.parameter, value)

    def _look(self) -> None:
        try:
            if self.changed:
                self.value()
        except ParameterError:
            words = f"takes {told(self._takes)}, for example {example(self._takes)}"
            _say(self.hint, words, "bad")
        else:
            says_itself = self._takes.choices is not None or self._takes.kind is bool
            _say(self.hint, "" if says_itself else told(self._takes), "quiet")


def form(parameters: Sequence[Parameter], run: Callable[[Mapping[str, object]], object]) -> Form:
    """A form of the parameters; its button runs with the values that differ from the defaults."""
    return Form(parameters, run)


def _control(parameter: Parameter, takes: Shape) -> Any:
    """What the values are set with; a text wherever nothing else holds all of them."""
    default = parameter.default
    if _fits(parameter):
        if takes.choices is not None:
            options = [(shown(short(str(each), 80)), each) for each in takes.choices]
            kinds = [(type(each), each) for each in takes.choices]
            return ipywidgets.Dropdown(options=options, index=kinds.index((type(default), default)))
        if takes.kind is bool:
            return ipywidgets.Checkbox(value=default, indent=True)
        if _is_date(takes):
            day = date.fromisoformat(default) if isinstance(default, str) else None
            return ipywidgets.DatePicker(value=day)
        if (slider := _slider(takes, default)) is not None:
            return slider
    text = default if isinstance(default, str) else repr(default)
    if "\n" in text:
        return ipywidgets.Textarea(value=text, continuous_update=False, rows=4)
    return ipywidgets.Text(value=text, continuous_update=False)


def _fits(parameter: Parameter) -> bool:
    # A default of another type is a problem of the notebook, which others tell.
    try:
        check(parameter, parameter.default)
    except ParameterError:
        return False
    return True


def _is_date(takes: Shape) -> bool:
    others = [member for member in takes.members if member.kind is not type(None)]
    return takes.kind is date or (len(others) == 1 and others[0].kind is date)


def _slider(takes: Shape, default: object) -> Any | None:
    low = max((one.number for one in takes.limits if one.sign in ("ge", "gt")), default=None)
    high = min((one.number for one in takes.limits if one.sign in ("le", "lt")), default=None)
    if low is None or high is None or not low < high:
        return None
    if takes.kind is int:
        least, most = ceil(low), floor(high)
        least += not all(one.holds(least) for one in takes.limits)
        most -= not all(one.holds(most) for one in takes.limits)
        if most - least <= _SLIDES and max(abs(least), abs(most)) <= _EXACT:
            return ipywidgets.IntSlider(value=default, min=least, max=most, continuous_update=False)
    elif takes.kind is float:
        # Its ends may be excluded: then that is said when somebody goes there.
        return ipywidgets.FloatSlider(
            value=default,
            min=low,
            max=high,
            step=(high - low) / 100,
            readout_format=".3g",
            continuous_update=False,
        )
    return None


def _say(label: Label, message: str, tone: Tone) -> None:
    # A text, never parsed; but a label would set what stands between dollars as a formula.
    message = shown(short(message, _LONGEST)).replace("$", "\uff04")
    label.value = _SIGNS[tone] + message if message else ""
    label._dom_classes = (f"nbflow-{tone}",)
