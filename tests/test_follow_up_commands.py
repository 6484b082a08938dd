"""ledger, findings, due and grading from the command line: a small bureau goes through a campaign."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support_documents import Invoke
from support_follow_up import OFFICE, STATION, finding, inspection, site, workspace_in

WHO = ("--by", "张三", "--at", "2024-01-15 10:00")
CLUE = ("收到日期=2024-01-15", "来源=投诉举报", "线索内容=回收药品", f"首办单位={STATION}", "首办人=张三")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a workspace with a pharmacy, two device distributors and an inspection with two findings."""
    firms = [site("D1", site_type="device-distributor"), site("D2", site_type="device-distributor", name="=D2公司")]
    with workspace_in(tmp_path, site(), *firms, inspection(), finding(), finding("2024-0001-2")):
        pass
    return tmp_path / "ws"


def test_a_clue_from_the_blank_to_the_calendar(folder: Path, invoke: Invoke, tmp_path: Path) -> None:
    blank = tmp_path / "线索.xlsx"
    assert invoke("ledger", "blank", "clue", "--workspace", folder, "-o", blank).code == 0
    assert invoke("ledger", "blank", "clue", "-o", blank).code == 2, "what was filled in must not be lost"
    book = load_workbook(blank)
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[3]}
    filled = {"责任单位": STATION, "收到日期": date(2024, 1, 15), "来源": "检查发现", "线索内容": "=HYPERLINK(1)", "首办单位": STATION,
              "首办人": "李四"}  # fmt: skip
    for head, value in filled.items():
        cell = sheet.cell(4, heads[head], value)
        if head == "线索内容":
            cell.data_type = "s"
    book.save(blank)
    done = invoke("ledger", "import", folder, "案件线索台账", blank, *WHO)
    assert done.code == 0, done.err
    assert "新增 1 条（线索2024-0001" in done.out
    assert (
        invoke("ledger", "add", folder, "clue", *CLUE, "--unit", STATION, *WHO).out
        == "已登记 线索2024-0002（案件线索台账）\n"
    )
    wrong = invoke("ledger", "add", folder, "clue", "来源=电话", "星座=白羊", "--unit", STATION, *WHO)
    assert wrong.code == 1
    assert "没有栏目 “星座”" in wrong.err
    assert "首办负责" in invoke("ledger", "edit", folder, "线索2024-0001", "首办人=", "--why", "清空", *WHO).err
    assert invoke("ledger", "edit", folder, "线索2024-0001", "涉及单位=S1", "--why", "补登", *WHO).code == 0
    out = tmp_path / "台账.xlsx"
    assert invoke("ledger", "show", folder, "clue", "-o", out).code == 0
    assert "与原来相同 2 条" in invoke("ledger", "import", folder, "clue", out, *WHO).out
    shown = json.loads(invoke("ledger", "show", folder, "clue", "--format", "json").out)
    assert [e["values"]["summary"] for e in shown["entries"]] == ["=HYPERLINK(1)", "回收药品"]
    assert invoke("ledger", "void", folder, "线索2024-0002", "--why", "重复", *WHO).code == 0
    assert "1 条，另有作废 1 条" in invoke("ledger", "show", folder, "clue").out
    assert "案件线索台账" in invoke("ledger", "list", folder).out
    ics = tmp_path / "提醒.ics"
    assert invoke("due", folder, "--date", "2024-01-20", "--unit", STATION, "--ics", ics).code == 0
    assert b"BEGIN:VEVENT" in ics.read_bytes()
    due = json.loads(invoke("due", folder, "--date", "2024-03-20", "--format", "json").out)
    clue = next(i for i in due["items"] if i["id"] == "线索2024-0001")
    assert (clue["due"], clue["status"]) == (None, "perhaps")
    assert "市场监督管理行政处罚程序规定" in clue["basis"]
    assert invoke("workspace", "verify", folder).code == 0


def test_findings_from_notice_to_clue(folder: Path, invoke: Invoke, tmp_path: Path) -> None:
    photo = tmp_path / "整改后.jpg"
    photo.write_bytes(b"photo")
    one, two = "2024-0001-1", "2024-0001-2"
    ordered = invoke(
        "findings", "order", folder, one, two, "--due", "2024-01-20", "--notice", "市监责改〔2024〕1号", *WHO
    )
    assert ordered.code == 0, ordered.err
    assert "E886" in invoke("findings", "order", folder, one, "--due", "2024-01-25", *WHO).err
    later = ("--by", "张三、李四", "--at", "2024-01-25 10:00")
    assert "逾期 5 天" in invoke("findings", "list", folder, "--date", "2024-01-25").out
    assert "2024-0002" in invoke("findings", "review", folder, "2024-0001", "--on", "2024-01-25", *later).out
    assert invoke("findings", "review", folder, "2024-0002", f"{one}=已整改", *later).code == 2, "why is missing"
    settled = invoke("findings", "review", folder, "2024-0002", f"{one}=已整改", f"{two}=未整改", "--first-unit", STATION,
                     "--first-person", "张三", "--evidence", photo, "--why", "现场核实", *later)  # fmt: skip
    assert settled.code == 0, settled.err
    assert f"{two} 未整改：未改正（转线索）（线索2024-0001）" in settled.out
    target = tmp_path / "隐患.xlsx"
    assert invoke("findings", "list", folder, "--date", "2024-01-25", "-o", target).code == 0
    cells = [[c.value for c in row] for row in load_workbook(target).worksheets[0].iter_rows(min_row=4)]
    assert [(row[1], row[10], row[12]) for row in cells] == [(one, "已改正", "是"), (two, "未改正（转线索）", "是")]
    assert "新找出反弹 0 个" in invoke("findings", "recurrences", folder, *later).out
    assert "回头看 0 户" in invoke("findings", "lookback", folder, "--plan", *later).out


