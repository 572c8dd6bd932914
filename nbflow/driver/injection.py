"""Parameter values as papermill writes them into its ``injected-parameters`` cell."""

from __future__ import annotations

import math
from collections.abc import Mapping


def source(parameters: Mapping[str, object]) -> str:
    """The source of the cell that sets parameters.

    >>> source({"cores": 4, "name": "a"})
    '# Parameters\\ncores = 4\\nname = "a"\\n'
    """
    lines = (f"{name} = {literal(value)}\n" for name, value in parameters.items())
    return "# Parameters\n" + "".join(lines)


def literal(value: object) -> str:
    """A parameter's value as Python source, strings in double quotes."""
    match value:
        case str():
            text = value.encode("unicode_escape").decode("ascii").replace('"', r"\"")
            return f'"{text}"'
        case float() if not math.isfinite(value):
            return f"float('{value}')"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            items = (f"{literal(key)}: {literal(item)}" for key, item in value.items())
            return f"{{{', '.join(items)}}}"
    return repr(value)
