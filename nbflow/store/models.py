"""Classes of pydantic: what it works out of their fields belongs to one process."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

_DECORATORS = "__pydantic_decorators__"
#: Worked out of the fields, with the address of the class in it, or kept for speed.
_WORKED_OUT = (
    *("__pydantic_core_schema__", "__pydantic_validator__", "__pydantic_serializer__"),
    "__pydantic_setattr_handlers__",
)


def settle(state: dict[str, Any]) -> None:
    """Leave of what such a class has what is the same in every process."""
    if _DECORATORS in state:
        for name in _WORKED_OUT:
            state.pop(name, None)
        with suppress(TypeError, AttributeError):  # other versions have it otherwise
            state[_DECORATORS] = _without_addresses(state[_DECORATORS])


def complete(cls: type, state: Mapping[str, Any]) -> None:
    """Have a class of this state, which was made anew, work out the rest again."""
    rebuild = getattr(cls, "model_rebuild", None)
    if _DECORATORS in state and rebuild is not None:
        rebuild(force=True, raise_errors=False)


def _without_addresses(found: Any) -> Any:
    """What decorates methods, without the address of the class in which they stand."""
    kinds = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    return dataclasses.replace(
        found,
        **{
            kind: {
                name: dataclasses.replace(each, cls_ref=each.cls_ref.rpartition(":")[0])
                for name, each in held.items()
            }
            for kind, held in kinds.items()
        },
    )
