"""The settings that flow from step to step: how each is looked at, and set again.

A setting is seen as a flat mapping. What is handed on is only what differs from a process in
which no step has run: the rest belongs to the machine.
"""

from __future__ import annotations

import contextlib
import decimal
import locale
import os
import sys
import sysconfig
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from nbflow.run.worker.carrying import logs

State: TypeAlias = dict[Any, Any]

#: Stands for what is no longer there.
GONE = "<nbflow: gone>"


class Setting(msgspec.Struct, frozen=True):
    """One setting of the process, or of a library once that is imported."""

    #: The module that has it.
    module: str
    look: Callable[[], State]
    #: Applies what :func:`difference` gave.
    apply: Callable[[State], None]
    #: Holders and names of what every reader of the setting calls one of; None where some do not.
    readers: Callable[[], tuple[tuple[Any, str], ...]] | None = None
    #: Whether libraries change it by being imported, which is no change by the step.
    noisy: bool = False


def difference(before: State, after: State) -> State:
    """What has to be applied to get from one state to the other.

    >>> difference({"a": 1, "b": 2}, {"a": 1, "c": 3})
    {'c': 3, 'b': '<nbflow: gone>'}
    """
    new = {k: v for k, v in after.items() if k not in before or not same(before[k], v)}
    return new | {key: GONE for key in before if key not in after}


def same(one: object, other: object) -> bool:
    """Whether two values are alike; those that cannot be compared are not."""
    if one is other:
        return True
    try:
        return type(one) is type(other) and bool(one == other)
    except Exception:  # whatever a library's values do when they are compared
        return False


# --- the process ---------------------------------------------------------------------------------


def _environment() -> State:
    # Not name by name: that would be observed, which takes longer than all else of a small step.
    raw: dict[bytes, bytes] = os.environ._data  # type: ignore[attr-defined]
    return {os.fsdecode(name): os.fsdecode(value) for name, value in raw.items()}


def _set_environment(new: State) -> None:
    for name, value in new.items():
        if value == GONE:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    if "TZ" in new:
        time.tzset()


def _directory() -> State:
    return {"path": os.getcwd()}  # noqa: PTH109 every task asks twice


def _set_directory(new: State) -> None:
    with contextlib.suppress(OSError):  # the step then sees that it is not there
        os.chdir(new["path"])


_LIBRARY = sysconfig.get_path("stdlib")


def _search_path() -> State:
    last = sys.path.index(_LIBRARY) if _LIBRARY in sys.path else len(sys.path)
    return {path: "early" if index < last else "late" for index, path in enumerate(sys.path)}


def _set_search_path(new: State) -> None:
    rest = [path for path in sys.path if path not in new]
    early = [path for path, place in new.items() if place == "early"]
    sys.path[:] = [*early, *rest, *(path for path, place in new.items() if place == "late")]


def _arguments() -> State:
    return {"argv": (*sys.argv,)}


def _set_arguments(new: State) -> None:
    sys.argv = [*new["argv"]]


def _filters() -> State:
    """Each filter with its rank from the back, so that one put in front moves no other."""
    count = len(warnings.filters)
    return {_spelled(*each): count - n for n, each in reversed([*enumerate(warnings.filters)])}


def _spelled(
    action: str, message: Any, category: Any, module: Any, line: int
) -> tuple[str, str, Any, str, int]:
    texts = (getattr(pattern, "pattern", pattern) or "" for pattern in (message, module))
    return action, next(texts), category, next(texts), line


def _set_filters(new: State) -> None:
    rest = [one for each in warnings.filters if (one := _spelled(*each)) not in new]
    front = sorted((one for one in new if new[one] != GONE), key=new.__getitem__)
    warnings.resetwarnings()
    for action, message, category, module, line in [*reversed(rest), *front]:
        warnings.filterwarnings(action, message, category, module, line)


def _locale() -> State:
    return {"all": locale.setlocale(locale.LC_ALL)}


def _set_locale(new: State) -> None:
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_ALL, new["all"])


