"""Which process has begun a run, and whether it still lives."""

from __future__ import annotations

import os
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def birth(pid: int) -> str:
    """When a process began, in a form that no other process with its number shares.

    Empty where the system does not tell, and of one that has ended.
    """
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
        boot = _BOOT.read_text().strip()
    except OSError:
        return ""
    # The command's name, in parentheses, may hold spaces; the 3rd field is the state, the 22nd
    # the start time. A zombie has ended, though nobody has waited for it.
    state, *fields = status.rpartition(")")[2].split()
    return "" if state in "ZX" else f"{boot}:{fields[18]}"


def lives(pid: int, born: str) -> bool:
    """Whether the process that began at ``born`` under this number still runs."""
    if born:
        return birth(pid) == born
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
