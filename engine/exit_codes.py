"""What the program's exit codes mean."""

from enum import IntEnum


class ExitCode(IntEnum):
    """0 nothing found, 1 findings or problems, 2 wrong use."""

    CLEAN = 0
    PROBLEMS = 1
    WRONG_USE = 2
