"""Parameters are typed by annotation or default; what does not fit is refused with an example."""

from __future__ import annotations

import contextlib
import math
from datetime import date, datetime
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.errors import ParameterError
from nbflow.parameters import check, convert, declare
from nbflow.records.parameter import Parameter


def parameter(annotation: str | None, default: str) -> Parameter:
    declared, wrong = declare({"p": (annotation, default)})
    assert not wrong
    return declared[0]


FITS: list[tuple[str | None, str, str, object]] = [
    (None, "2", "4", 4),
    (None, "2", " 4 ", 4),
    (None, "2", "-1", -1),
    (None, "200_000", "1_000", 1000),
    (None, "0.5", "2", 2.0),
    (None, "0.5", "1e-3", 0.001),
    (None, "0.5", "inf", math.inf),
    (None, "'a'", "2", "2"),
    (None, "'a'", "", ""),
    (None, "'a'", "it's", "it's"),
    (None, "True", "no", False),
    (None, "False", "YES", True),
    (None, "False", "1", True),
    (None, "None", "2", 2),
    (None, "None", "None", None),
    (None, "None", "some text", "some text"),
    (None, "[1]", "[1, 'a']", [1, "a"]),
    (None, "(1,)", "(1, 2)", (1, 2)),
    (None, "(1,)", "[1, 2]", (1, 2)),
    (None, "{'a': 1}", "{'b': 2}", {"b": 2}),
    (None, "{1}", "{2, 3}", {2, 3}),
    (None, "b'a'", "b'c'", b"c"),
    (None, "1j", "2j", 2j),
    ("float", "2", "3", 3.0),
    ("int | None", "None", "None", None),
    ("int | None", "None", "3", 3),
    ("int", "None", "None", None),
    ("Optional[float]", "1.0", "2", 2.0),
    ("typing.Optional[str]", "None", "None", None),
    ("Optional[str]", "None", "3", "3"),
    ("'int | None'", "None", "3", 3),
    ("str | int", "'a'", "3", 3),
    ("str | int", "'a'", "b", "b"),
    ("Union[int, float]", "1", "2.5", 2.5),
    ("Literal['fast', 'exact']", "'fast'", "exact", "exact"),
    ("Literal['fast', 'exact']", "'fast'", "'exact'", "exact"),
    ("typing.Literal[1, 2]", "1", "2", 2),
    ("Literal['a'] | None", "None", "None", None),
    ("list[int]", "[1]", "[2, 3]", [2, 3]),
    ("List[float]", "[1.0]", "[2, 3]", [2.0, 3.0]),
    ("tuple[int, ...]", "(1,)", "(1, 2, 3)", (1, 2, 3)),
    ("tuple[int, str]", "(1, 'a')", "(2, 'b')", (2, "b")),
    ("dict[str, float]", "{}", "{'a': 1}", {"a": 1.0}),
    ("Annotated[int, 'cores']", "1", "2", 2),
    ("Any", "1", "text", "text"),
    ("pathlib.Path", "'data'", "other", "other"),
    ("list[Path]", "['a']", "['b']", ["b"]),
    ("date", "'2024-01-31'", "2024-02-29", "2024-02-29"),
    ("datetime.date", "'2024-01-31'", " 2024-02-29 ", "2024-02-29"),
    ("date | None", "None", "None", None),
    ("date | None", "None", "2024-02-29", "2024-02-29"),
    ("list[date]", "[]", "['2024-02-29']", ["2024-02-29"]),
    ("Annotated[int, Ge(1), Le(8)]", "1", "8", 8),
    ("Annotated[int, annotated_types.Interval(gt=0, lt=9)]", "1", "8", 8),
    ("Annotated[float, Field(0.5, ge=0, le=1)]", "0.5", "1", 1.0),
    ("Annotated[int | None, Ge(1)]", "None", "None", None),
    ("Annotated[int, Ge(least)]", "1", "-5", -5),
    ("Annotated[str, Ge('a')]", "'a'", "b", "b"),
    ("Annotated[int, Len(1)]", "1", "2", 2),
]


