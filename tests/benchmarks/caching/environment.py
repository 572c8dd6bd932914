"""The tools in an environment of their own, as pip installs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.caching.setups import Tool

_REASON = re.compile(r"^(?:ERROR: |\w*(?:Error|Exception): ).+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Environment:
    """Where Python and the commands of the tools are."""

    bin: Path
    #: Of each distribution, by its name.
    versions: dict[str, str] = field(default_factory=dict)
    #: Why a tool could not be installed, by its name.
    missing: dict[str, str] = field(default_factory=dict)

    def filled_in(self, word: str) -> str:
        return word.format(python=self.bin / "python", bin=self.bin)


def installed(folder: Path, tools: Iterable[Tool]) -> Environment:
    """A new environment in a folder, with those of the tools that can be installed."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    place = folder / ("Scripts" if os.name == "nt" else "bin")
    missing = {}
    for tool in tools:
        done = pip(place, "install", "--quiet", tool.distribution, *tool.beside)
        if done.returncode:
            missing[tool.name] = reason(done.stderr)
    listed: list[dict[str, str]] = json.loads(pip(place, "list", "--format=json").stdout)
    versions = {each["name"].lower(): each["version"] for each in listed}
    return Environment(place, versions, missing)


def pip(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(place / "python"), "-m", "pip", "--disable-pip-version-check", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def reason(text: str) -> str:
    """The first error that a command speaks of."""
    match = _REASON.search(text)
    return match[0] if match else (text.strip().splitlines() or ["no answer"])[-1]
