"""CPU seconds of short commands, from the start of the process to its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import ROUNDS, at_most, row, timing, versions

COMMANDS = ((("--help",), 0.25), (("rules", "check"), 0.5))


def run() -> None:
    """Print the CPU seconds of each command against its bound."""
    print(f"start  ({versions(['click', 'pydantic', 'pyyaml'])})")
    taken: dict[tuple[str, ...], list[float]] = {arguments: [] for arguments, _ in COMMANDS}
    for number in range(ROUNDS + 1):
        for arguments, seconds in taken.items():
            used = cpu_seconds(arguments)
            if number:  # the first run may have to compile the modules
                seconds.append(used)
    for arguments, bound in COMMANDS:
        measured = timing(taken[arguments])
        print(row(f"chunfeng {' '.join(arguments)}", measured, "s CPU", 3, at_most(measured, bound)))


def cpu_seconds(arguments: tuple[str, ...]) -> float:
    """Return the CPU seconds of one run of the command. Raises AssertionError if it fails."""
    program = Path(sys.executable).with_name("chunfeng")
    started = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode != 0:
        raise AssertionError(f"chunfeng {' '.join(arguments)} ended with {started.returncode}")
    return usage.ru_utime + usage.ru_stime