def _decimal() -> State:
    # Without the flags, which every other division raises.
    context = decimal.getcontext()
    limits = context.Emin, context.Emax, context.capitals, context.clamp
    return {"context": (context.prec, context.rounding, *limits, *context.traps.values())}


def _set_decimal(new: State) -> None:
    context = decimal.getcontext()
    names = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")
    for name, value in zip(names, new["context"], strict=False):
        setattr(context, name, value)
    context.traps.update(zip(context.traps, new["context"][len(names) :], strict=True))


# --- libraries -----------------------------------------------------------------------------------


def _numpy_printing() -> State:
    import numpy as np

    return {k: v for k, v in np.get_printoptions().items() if k != "override_repr"}


def _set_numpy_printing(new: State) -> None:
    import numpy as np

    np.set_printoptions(**new)


def _readers_of_numpy_printing() -> tuple[tuple[Any, str], ...]:
    import numpy as np

    # NumPy 2 keeps it under the first name; NumPy 1 has a stand-in for that name's package, too.
    places = ("numpy._core.arrayprint", "numpy.core.arrayprint")
    module: Any = next(sys.modules[name] for name in places if name in sys.modules)
    # Whoever prints an array comes by the first.
    return (module, "_array2string"), (np, "get_printoptions"), (np, "printoptions")


def _numpy_errors() -> State:
    import numpy as np

    return dict(np.geterr())


def _set_numpy_errors(new: State) -> None:
    import numpy as np

    np.seterr(**new)


def _special_errors() -> State:
    special: Any = sys.modules["scipy.special"]
    return dict(special.geterr())


def _set_special_errors(new: State) -> None:
    special: Any = sys.modules["scipy.special"]
    special.seterr(**new)


def _sklearn() -> dict[str, Any]:
    """The dict itself in which the thread's configuration is."""
    module: Any = sys.modules["sklearn"]
    config: dict[str, Any] = module._config._get_threadlocal_config()
    return config


def _assumptions() -> Any:
    return sys.modules["sympy.assumptions.assume"].global_assumptions


def _set_assumptions(new: State) -> None:
    kept = _assumptions()
    for assumption, value in new.items():
        (kept.discard if value == GONE else kept.add)(assumption)


def _pandas() -> State:
    return dict(_leaves("", sys.modules["pandas._config.config"]._global_config))


