"""The settings of ``%flow config``: a few words each, with what they mean."""

from __future__ import annotations

from collections.abc import Mapping

from nbflow.errors import FlowError

#: By name: the values that it takes, the first by default, and what each does.
CHOICES: Mapping[str, Mapping[str, str]] = {
    "on_run": {
        "run": "executing a step's cell brings the step up to date",
        "register": "executing a step's cell only tells the flow of it",
    },
    "frames": {
        "hide": "errors show the user's own code",
        "show": "errors show nbflow's code too, for who looks for a mistake in it",
    },
}


class Settings:
    """One session's settings."""

    def __init__(self) -> None:
        self._values = {name: next(iter(choices)) for name, choices in CHOICES.items()}

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def set(self, name: str, value: str | None) -> None:
        """Give a setting another value.

        Raises
        ------
        FlowError
            There is no such setting, or it does not take this value.
        """
        choices = CHOICES.get(name)
        if choices is None:
            known = " and ".join(f"`{each}`" for each in CHOICES)
            raise FlowError(f"there is no setting `{name}`", f"There are {known}.")
        if value is None or value not in choices:
            takes = " or ".join(f"`{each}`" for each in choices)
            told = "; ".join(f"`{each}`: {about}" for each, about in choices.items())
            given = f"not `{value}`" if value else "and none is given"
            raise FlowError(f"`{name}` takes {takes}, {given}", f"{told[:1].upper()}{told[1:]}.")
        self._values[name] = value

    def lines(self) -> list[str]:
        """All of them, with what each means now."""
        return [f"{name} = {value}: {CHOICES[name][value]}" for name, value in self._values.items()]