@pytest.mark.parametrize(("annotation", "default", "text", "value"), FITS)
def test_text_becomes_a_value_of_the_parameters_type(
    annotation: str | None, default: str, text: str, value: object
) -> None:
    converted = convert(parameter(annotation, default), text)
    assert converted == value
    assert type(converted) is type(value)
    assert repr(converted) == repr(value)


MISFITS: list[tuple[str | None, str, str, str, str]] = [
    (None, "2", "two", "parameter `p` takes an int, not 'two'", "`-p p 4`"),
    (None, "2", "2.5", "an int, not '2.5'", "`-p p 4`"),
    (None, "2", "", "an int", ""),
    (None, "2", "9" * 5000, "an int, not '999", ""),
    (None, "2", "True", "an int", ""),
    (None, "0.5", "half", "a float", "`-p p 0.5`"),
    (None, "True", "2", "a bool", "`-p p true`"),
    (None, "[1]", "1, 2", "a list", "`-p p '[1, 2]'`"),
    (None, "[1]", "[f()]", "a list", ""),
    (None, "{'a': 1}", "{[]: 1}", "a dict", ""),
    (None, "(1,)", "(", "a tuple", ""),
    ("list[int]", "[1]", "['a']", "a list[int]", "`-p p '[4, 4]'`"),
    ("list[str]", "['a']", "a,b", "a list[str]", "`-p p \"['text', 'text']\"`"),
    ("list[int]", "[1]", "[True]", "a list[int]", ""),
    ("tuple[int, str]", "(1, 'a')", "(1,)", "a tuple[int, str]", ""),
    ("int | None", "None", "x", "an int or None", "`-p p 4`"),
    ("Literal['fast', 'exact']", "'fast'", "slow", "one of 'fast', 'exact'", "`-p p fast`"),
    ("Literal[1, 2]", "1", "True", "one of 1, 2", ""),
    ("date", "'2024-01-31'", "31.1.2024", "a date, not '31.1.2024'", "`-p p 2024-01-31`"),
    ("date", "'2024-01-31'", "2023-02-29", "a date, not", ""),
    ("date", "'2024-01-31'", "20240131", "a date, not", ""),
    ("list[date]", "[]", "['today']", "a list[date]", "`-p p \"['2024-01-31', '2024-01-31']\"`"),
    ("Annotated[int, Ge(1), Le(8)]", "1", "9", "an int at least 1 and at most 8", "`-p p 4`"),
    ("Annotated[int, Gt(8)]", "9", "8", "an int above 8, not '8'", "`-p p 9`"),
    ("Annotated[float, Gt(0), Lt(0.1)]", "0.05", "1", "above 0 and below 0.1", "`-p p 0.05`"),
    ("Annotated[float, Ge(0)]", "1", "nan", "a float at least 0", ""),
    ("Annotated[int | None, Ge(5)]", "None", "4", "an int at least 5 or None", "`-p p 5`"),
]


