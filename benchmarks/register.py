"""A list of 3,000 sites taken into the register, and taken again: CPU seconds of the whole process."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

from benchmarks.measure import ROUNDS, at_most, row, timing, versions
from engine.register.credit_code import check_digit

SITES = 3000
BOUND = 5.0
"""CPU seconds for the first time."""
_BUREAU = """\
kind: bureau
authority: 某县市场监督管理局
stations:
  - {name: 城东市场监管所, block: 东1}
  - {name: 城西市场监管所, block: 西2}
"""
_HEADER = (
    "序号", "企业名称", "统一社会信用代码", "药品经营许可证编号", "许可证有效期至", "经营场所", "法定代表人",
    "企业负责人", "联系电话", "经营方式", "所属监管所", "重点区域", "状态",
)  # fmt: skip


def run() -> None:
    """Print the CPU seconds of an import of so many new sites, and of the same file once more."""
    first: list[float] = []
    again: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        path = _list(Path(folder))
        for number in range(ROUNDS):
            workspace = Path(folder) / str(number)
            _seconds("workspace", "init", workspace, "--bureau", path.with_name("BUREAU.yaml"), "--campaign", "2024")
            first.append(_seconds("sites", "import", workspace, path))
            again.append(_seconds("sites", "import", workspace, path))
        size = path.stat().st_size / 1024
    print(f"register  ({versions(['openpyxl', 'sqlalchemy'])}; {SITES} sites in 13 columns, {size:.0f} kB)")
    measured = timing(first)
    print(row("sites import, all new", measured, "s CPU", 2, at_most(measured, BOUND)))
    print(row("sites import, all known", timing(again), "s CPU", 2))


def _list(folder: Path) -> Path:
    """Return a workbook as an office keeps it: a title above the header, every site of its own."""
    chance = random.Random(20240115)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名录")
    sheet.append(["某县药品零售企业名录"])
    sheet.append(_HEADER)
    for number in range(1, SITES + 1):
        code = "91340102MA" + "".join(chance.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(7))
        sheet.append([
            number, f"春风大药房（{number}店）", code + check_digit(code), f"皖DA{5510000 + number}", "2026-05-31",
            f"城关镇春风路{number}号", "张三", "李四", f"138{number:08}",
            chance.choice(["药品零售（连锁）", "单体药店"]),
            chance.choice(["城东所", "城西所"]), chance.choice(["", "", "车站", "农村"]), "在营",
        ])  # fmt: skip
    path = folder / "名录.xlsx"
    book.save(path)
    path.with_name("BUREAU.yaml").write_text(_BUREAU, encoding="utf-8")
    return path


def _seconds(*arguments: str | Path) -> float:
    """Return the CPU seconds of one command. Raises AssertionError if it fails."""
    program = [sys.executable, "-c", "from engine.commands import main; main()"]
    acting = ["--by", "测量", "--at", "2024-01-15 09:00"]
    started = subprocess.Popen([*program, *map(str, arguments), *acting], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, arguments))} ended with {started.returncode}")
    return usage.ru_utime + usage.ru_stime
