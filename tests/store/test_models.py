"""Classes of pydantic and their instances, where it is installed."""

from __future__ import annotations

from typing import Any

import pytest

from nbflow.store import pickling

MODEL = """
from pydantic import BaseModel, Field, field_validator
class Model(BaseModel):
    n: int = Field(3, gt=1)
    names: list[str] = []
    @field_validator("n")
    @classmethod
    def more(cls, value):
        return value + 1
"""


def _defined(text: str = MODEL) -> dict[str, Any]:
    pytest.importorskip("pydantic")
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(text, space)
    return space


def _dumped(space: dict[str, Any]) -> list[bytes]:
    return [bytes(each) for each in pickling.dump(space["Model"](n=4), space, "x").buffers]


def test_a_model_is_the_same_wherever_it_is_defined() -> None:
    one, other = _defined(), _defined()
    assert _dumped(one) == _dumped(other)
    assert pickling.identify(one["Model"], one) == pickling.identify(other["Model"], other) != ""


@pytest.mark.parametrize(
    ("old", "new"), [("gt=1", "gt=2"), ("n: int", "n: float"), ("+ 1", "+ 2"), ("= []", "= ['a']")]
)
def test_another_definition_makes_another_one(old: str, new: str) -> None:
    one, other = _defined(), _defined(MODEL.replace(old, new))
    assert pickling.identify(one["Model"], one) != pickling.identify(other["Model"], other)


def test_a_model_that_is_made_anew_validates() -> None:
    pickled = pickling.dump(_defined()["Model"](n=4), None, "x")
    buffers = [memoryview(bytearray(each)) for each in pickled.buffers]
    value: Any = pickling.load(pickled.details, buffers, {"__name__": "__main__"})
    assert type(value)(n=7).n == 8
    assert value.model_dump() == {"n": 5, "names": []}