@pytest.mark.parametrize(("annotation", "default", "text", "message", "remedy"), MISFITS)
def test_text_that_does_not_fit_is_refused_with_an_example(
    annotation: str | None, default: str, text: str, message: str, remedy: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        convert(parameter(annotation, default), text)
    assert message in caught.value.message
    assert remedy in caught.value.remedy
    assert len(caught.value.message) < 200


CHECKED: list[tuple[str | None, str, Any, object]] = [
    (None, "2", 4, 4),
    (None, "2", numpy.int64(4), 4),
    (None, "0.5", 2, 2.0),
    (None, "0.5", numpy.float64(2.5), 2.5),
    (None, "'a'", numpy.str_("b"), "b"),
    (None, "(1,)", [1, 2], (1, 2)),
    (None, "None", {"a": [1, None]}, {"a": [1, None]}),
    ("list[float]", "[1.0]", [1, 2], [1.0, 2.0]),
    ("float | int", "1.0", 2, 2),
    ("float | None", "None", 2, 2.0),
    ("Literal['a']", "'a'", "a", "a"),
    ("date", "'2024-01-31'", date(2024, 2, 29), "2024-02-29"),
    ("date | None", "None", date(2024, 2, 29), "2024-02-29"),
    ("Annotated[float, Ge(0)]", "1.0", numpy.int64(3), 3.0),
]


@pytest.mark.parametrize(("annotation", "default", "given_value", "value"), CHECKED)
def test_python_values_are_taken_where_nothing_is_lost(
    annotation: str | None, default: str, given_value: object, value: object
) -> None:
    checked = check(parameter(annotation, default), given_value)
    assert repr(checked) == repr(value)


@pytest.mark.parametrize(
    ("annotation", "default", "value"),
    [
        (None, "2", True),
        (None, "2", "4"),
        (None, "2", 2.0),
        (None, "True", 1),
        (None, "'a'", 1),
        (None, "'a'", None),
        (None, "[1]", (1,)),
        (None, "None", object()),
        (None, "None", date(2024, 1, 1)),
        (None, "0.5", 10**400),
        ("set[int]", "{1}", [[1]]),
        ("Literal[1]", "1", True),
        ("date", "'2024-01-31'", datetime(2024, 2, 29)),
        ("date", "'2024-01-31'", 20240229),
        ("Annotated[int, Ge(1)]", "1", 0),
        ("Annotated[float, Lt(1)]", "0.5", 1),
    ],
)
def test_python_values_of_another_type_are_refused(
    annotation: str | None, default: str, value: object
) -> None:
    with pytest.raises(ParameterError, match="parameter `p` takes"):
        check(parameter(annotation, default), value)


def test_declared_parameters_keep_their_default_as_it_is() -> None:
    literals = {"n": ("float", "2"), "mode": ("Literal['a', 'b']", "'a'"), "path": (None, "'x'")}
    parameters, wrong = declare(literals, {"n": 1, "mode": 2})
    assert not wrong
    assert parameters == [
        Parameter("n", "float", 2, None, 1),
        Parameter("mode", "Literal['a', 'b']", "a", ("a", "b"), 2),
        Parameter("path", None, "x", None, 0),
    ]
    assert type(parameters[0].default) is int


@pytest.mark.parametrize(
    ("annotation", "default", "why"),
    [
        (None, "f()", "not a literal"),
        (None, "(", "not a literal"),
        (None, "{[]}", "not a literal"),
        ("int", "'a'", "takes an int, and its default is 'a'"),
        ("int", "True", "takes an int"),
        ("Literal['a']", "'b'", "one of 'a'"),
        ("date", "'today'", "takes a date, and its default is 'today'"),
        ("Annotated[int, Ge(1)]", "0", "an int at least 1, and its default is 0"),
    ],
)
def test_a_wrong_default_is_named(annotation: str | None, default: str, why: str) -> None:
    _, wrong = declare({"p": (annotation, default)})
    assert [name for name, _ in wrong] == ["p"]
    assert why in wrong[0][1]


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=10))
def test_no_text_raises_anything_else(annotation: str, default: str, text: str) -> None:
    declared, _ = declare({"p": (annotation, default)})
    for one in [*declared, Parameter("p", annotation, None), Parameter("p", annotation, [1])]:
        with contextlib.suppress(ParameterError):
            convert(one, text)


literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(literals)
def test_any_literal_is_its_own_default_and_its_own_value(value: object) -> None:
    one = Parameter("p", None, value)
    assert repr(check(one, value)) == repr(value)
    if value == value and not isinstance(value, str) and "inf" not in repr(value):
        assert repr(convert(one, repr(value))) == repr(value)
