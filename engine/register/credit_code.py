"""The unified social credit code and its check digit (GB 32100-2015), and the old registration number of 15 digits."""

from __future__ import annotations

import re

from engine.inspections.cells import header_key

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 signs: I, O, S, V and Z are not used, being too like 1, 0, 5, U and 2."""
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_OLD = re.compile("[0-9]{15}")
_TAKEN_FOR = str.maketrans("IOSVZ", "105U2")


def clean_code(text: str) -> str:
    """Return a code as it is compared: half width, capitals, without spaces, hyphens and quotes."""
    return header_key(text).upper().replace("-", "").strip("'`\"")


def check_digit(first: str) -> str:
    """Return the last sign for the first 17, all of the alphabet."""
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(first, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def code_fault(code: str) -> str | None:
    """Return in Chinese what is wrong with a code as clean_code gives it, None if it is right.

    An old registration number of 15 digits is right as it is.
    """
    if _OLD.fullmatch(code):
        return None
    if len(code) != 18:
        return f"统一社会信用代码应为 18 位（旧注册号 15 位数字），现在 {len(code)} 位"
    foreign = sorted({sign for sign in code if sign not in ALPHABET})
    if foreign:
        meant = code.translate(_TAKEN_FOR)
        hint = f"，是否为 {meant}" if code_fault(meant) is None else ""
        return f"统一社会信用代码中没有 {'、'.join(foreign)}{hint}"
    if check_digit(code[:17]) != code[17]:
        return "统一社会信用代码的校验位不符，至少有一位写错"
    return None
