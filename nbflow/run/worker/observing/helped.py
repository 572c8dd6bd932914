"""What ``help`` tells of functions that look on in the place of others: what it tells of those."""

from __future__ import annotations

import _sitebuiltins
import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType, MethodType
from typing import Any

_PACKAGE = os.path.join(__file__.partition("/run/worker/")[0], "")  # noqa: PTH118


@contextmanager
def plainly() -> Iterator[None]:
    """Have ``help`` look through nbflow's own functions meanwhile."""
    kind: Any = _sitebuiltins._Helper
    helping = kind.__call__

    @functools.wraps(helping)
    def call(self: object, *things: Any, **keywords: Any) -> Any:
        import pydoc

        writer: Any = pydoc.Doc
        documenting = writer.document

        def document(doc: Any, thing: Any, *told: Any) -> Any:
            return documenting(doc, plain(thing), *told)

        writer.document = document
        try:
            return helping(self, *map(plain, things), **keywords)
        finally:
            writer.document = documenting

    kind.__call__ = call
    try:
        yield
    finally:
        kind.__call__ = helping


def plain(thing: Any) -> Any:
    """What a function stands for, if it is nbflow's own and stands for another one."""
    while is_own(thing):
        original: Any = getattr(thing, "__wrapped__", None)
        if original is None:
            break
        holder = getattr(thing, "__self__", None)
        thing = original if holder is None else MethodType(original, holder)
    return thing


def is_own(thing: object) -> bool:
    """Whether it is a function of nbflow's."""
    function = thing.__func__ if isinstance(thing, MethodType) else thing
    if not isinstance(function, FunctionType):
        return False
    return function.__code__.co_filename.startswith(_PACKAGE)
