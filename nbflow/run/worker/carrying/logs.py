"""The configuration of logging: what has been set on the loggers and their handlers."""

from __future__ import annotations

import logging
import sys
import weakref
from collections.abc import Iterator
from typing import Any, TypeAlias

_ROOT = "root"
#: What levels are called to begin with.
_LEVELS = dict(logging._levelToName)
_STYLES = {
    logging.PercentStyle: "%",
    logging.StrFormatStyle: "{",
    logging.StringTemplateStyle: "$",
}
#: Kind, file, format, style, date format and level of a handler.
_Shape: TypeAlias = tuple[str, str, str | None, str, str | None, int]
#: Handlers that a replayed step has added, as long as a name stands for them.
_taken_off: weakref.WeakSet[logging.Handler] = weakref.WeakSet()


def look() -> dict[Any, Any]:
    """All that differs from what loggers begin with; of the root's level that it is."""
    state: dict[Any, Any] = {}
    for name, logger in [(_ROOT, logging.root), *_loggers()]:
        if logger.level or name == _ROOT:
            state["level", name] = logger.level
        if shapes := tuple(_shapes(logger)):
            state["handlers", name] = shapes
        if not logger.propagate:
            state["propagate", name] = False
        if logger.disabled:
            state["disabled", name] = True
        if logger.filters:
            state["filters", name] = tuple(type(each).__name__ for each in logger.filters)
    state["disable", _ROOT] = logging.root.manager.disable
    for level, called in logging._levelToName.items():
        if _LEVELS.get(level) != called:
            state["called", str(level)] = called
    return state


def set_up(new: dict[Any, Any], gone: object) -> None:
    """Apply a part of such a state; ``gone`` stands for what loggers begin with."""
    for (what, name), value in new.items():
        if what == "called":
            level = int(name)
            called = _LEVELS.get(level, f"Level {level}") if value == gone else value
            logging.addLevelName(level, called)
            continue
        logger = logging.root if name == _ROOT else logging.getLogger(name)
        match what:
            case "level":
                logger.setLevel(logging.NOTSET if value == gone else value)
            case "handlers":
                _set_handlers(logger, () if value == gone else value)
            case "propagate":
                logger.propagate = value == gone or value
            case "disabled":
                logger.disabled = value != gone and value
            case "disable":
                logging.disable(value)


def uncarried(state: dict[Any, Any]) -> Iterator[str]:
    """The filters, and the handlers of other kinds, that a state cannot say how to make."""
    for (what, name), value in state.items():
        if what == "filters" and isinstance(value, tuple):
            yield f"a filter of the logger `{name}`, a `{value[-1]}`"
        for kind, where, *_ in value if what == "handlers" and isinstance(value, tuple) else ():
            if kind == "other":
                yield f"a handler of the logger `{name}`, {where}"


def _loggers() -> Iterator[tuple[str, logging.Logger]]:
    for name, logger in list(logging.Logger.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger):
            yield name, logger


def _shapes(logger: logging.Logger) -> Iterator[_Shape]:
    for handler in logger.handlers:
        if not isinstance(handler, logging.NullHandler):
            yield _shape(handler)


def _shape(handler: logging.Handler) -> _Shape:
    kind = where = ""
    if type(handler) is logging.FileHandler:
        kind, where = "file", handler.baseFilename
    elif type(handler) is logging.StreamHandler and handler.stream in (sys.stdout, sys.stderr):
        kind = "stdout" if handler.stream is sys.stdout else "stderr"
    formatter = handler.formatter or logging.Formatter()
    style = _STYLES.get(type(formatter._style))
    if not kind or handler.filters or style is None or type(formatter) is not logging.Formatter:
        return "other", f"a `{type(handler).__name__}`", None, "", None, 0
    return kind, where, formatter._fmt, style, formatter.datefmt, handler.level


def _set_handlers(logger: logging.Logger, shapes: tuple[_Shape, ...]) -> None:
    for old in list(logger.handlers):
        if not isinstance(old, logging.NullHandler):
            logger.removeHandler(old)
            _taken_off.add(old)
    for shape in shapes:
        # The very one that a replayed step has made, so that the step can take it off again.
        again = [each for each in _taken_off if _shape(each) == shape]
        if again:
            _taken_off.remove(again[0])
        elif shape[0] != "other":
            again = [_made(*shape)]
        for handler in again[:1]:
            logger.addHandler(handler)


def _made(
    kind: str, where: str, form: str | None, style: str, date: str | None, level: int
) -> logging.Handler:
    handler: logging.Handler
    if kind == "file":
        handler = logging.FileHandler(where, delay=True)
    else:
        handler = logging.StreamHandler(sys.stdout if kind == "stdout" else sys.stderr)
    handler.setFormatter(logging.Formatter(form, date, style))  # type: ignore[arg-type]
    handler.setLevel(level)
    return handler
