"""The form has a control for each type, says what does not fit, and runs with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import ipywidgets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.errors import FlowError
from nbflow.parameters import declare
from nbflow.records.parameter import Parameter
from nbflow.views.form import Form, form


def parameters(**declared: tuple[str | None, str]) -> list[Parameter]:
    found, _ = declare(declared)
    return found


class Runs:
    """What the button ran with."""

    def __init__(self) -> None:
        self.seen: list[dict[str, object]] = []

    def __call__(self, values: Mapping[str, object]) -> None:
        self.seen.append(dict(values))


def made(annotation: str | None, default: str) -> tuple[Form, Any, Runs]:
    runs = Runs()
    shown = form(parameters(p=(annotation, default)), runs)
    return shown, shown.fields["p"].control, runs


CONTROLS: list[tuple[str | None, str, type[Any], Any, object]] = [
    (None, "2", ipywidgets.Text, "3", 3),
    (None, "0.5", ipywidgets.Text, "2", 2.0),
    (None, "'a'", ipywidgets.Text, "2", "2"),
    (None, "'a\\nb'", ipywidgets.Textarea, "c\nd", "c\nd"),
    (None, "True", ipywidgets.Checkbox, False, False),
    (None, "[1]", ipywidgets.Text, "[1, 'a']", [1, "a"]),
    (None, "{'a': 1}", ipywidgets.Text, "{}", {}),
    (None, "None", ipywidgets.Text, "some text", "some text"),
    ("int | None", "None", ipywidgets.Text, "3", 3),
    ("int | None", "3", ipywidgets.Text, "None", None),
    ("Literal['fast', 'exact']", "'fast'", ipywidgets.Dropdown, "exact", "exact"),
    ("Literal['fast'] | None", "None", ipywidgets.Dropdown, "fast", "fast"),
    ("date", "'2024-01-31'", ipywidgets.DatePicker, date(2024, 2, 29), "2024-02-29"),
    ("date | None", "'2024-01-31'", ipywidgets.DatePicker, None, None),
    ("Annotated[int, Ge(1), Le(8)]", "2", ipywidgets.IntSlider, 8, 8),
    ("Annotated[float, Interval(ge=0, le=1)]", "0.5", ipywidgets.FloatSlider, 0.25, 0.25),
    ("Annotated[int, Ge(1)]", "2", ipywidgets.Text, "900", 900),
    ("Annotated[int, Ge(0), Le(100000)]", "2", ipywidgets.Text, "99999", 99999),
    ("Annotated[int, Ge(5), Le(1)]", "2", ipywidgets.Text, "2", None),
]


@pytest.mark.parametrize(("annotation", "default", "control", "typed", "value"), CONTROLS)
def test_each_type_has_its_control_and_the_button_runs_with_what_was_typed(
    annotation: str | None, default: str, control: type[Any], typed: object, value: object
) -> None:
    shown, field, runs = made(annotation, default)
    assert type(field) is control
    assert field.description == "p"
    before = field.value
    field.value = typed
    shown.button.click()
    (seen,) = runs.seen
    if typed == before:
        assert seen == {}
    else:
        assert repr(seen) == repr({"p": value})
    assert "✘" not in shown.fields["p"].hint.value


def test_what_the_page_shows_counts_where_it_has_not_arrived_yet() -> None:
    runs = Runs()
    mode, since = ("Literal['a', 'b']", "'a'"), ("date", "'2024-01-31'")
    shown = form(parameters(n=(None, "1"), mode=mode, since=since, flag=(None, "False")), runs)
    assert set(shown.button.fields) == {"n", "mode", "since", "flag"}
    shown.press({"n": "5", "mode": 1, "since": "2024-02-29", "flag": True})
    shown.press({"n": "1", "mode": 0, "since": None, "flag": False})
    assert runs.seen == [{"n": 5, "mode": "b", "since": "2024-02-29", "flag": True}]
    assert shown.message.value == "✘ One value does not fit."


def test_what_nobody_touched_is_left_as_the_notebook_has_it() -> None:
    runs = Runs()
    declared = parameters(n=("float", "2"), word=("str | int", "'3'"), k=(None, "1"))
    shown = form(declared, runs)
    shown.fields["k"].control.value = "5"
    shown.button.click()
    shown.fields["k"].control.value = "1"
    shown.button.click()
    assert runs.seen == [{"k": 5}, {}]


@pytest.mark.parametrize(
    ("annotation", "default", "typed", "told"),
    [
        (None, "2", "two", "✘ takes an int, for example 4"),
        (None, "[1]", "[1, ", "✘ takes a list, for example [1, 2]"),
        (None, "[1]", "1, 2", "✘ takes a list, for example [1, 2]"),
        ("date", "'2024-01-31'", None, "✘ takes a date, for example 2024-01-31"),
        ("Annotated[int, Ge(1)]", "2", "0", "✘ takes an int at least 1, for example 4"),
        ("Annotated[float, Gt(0), Le(1)]", "1", 0.0, "above 0 and at most 1, for example 0.5"),
    ],
)
def test_a_value_that_does_not_fit_is_said_beside_its_field_and_nothing_runs(
    annotation: str | None, default: str, typed: object, told: str
) -> None:
    shown, field, runs = made(annotation, default)
    hint = shown.fields["p"].hint
    before, field.value = field.value, typed
    assert told in hint.value
    shown.button.click()
    assert runs.seen == []
    assert shown.message.value == "✘ One value does not fit."
    field.value = before
    assert "✘" not in hint.value
    shown.button.click()
    assert runs.seen == [{}]
    assert shown.message.value == ""


def test_a_slider_stays_within_bounds_that_its_ends_do_not_reach() -> None:
    _, slider, _ = made("Annotated[int, Gt(0), Lt(9)]", "2")
    assert (slider.min, slider.max) == (1, 8)


def test_a_default_of_another_type_is_a_text_that_is_not_touched() -> None:
    for annotation, default in (("bool", 1), ("date", "today"), ("Literal['a']", "b")):
        runs = Runs()
        shown = form([Parameter("p", annotation, default)], runs)
        assert type(shown.fields["p"].control) is ipywidgets.Text
        shown.button.click()
        assert runs.seen == [{}]


def test_a_run_that_cannot_begin_says_why_and_the_button_works_again() -> None:
    def run(_: Mapping[str, object]) -> None:
        assert shown.button.disabled
        raise FlowError("the flow has problems", "Mend them.")

    shown = form(parameters(n=(None, "1")), run)
    shown.button.click()
    assert shown.message.value == "✘ the flow has problems Mend them."
    assert not shown.button.disabled


def test_a_flow_without_parameters_has_a_button_and_says_so() -> None:
    runs = Runs()
    shown = form([], runs)
    assert shown.message.value == "This flow has no parameters."
    shown.button.click()
    assert runs.seen == [{}]


def test_beside_the_form_stands_its_text() -> None:
    shown = form(parameters(n=("int", "200"), mode=(None, "'a'")), Runs())
    data = shown._repr_mimebundle_()
    assert data is not None
    assert data["text/plain"] == "n = 200\nmode = 'a'"


@pytest.mark.parametrize("text", ["\u202e", "\ud800", "x" * 1_000_000, "$x$", "<b>"])
def test_no_text_is_parsed_or_fills_the_page(text: str) -> None:
    shown = form([Parameter("p", "list[int]", [text]), Parameter("q", None, text)], Runs())
    shown.say(text, "bad")
    for told in (shown.message.value, shown.fields["p"].hint.value):
        assert len(told) < 400
        assert not {"$", "\u202e", "\ud800"} & set(told)


@given(st.text(max_size=20), st.sampled_from(["int", "date", "list[int]", "str | None", "bad["]))
def test_no_typed_text_raises(text: str, annotation: str) -> None:
    runs = Runs()
    shown = form([Parameter("p", annotation, None), Parameter("q", annotation, text)], runs)
    for field in shown.fields.values():
        if isinstance(field.control, ipywidgets.Text):
            field.control.value = text
    shown.button.click()
    assert runs.seen or "not fit" in shown.message.value