def test_waiving_and_the_other_steps(folder: Path, invoke: Invoke, tmp_path: Path) -> None:
    proof = tmp_path / "报告.pdf"
    proof.write_bytes(b"%PDF")
    one = "2024-0001-1"
    assert (
        invoke(
            "findings", "waive", folder, one, "--authority", "王局", "--until", "2024-02-01", "--why", "停业", *WHO
        ).code
        == 0
    )
    assert "另列暂不追究 1" in invoke("findings", "list", folder, "--date", "2024-01-20").out
    assert invoke("findings", "resume", folder, one, "--why", "复业", *WHO).out == f"{one} 恢复为未处理\n"
    assert invoke("findings", "order", folder, one, "--due", "2024-01-20", *WHO).code == 0
    assert (
        "2024-01-20 → 2024-02-05"
        in invoke("findings", "extend", folder, one, "--due", "2024-02-05", "--why", "缺货", *WHO).out
    )
    assert "只能延期一次" in invoke("findings", "extend", folder, one, "--due", "2024-03-05", "--why", "缺货", *WHO).err
    early = invoke(
        "findings", "fail", folder, one, "--first-unit", STATION, "--first-person", "张三", "--why", "没改", *WHO
    )
    assert "还没有过" in early.err
    done = invoke("findings", "correct", folder, one, "--evidence", proof, "--why", "书面复查", *WHO)
    assert done.out == f"{one} 已改正，证据 1 件\n"
    assert invoke("findings", "correct", folder, "2024-0009-1", "--evidence", proof, "--why", "x", *WHO).code == 1


def test_grading_from_inputs_to_the_filed_list(folder: Path, invoke: Invoke, tmp_path: Path) -> None:
    inputs = ("填报日期=2024-02-01", "分级年度=2024", "经营类别=二类；三类", "专门提供贮存运输服务=否", "经营重点监管目录产品=否",
              "上年行政处罚次数=0", "上年不良信用记录=否", "风险会商确定的重点企业=否")  # fmt: skip
    for firm, mode in (("D1", "批发"), ("D2", "零售")):
        added = invoke(
            "ledger",
            "add",
            folder,
            "grading-input",
            f"企业={firm}",
            f"经营方式={mode}",
            *inputs,
            "--unit",
            OFFICE,
            *WHO,
        )
        assert added.code == 0, added.err
    year: tuple[Any, ...] = ("--year", "2024")
    ran = invoke("grading", "run", folder, *year, "--unit", OFFICE, *WHO)
    assert ran.code == 0, ran.err
    assert "初步、依据待核】：2 户，四级 0，三级 0，二级 1，一级 1" in ran.out
    filing = ("grading", "file", folder, *year, "--unit", OFFICE, "--reviewer", "钱七", *WHO)
    assert "规则表没有确认" in invoke(*filing).err
    assert invoke("grading", "change", folder, "D2", "三级", *year, "--why", "投诉多", *WHO).code == 0
    assert invoke("grading", "confirm", folder, "four-levels", "--why", "对照文件核对", *WHO).code == 0
    assert "已报送 device-grading-2024-1：2 户" in invoke(*filing).out
    assert "新增　=D2公司　— → 三级" in invoke("grading", "changes", folder, *year, "--date", "2024-03-01").out
    target = tmp_path / "名单.xlsx"
    assert invoke("grading", "list", folder, *year, "--date", "2024-03-01", "-o", target).code == 0
    sheet = load_workbook(target).worksheets[0]
    assert (sheet["B5"].value, sheet["B5"].data_type) == ("=D2公司", "s")
    shown = json.loads(invoke("grading", "list", folder, *year, "--date", "2024-03-01", "--format", "json").out)
    assert (shown["counts"], shown["warning"]) == ({"四级": 0, "三级": 1, "二级": 1, "一级": 0}, "初步、依据待核")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 10, b"PK\x03\x04 not a workbook", b"\x00\x01\x02", "收到日期\n".encode("utf-16"),
     "收到日期,来源\n2024-01-15,\"".encode()],
)  # fmt: skip
def test_hostile_files_are_refused_and_nothing_is_taken(
    content: bytes, folder: Path, invoke: Invoke, tmp_path: Path
) -> None:
    file = tmp_path / "坏.xlsx"
    file.write_bytes(content)
    done = invoke("ledger", "import", folder, "clue", file, "--unit", STATION, *WHO)
    assert done.code == 1
    assert "坏.xlsx" in done.err
    assert "0 条" in invoke("ledger", "show", folder, "clue").out


def test_a_csv_of_gb18030_is_read(folder: Path, invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "线索.csv"
    text = f"收到日期,来源,线索内容,首办单位,首办人\n2024/1/15,其他,药味不对,{STATION},张三\n,,=1+1,,\n"
    file.write_bytes(text.encode("gb18030"))
    done = invoke("ledger", "import", folder, "clue", file, "--unit", STATION, *WHO)
    assert done.code == 1
    assert "公式" in done.err
    file.write_bytes(text.replace("=1+1", "").encode("gb18030"))
    assert "新增 1 条" in invoke("ledger", "import", folder, "clue", file, "--unit", STATION, *WHO).out