def _leaves(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", value


class _Group(dict[str, Any]):
    """Options that pandas itself reads from their dict, by no function."""


def _readers_of_pandas() -> tuple[tuple[Any, str], ...]:
    module: Any = sys.modules["pandas._config.config"]
    options: State = module._global_config
    # Of other groups it reads one or the other in all that it does.
    options["display"] = _Group(options["display"])
    return (module, "_get_root"), (_Group, "__getitem__")


def _set_pandas(new: State) -> None:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of options that are on their way out
        for key, value in new.items():
            pd.set_option(key, value)


#: The letters that stand for colours, which seaborn's themes give other ones.
_COLOURS = "bgrmyck"
#: What a plot settles by itself when the first figure is made.
_SETTLED = frozenset({"backend", "backend_fallback", "interactive"})


def _matplotlib() -> State:
    mpl: Any = sys.modules["matplotlib"]
    state: State = dict(dict.items(mpl.rcParams))  # by no way that counts as a use
    for key in _SETTLED:
        del state[key]
    backend = dict.__getitem__(mpl.rcParams, "backend")
    if isinstance(backend, str) and "inline" not in backend:
        state["backend"] = backend
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    if inline is not None and not dict.__getitem__(mpl.rcParams, "interactive"):
        state["interactive"] = False
    return state | {f"colour {c}": mpl.colors.colorConverter.colors[c] for c in _COLOURS}


def _set_matplotlib(new: State) -> None:
    mpl: Any = sys.modules["matplotlib"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of settings that are on their way out
        for key, value in new.items():
            if key.startswith("colour "):
                mpl.colors.colorConverter.colors[key[-1]] = value
                mpl.colors.colorConverter.cache.clear()
            elif key == "backend":
                mpl.use("inline" if value == GONE else value)
            elif value != GONE:
                mpl.rcParams[key] = value


def _display() -> State:
    shell = _shell()
    text = shell.display_formatter.formatters["text/plain"]
    state = {
        "shown expressions": shell.ast_node_interactivity,
        # A library may have put a formatter of its own in its place.
        "precision": getattr(text, "float_precision", ""),
        "pretty": getattr(text, "pprint", True),
        "folders": (*shell.dir_stack,),
    }
    config = sys.modules.get("matplotlib_inline.config")
    backend = config.InlineBackend._instance if config is not None else None
    if backend is None:  # a plot makes it, which is no change
        return state | {"formats": ("png",), "formats with": {"bbox_inches": "tight"}}
    formats = _figure_formats(shell) or backend.figure_formats
    return state | {
        "formats": tuple(sorted(formats)),
        "formats with": dict(backend.print_figure_kwargs),
    }


def _figure_formats(shell: Any) -> list[str]:
    from matplotlib.figure import Figure

    found: list[str] = []
    for mime in ("image/png", "image/jpeg", "image/svg+xml", "application/pdf"):
        printer = shell.display_formatter.formatters[mime].type_printers.get(Figure)
        function = getattr(printer, "func", None)
        if function is not None:
            keywords: dict[str, Any] = printer.keywords
            retina = function.__name__ == "retina_figure"
            found.append("retina" if retina else str(keywords.get("fmt", "png")))
    return found


def _set_display(new: State) -> None:
    shell = _shell()
    text = shell.display_formatter.formatters["text/plain"]
    if "shown expressions" in new:
        shell.ast_node_interactivity = new["shown expressions"]
    if "precision" in new:
        text.float_precision = new["precision"]
    if "pretty" in new:
        text.pprint = new["pretty"]
    if "folders" in new:
        shell.dir_stack[:] = new["folders"]
    if "formats" in new or "formats with" in new:
        from matplotlib_inline.config import InlineBackend

        backend = InlineBackend.instance(parent=shell)
        backend.shell = shell
        if new.get("formats") == GONE:  # as it is before the first figure
            backend.print_figure_kwargs = InlineBackend.print_figure_kwargs.default() or {}
            backend.figure_formats = {"png"}
            return
        backend.print_figure_kwargs = new.get("formats with", backend.print_figure_kwargs)
        backend.figure_formats = set(new.get("formats", backend.figure_formats))


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell

    return InteractiveShell._instance


TABLE: Mapping[str, Setting] = {
    "os.environ": Setting("os", _environment, _set_environment, noisy=True),
    "os.cwd": Setting("os", _directory, _set_directory),
    "sys.path": Setting("sys", _search_path, _set_search_path, noisy=True),
    "sys.argv": Setting("sys", _arguments, _set_arguments),
    "warnings.filters": Setting("warnings", _filters, _set_filters, noisy=True),
    "locale.setlocale": Setting("locale", _locale, _set_locale, noisy=True),
    "logging.root": Setting("logging", logs.look, lambda new: logs.set_up(new, GONE), noisy=True),
    "decimal.context": Setting("decimal", _decimal, _set_decimal),
    "numpy.printoptions": Setting(
        "numpy", _numpy_printing, _set_numpy_printing, _readers_of_numpy_printing
    ),
    "numpy.errstate": Setting("numpy", _numpy_errors, _set_numpy_errors),
    "scipy.special": Setting("scipy.special", _special_errors, _set_special_errors),
    "pandas.options": Setting(
        "pandas",
        _pandas,
        _set_pandas,
        readers=_readers_of_pandas,
    ),
    "matplotlib.rcParams": Setting(
        "matplotlib",
        _matplotlib,
        _set_matplotlib,
        readers=lambda: ((sys.modules["matplotlib"].RcParams, "__getitem__"),),
    ),
    "sklearn.config": Setting(
        "sklearn", lambda: dict(_sklearn()), lambda new: _sklearn().update(new)
    ),
    "sympy.assumptions": Setting(
        "sympy.assumptions.assume",
        look=lambda: dict.fromkeys(_assumptions(), True),
        apply=_set_assumptions,
    ),
    "IPython.display": Setting("IPython", _display, _set_display),
}
