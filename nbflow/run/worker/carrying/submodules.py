"""Loads the modules that code asks of a package, and that something in another cell has loaded."""

from __future__ import annotations

import importlib
import importlib.util
import re
import types
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

_CHAIN = re.compile(r"(?<![\w.])([^\W\d]\w*)((?:\.[^\W\d]\w*)+)")


def load_asked(namespace: Mapping[str, Any], texts: Iterable[str]) -> None:
    """Load what these sources ask of packages that are not told to load it where they stand.

    ``matplotlib.pyplot`` is there, say, once pandas has drawn something, in whichever cell above.
    Where none has, this kernel has it all the same: code that would fail for that does not.
    """
    for text in texts:
        for name, chain in _CHAIN.findall(text):
            value = namespace.get(name)
            if isinstance(value, types.ModuleType) and hasattr(value, "__path__"):
                _load(value, chain[1:].split("."))


def _load(package: types.ModuleType, attributes: Iterable[str]) -> None:
    value: object = package
    for attribute in attributes:
        if not isinstance(value, types.ModuleType) or not hasattr(value, "__path__"):
            return
        if attribute not in vars(value) and not _there(value, attribute):
            return
        value = getattr(value, attribute)


def _there(package: types.ModuleType, attribute: str) -> bool:
    """Whether a package has an attribute, if need be by loading the module of that name."""
    name = f"{package.__name__}.{attribute}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what has gone out of use the body is told
            if not hasattr(package, attribute) and importlib.util.find_spec(name) is not None:
                importlib.import_module(name)
    except Exception:  # whatever its code raises, the body meets where it asks
        return False
    return attribute in vars(package)
