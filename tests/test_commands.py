"""The command line: help that reads well in Chinese, exit codes, stable JSON, files whole or not at all."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import openpyxl
import pytest
from pypdf import PdfReader
from support import ROOT, SAMPLES, sample, written
from support_documents import Invoke, Run, chunfeng, environment, raw_chunfeng, recorded
from wcwidth import wcswidth

from engine import __version__
from engine.commands import cli, main
from engine.demo import WHOLE_WAY
from engine.documents.case_view import papers_due
from engine.documents.html import document_names
from engine.formats import format_names, load_format
from engine.inspections.planning import plan_checklist
from engine.inspections.records import record_yaml
from engine.problems import ProblemError
from engine.rulebook.schemas import KINDS, schema_texts
from engine.source import dump, load
from engine.writing import write_atomically

CHINESE = re.compile("[\u4e00-\u9fff]")
SAMPLE = str(SAMPLES / "retail-pharmacy-2024.yaml")
CHECKLIST = ("checklist", "retail-pharmacy", "--campaign", "2024")


def _walk(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield (*path, name), command
            if isinstance(command, click.Group):
                yield from _walk(command, (*path, name))


COMMANDS = dict(_walk(cli))
HELPS = [(), *COMMANDS]
LEAVES = {path: command for path, command in COMMANDS.items() if not isinstance(command, click.Group)}
every_help = pytest.mark.parametrize("path", HELPS, ids=lambda p: " ".join(p) or "chunfeng")
every_command = pytest.mark.parametrize("path", list(LEAVES), ids=" ".join)


# ── help


def test_the_commands_of_the_main_job_are_there() -> None:
    wanted = "checklist; answers new; evaluate; record new; record print; rules check; rules test; rules show; rules schema; demo; campaign release"  # fmt: skip
    assert {tuple(name.split()) for name in wanted.split("; ")} <= set(LEAVES)


@every_help
def test_help_is_in_chinese(path: tuple[str, ...], invoke: Invoke) -> None:
    run = invoke(*path, "--help")
    assert (run.code, run.err) == (0, "")
    lines = [line for line in run.out.splitlines() if line.strip()]
    assert lines[0].startswith("用法：")
    assert CHINESE.search(lines[1]), "what the command does"
    assert " ".join(("chunfeng", *path)) in lines[0]


@every_help
def test_help_has_no_english_words_of_click(path: tuple[str, ...], invoke: Invoke) -> None:
    """Every word of click's own is in the catalogue; names of options, values and formats are not words."""
    text = invoke(*path, "--help").out
    found = re.findall(
        r"\[(required|default[^\]]*|env var[^\]]*|x>=[^\]]*)\]|^(Usage|Options|Commands):", text, re.MULTILINE
    )
    assert found == []


@every_command
def test_every_option_and_argument_is_documented(path: tuple[str, ...]) -> None:
    command = LEAVES[path]
    assert command.help, path
    assert CHINESE.search(command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.opts}"
            assert CHINESE.search(parameter.help), f"{path} {parameter.opts}"
            takes_words = not parameter.is_flag and not isinstance(parameter.type, click.Choice)
            assert not takes_words or CHINESE.search(parameter.metavar or parameter.type.name), (
                f"{path} {parameter.opts}"
            )
        else:
            assert parameter.metavar, f"{path} {parameter.name}"
            assert CHINESE.search(parameter.metavar), f"{path} {parameter.name}"


@pytest.mark.parametrize("columns", ["80", "100", "200"])
@every_help
def test_help_lines_up_by_the_cells_of_the_screen(
    path: tuple[str, ...], columns: str, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = invoke(*path, "--help").out
    for line in text.splitlines():
        assert 0 <= wcswidth(line) <= min(100, int(columns)), f"{wcswidth(line)} cells: {line}"
    blocks = [block for block in text.split("\n\n") if re.match(r"(选项|命令)\S?:?\n|(选项|命令)[:：]\n", block)]
    assert blocks
    for block in blocks:
        assert len(_text_columns(block)) == 1, block


def _text_columns(block: str) -> set[int]:
    """Return the cells in which the explanations of a list of options or commands begin."""
    found = set()
    for line in block.splitlines()[1:]:
        entry = re.match(r"(  \S.*?)(?:  +(\S.*))?$", line) if re.match(r"  \S", line) else None
        if entry is None:  # goes on with the text of the line above
            found.add(len(line) - len(line.lstrip(" ")))
        elif entry.group(2):
            found.add(wcswidth(line[: entry.start(2)]))
    return found


def test_a_group_without_a_command_shows_its_help(invoke: Invoke) -> None:
    assert invoke("rules").said == invoke("rules", "--help").out
    assert invoke("rules").code == 2


# ── wrong use: exit 2, in Chinese, and nothing is written


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("frobnicate",), "frobnicate"),
        (("rules", "frobnicate"), "frobnicate"),
        (("--frobnicate",), "--frobnicate"),
        (("checklist",), "单位类型"),
        (CHECKLIST, "-o"),
        (("checklist", "retail-pharmacy", "-o", "x.pdf"), "--campaign"),
        ((*CHECKLIST, "-o", "x.docx"), "x.docx"),
        ((*CHECKLIST, "-o", "x"), "--as"),
        ((*CHECKLIST, "-o", "x.pdf", "--as", "docx"), "docx"),
        ((*CHECKLIST, "-o", "x.pdf", "--date", "2024-02-30"), "2024-02-30"),
        ((*CHECKLIST, "-o", "x.pdf", "--date", "yesterday"), "2024-01-31"),
        ((*CHECKLIST, "-o", "x.pdf", "--rules", "nowhere"), "nowhere"),
        ((*CHECKLIST, "-o", "x.pdf", "extra"), "extra"),
        ((*CHECKLIST, "-o", "."), "."),
        (("evaluate",), "缺少参数"),
        (("evaluate", SAMPLE, "--format", "xml"), "xml"),
        (("record", "print", SAMPLE, "--document", "ticket", "-o", "x.pdf"), "ticket"),
        (("record", "print", SAMPLE), "-o"),
        (("rules", "schema", "nope"), "nope"),
        (("rules", "show", "cold-chain.refrigerator-temperatur"), "cold-chain.refrigerator-temperature"),
        (("rules", "test", "cold-chain.refrigerator-temperatur1"), "cold-chain.refrigerator-temperature"),
        (("campaign", "release"), "行动"),
    ],
)  # fmt: skip
def test_wrong_use_ends_with_2_and_says_what_is_wrong(
    arguments: tuple[str, ...], words: str, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = invoke(*arguments)
    assert run.code == 2, run.said
    assert run.out == ""
    assert words in run.err
    assert CHINESE.search(run.err.splitlines()[-1])
    assert not re.search(r"(?i)\b(usage|error|try|missing|invalid|no such|got unexpected|is a directory)\b", run.err)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_document_lists_the_kinds_there_are(invoke: Invoke, tmp_path: Path) -> None:
    run = invoke("record", "print", SAMPLE, "--document", "ticket", "-o", tmp_path / "x.pdf")
    assert run.code == 2
    assert [name for name in document_names() if name not in run.err] == []


def test_an_unknown_ending_lists_the_formats_there_are(invoke: Invoke, tmp_path: Path) -> None:
    run = invoke(*CHECKLIST, "-o", tmp_path / "x.docx")
    assert [name for name in format_names() if name not in run.err] == []


# ── exit codes


def test_a_clean_sheet_ends_with_0_findings_with_1(invoke: Invoke, tmp_path: Path) -> None:
    sheet = sample("retail-pharmacy-2024")
    assert invoke("evaluate", written(sheet, tmp_path)).code == 1
    sheet["answers"] = {"YD-09": "是", "YD-11": "是"}
    clean = invoke("evaluate", written(sheet, tmp_path))
    assert (clean.code, clean.err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("checklist", "retail-pharmcy", "--campaign", "2024", "-o", "x.pdf"), "E614"),
        (("checklist", "retail-pharmacy", "--campaign", "2042", "-o", "x.pdf"), "E613"),
        ((*CHECKLIST, "--has", "cold,rxx", "-o", "x.pdf"), "E616"),
        ((*CHECKLIST, "--site", "nowhere.yaml", "-o", "x.pdf"), "E101"),
        (("answers", "new", "retail-pharmcy", "--campaign", "2024"), "E614"),
        (("evaluate", "nowhere.yaml"), "E101"),
        (("evaluate", SAMPLE, "--campaign", "2019"), "E611"),
        (("record", "new", "nowhere.yaml", "-o", "x.yaml"), "E101"),
        (("record", "print", SAMPLE, "-o", "x.pdf"), "E622"),
    ],
)
def test_problems_end_with_1_name_their_code_and_write_nothing(
    arguments: tuple[str, ...], code: str, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = invoke(*arguments)
    assert (run.code, run.out) == (1, "")
    assert re.search(rf"\b{code} ", run.err), run.err
    assert list(tmp_path.iterdir()) == []


def test_the_rules_of_the_package_are_without_error(invoke: Invoke) -> None:
    run = invoke("rules", "check")
    assert run.code == 0
    assert re.search(r"错误 0\b", run.out)


# ── JSON


def _is_sorted(value: object) -> bool:
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(_is_sorted, value.values()))
    return all(map(_is_sorted, value)) if isinstance(value, list) else True


@pytest.mark.parametrize(
    ("arguments", "kind", "code"),
    [
        (("evaluate", SAMPLE), "findings", 1),
        (("evaluate", "nowhere.yaml"), "problems", 1),
        (("evaluate", SAMPLE, "--campaign", "2019"), "problems", 1),
        (("rules", "check"), "problems", 0),
        (("rules", "test", "cold-chain"), "cases", 0),
    ],
)
def test_json_is_one_valid_sorted_document_with_kind_and_schema(
    arguments: tuple[str, ...], kind: str, code: int, invoke: Invoke
) -> None:
    run = invoke(*arguments, "--format", "json")
    assert (run.code, run.err) == (code, "")
    content = json.loads(run.out)
    assert (content["kind"], content["schema"]) == (kind, 1)
    assert _is_sorted(content)
    assert CHINESE.search(run.out), "Chinese stands as it is, not as \\u escapes"
    assert run.out.endswith("\n")


def test_json_and_text_tell_the_same(invoke: Invoke) -> None:
    content = json.loads(invoke("evaluate", SAMPLE, "--format", "json").out)
    text = invoke("evaluate", SAMPLE, "--explain").out
    assert len(content["findings"]) > 5
    for finding in content["findings"]:
        assert f"{finding['number']}. " in text
        assert finding["sentence"] in text
        assert all(cited["text"] in text for cited in finding["duty"] + finding["liability"])
        assert finding["id"] in text
    brief = invoke("evaluate", SAMPLE).out
    assert all(finding["sentence"] in brief for finding in content["findings"])
    assert all(finding["id"] not in brief for finding in content["findings"])


def test_json_of_problems_has_their_place(invoke: Invoke, tmp_path: Path) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"] |= {"YD-09": "对", "YD-99": "是"}
    path = written(sheet, tmp_path)
    content = json.loads(invoke("evaluate", path, "--format", "json").out)
    assert [(p["code"], p["severity"], p["path"]) for p in content["problems"]] == [
        ("E604", "error", str(path)), ("E601", "error", str(path)),
    ]  # fmt: skip
    lines = path.read_text(encoding="utf-8").splitlines()
    for problem in content["problems"]:
        assert re.search("YD-(09|99)", lines[problem["line"] - 1])
        assert problem["column"] > 0


# ── kinds of file


def _check_content(kind: str, content: bytes) -> None:
    if kind in ("pdf", "fillable-pdf"):
        assert content.startswith(b"%PDF-")
        assert (PdfReader(io.BytesIO(content)).get_fields() is not None) == (kind == "fillable-pdf")
    elif kind == "offline-form":
        assert content.startswith(b"<!DOCTYPE html>")
        assert b"Content-Security-Policy" in content
    elif kind == "web-page":
        assert content.startswith(b"<!DOCTYPE html>")
    elif kind == "json":
        assert json.loads(content)["kind"] == "checklist"
    elif kind == "xlsx":
        assert content.startswith(b"PK")
        assert b"xl/workbook.xml" in content
    elif kind == "xlsform":
        assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["survey", "choices", "settings"]
    elif kind == "csv":
        assert content.startswith("\ufeff春风答卷,".encode())
    else:
        assert kind == "yaml"
        assert b"\nkind: answers\n" in content


@pytest.mark.parametrize(
    ("name", "kind"), [(f"list{s}", name) for name in format_names() for s in load_format(name).SUFFIXES] + [("X.PDF", "pdf"), ("x.Json", "json")],
)  # fmt: skip
def test_the_ending_says_the_format(name: str, kind: str, invoke: Invoke, tmp_path: Path) -> None:
    run = invoke(*CHECKLIST, "-o", tmp_path / name)
    assert run.code == 0, run.err
    assert [p.name for p in tmp_path.iterdir()] == [name]
    _check_content(kind, (tmp_path / name).read_bytes())
    checklist, _ = plan_checklist("retail-pharmacy", "2024")
    assert checklist is not None
    assert checklist.id in run.out
    assert name in run.out


@pytest.mark.parametrize("kind", format_names())
def test_as_says_the_format_whatever_the_ending(kind: str, invoke: Invoke, tmp_path: Path) -> None:
    target = tmp_path / "x.txt"
    assert invoke(*CHECKLIST, "--as", kind, "-o", target).code == 0
    _check_content(kind, target.read_bytes())


def test_no_two_formats_claim_an_ending() -> None:
    endings = [suffix for name in format_names() for suffix in load_format(name).SUFFIXES]
    assert len(endings) == len(set(endings))
    assert all(ending == ending.lower() and ending.startswith(".") for ending in endings)


def test_has_and_routine_and_date_decide_the_items(invoke: Invoke, tmp_path: Path) -> None:
    def codes(*options: str) -> set[str]:
        assert invoke(*CHECKLIST, *options, "-o", tmp_path / "x.json").code == 0
        day = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["checklist"]["date"]
        assert day == (options[options.index("--date") + 1] if "--date" in options else "2024-01-02")
        return set(_codes(tmp_path / "x.json"))

    everything = codes()
    assert codes("--date", "2024-03-01") == everything
    assert codes("--has", "rx") < everything
    assert codes("--routine") > everything
    assert "YD-14" in codes("--has", "cold,rx")
    assert "YD-14" not in codes("--has", "rx")


@pytest.mark.parametrize(
    "arguments",
    [
        ("answers", "new", "clinic", "--campaign", "2024"),
        ("checklist", "clinic", "--campaign", "2024", "--as", "yaml"),
        ("record", "new", SAMPLE),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_people_wrote_in_is_not_overwritten(arguments: tuple[str, ...], invoke: Invoke, tmp_path: Path) -> None:
    target = tmp_path / "a.yaml"
    target.write_text("填好的内容\n", encoding="utf-8")
    run = invoke(*arguments, "-o", target)
    assert (run.code, "--force" in run.err) == (2, True)
    assert target.read_text(encoding="utf-8") == "填好的内容\n"
    assert invoke(*arguments, "-o", target, "--force").code == 0
    assert "填好的内容" not in target.read_text(encoding="utf-8")


def test_a_record_does_not_eat_its_answers(invoke: Invoke, tmp_path: Path) -> None:
    answers = written(sample("clinic-2024"), tmp_path)
    before = answers.read_bytes()
    assert invoke("record", "new", answers, "-o", answers, "--force").code == 2
    assert answers.read_bytes() == before


def test_a_new_answer_sheet_opens_and_has_no_findings(invoke: Invoke, tmp_path: Path) -> None:
    run = invoke("answers", "new", "clinic", "--campaign", "2024", "-o", tmp_path / "a.yaml")
    assert run.code == 0, run.err
    assert invoke("evaluate", tmp_path / "a.yaml").code == 0
    printed = invoke("answers", "new", "clinic", "--campaign", "2024")
    assert printed.out == (tmp_path / "a.yaml").read_text(encoding="utf-8")


# ── records


def test_a_new_record_does_not_overwrite_without_force(invoke: Invoke, tmp_path: Path) -> None:
    target = tmp_path / "record.yaml"
    assert invoke("record", "new", SAMPLE, "-o", target).code == 0
    first = target.read_bytes()
    target.write_text("确认过的内容", encoding="utf-8")
    refused = invoke("record", "new", SAMPLE, "-o", target)
    assert refused.code == 2
    assert "--force" in refused.err
    assert target.read_text(encoding="utf-8") == "确认过的内容"
    assert invoke("record", "new", SAMPLE, "-o", target, "--force").code == 0
    assert target.read_bytes() == first


@pytest.mark.parametrize("document", document_names())
def test_record_print_says_draft_or_final(document: str, invoke: Invoke, tmp_path: Path) -> None:
    called_for = {"inspection-record", "checklist", *papers_due(recorded("clinic-2024", final=True))}
    for final, word in ((False, "草稿"), (True, "正式")):
        path = tmp_path / "record.yaml"
        path.write_text(record_yaml(recorded("clinic-2024", final=final).record), encoding="utf-8")
        run = invoke("record", "print", path, "--document", document, "-o", tmp_path / "x.pdf")
        if document not in called_for:
            assert (run.code, "E707" in run.err) == (1, True)
            assert not (tmp_path / "x.pdf").exists()
            continue
        assert run.code == 0, run.err
        assert word in run.out
        assert ("定稿前须补正" in run.out) == (not final)
        assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")


def test_record_print_prints_the_record_when_no_document_is_named(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "record.yaml"
    path.write_text(record_yaml(recorded("clinic-2024", final=True).record), encoding="utf-8")
    assert invoke("record", "print", path, "-o", tmp_path / "a.pdf").code == 0
    assert invoke("record", "print", path, "--document", "inspection-record", "-o", tmp_path / "b.pdf").code == 0
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


# ── rules


def test_schemas_are_listed_and_printed(invoke: Invoke) -> None:
    assert invoke("rules", "schema").out.split() == list(KINDS)
    for kind, text in schema_texts().items():
        run = invoke("rules", "schema", kind)
        assert (run.code, run.out) == (0, text)
        assert json.loads(text)["title"]


def test_rules_are_listed_and_shown(invoke: Invoke) -> None:
    listed = invoke("rules", "show").out.splitlines()
    assert any(line.startswith("cold-chain.refrigerator-temperature ") for line in listed)
    by_id = invoke("rules", "show", "cold-chain.refrigerator-temperature")
    by_code = invoke("rules", "show", "YD-14")
    assert by_id.code == by_code.code == 0
    lines = by_code.out.splitlines()
    assert any(line.startswith("YD-14") for line in lines)
    assert [line for line in lines if line not in by_id.out.splitlines()] == []
    assert any(line.startswith("ZS-10") for line in by_id.out.splitlines()), "the id shows every site type"


@pytest.mark.parametrize("arguments", [("rules", "schema", "--write"), ("campaign", "release", "2024")])
def test_what_writes_rules_refuses_the_package(arguments: tuple[str, ...], invoke: Invoke) -> None:
    before = _state(ROOT / "rules")
    run = invoke(*arguments)
    assert run.code == 1
    assert "E412" in run.err
    assert "--rules" in run.err
    assert _state(ROOT / "rules") == before


def _state(folder: Path) -> dict[Path, tuple[int, int]]:
    return {p: (p.stat().st_size, p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


def test_what_writes_rules_writes_into_the_layer(invoke: Invoke, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    assert invoke("rules", "schema", "--write", "--rules", layer).code == 0
    assert {p.stem: p.read_text(encoding="utf-8") for p in (layer / "schemas").iterdir()} == schema_texts()
    run = invoke("campaign", "release", "2019", "--rules", layer)
    assert run.code == 0, run.err
    written_files = sorted(
        str(p.relative_to(layer)) for p in layer.rglob("*") if p.is_file() and "schemas" not in p.parts
    )
    lock = (layer / "campaigns" / "2019.yaml").read_text(encoding="utf-8").split("lock: ")[1][:64]
    assert written_files == ["campaigns/2019.yaml", f"releases/2019/{lock}.json"]
    assert lock in run.out


# ── a bureau's own layer


def _changed_priority(layer: Path) -> None:
    (layer / "priorities").mkdir(parents=True)
    text = (ROOT / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
    assert "grade: major" in text
    (layer / "priorities/cold-chain.yaml").write_text(text.replace("grade: major", "grade: minor", 1), encoding="utf-8")


def _draft_campaign(layer: Path, name: str = "2025-trial", *, reaching: bool = False) -> None:
    """A draft campaign with one clause; reaching: the refrigerator rule answers it, so that YD-14 and ZS-10 are asked."""
    (layer / "campaigns").mkdir(parents=True)
    campaign = {
        "campaign": name, "title": "试验行动", "plan": "试验方案", "status": "draft",
        "period": {"from": "2025-01-02", "to": "2025-03-31"}, "hotline": "12315",
    }  # fmt: skip
    clauses = {"campaign": name, "clauses": [{"id": "CF2025-1-a", "quote": "检查冷藏药品", "kind": "ITEM"}]}
    (layer / f"campaigns/{name}.yaml").write_text(dump(campaign), encoding="utf-8")
    (layer / f"campaigns/{name}.clauses.yaml").write_text(dump(clauses), encoding="utf-8")
    if reaching:
        (layer / "priorities").mkdir()
        text = (ROOT / "rules/priorities/cold-chain.yaml").read_text(encoding="utf-8")
        first, rest = text.split("\n  - id:", 2)[1:]
        assert "ZS-10" in first
        first = first.replace(" clauses: [", " clauses: [CF2025-1-a, ")
        text = text.split("\n  - id:", 1)[0] + "\n  - id:" + first + "\n  - id:" + rest
        (layer / "priorities/cold-chain.yaml").write_text(text, encoding="utf-8")


def _site_type(layer: Path) -> None:
    """A site type of the bureau's own, with one rule."""
    kiosk = {
        "site_type": "kiosk", "code": "KI", "title": "药品售货亭", "lead": "市场监管所",
        "identity": [{"id": "address", "label": "地址"}], "attributes": {},
        "sections": [{"title": "一、检查", "priorities": ["extra"]}],
    }  # fmt: skip
    rule = {
        "id": "extra.temperature", "check": "售货亭内冷藏药品在 2～8 ℃", "answer": {"type": "number", "unit": "℃"},
        "applies_to": {"kiosk": {"code": "KI-01"}}, "finding_if": "answer > 8", "finding": "温度 {answer} ℃",
        "grade": "major", "method": "看温度计", "dispositions": ["order-correction"],
        "basis": {"duty": [{"cite": "drug-gsp@2016", "article": "161(8)", "proof": ["冷藏药品放置在冷藏设备中"]}]},
        "clauses": ["CF2025-1-a"],
        "cases": [{"answer": 8, "finds": "nothing"}, {"answer": 9, "finds": "extra.temperature"}],
    }  # fmt: skip
    extra = {"priority": "extra", "title": "试验主题", "rules": [rule]}
    for relative, content in (("checklists/kiosk.yaml", kiosk), ("priorities/extra.yaml", extra)):
        path = layer / relative
        path.parent.mkdir(exist_ok=True)
        path.write_text(dump(content), encoding="utf-8")


def _codes(path: Path) -> list[str]:
    checklist = json.loads(path.read_text(encoding="utf-8"))["checklist"]
    return [entry["item"]["code"] for section in checklist["sections"] for entry in section["items"]]


def test_a_layer_over_a_released_campaign_is_told_item_by_item(invoke: Invoke, tmp_path: Path) -> None:
    _changed_priority(tmp_path / "layer")
    run = invoke("rules", "check", "--rules", tmp_path / "layer")
    assert run.code == 1
    told = [line for line in run.err.splitlines() if " E408 " in line]
    assert any("“2024”" in line and "YD-14" in line for line in told)
    assert invoke("rules", "check").code == 0


def test_a_released_checklist_does_not_move_with_a_layer(invoke: Invoke, tmp_path: Path) -> None:
    _changed_priority(tmp_path / "layer")
    assert invoke(*CHECKLIST, "-o", tmp_path / "a.json").code == 0
    assert invoke(*CHECKLIST, "--rules", tmp_path / "layer", "-o", tmp_path / "b.json").code == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize("how", ["option", pytest.param("variable", marks=pytest.mark.long)])
def test_a_layer_may_bring_a_campaign(
    how: str, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = tmp_path / "layer"
    _draft_campaign(layer, reaching=True)
    option = ("--rules", layer) if how == "option" else ()
    if how == "variable":
        monkeypatch.setenv("CHUNFENG_RULES", str(layer))
    checked = invoke("rules", "check", *option)
    assert checked.code == 0, checked.err
    for site_type, code in (("retail-pharmacy", "YD-14"), ("clinic", "ZS-10")):
        run = invoke("checklist", site_type, "--campaign", "2025-trial", *option, "-o", tmp_path / "x.json")
        assert run.code == 0, run.err
        assert _codes(tmp_path / "x.json") == [code]
    assert invoke("checklist", "clinic", "--campaign", "2025-trial", *option, "-o", tmp_path / "x.pdf").code == 0


def test_a_layer_may_bring_a_site_type(invoke: Invoke, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    _draft_campaign(layer)
    _site_type(layer)
    target = tmp_path / "x.json"
    run = invoke("checklist", "kiosk", "--campaign", "2025-trial", "--rules", layer, "-o", target)
    assert run.code == 0, run.err
    assert _codes(target) == ["KI-01"]


def test_a_site_type_of_a_layer_leaves_the_released_campaigns_alone(invoke: Invoke, tmp_path: Path) -> None:
    """The packaged releases know nothing of it; that is no change of what was released (E408)."""
    layer = tmp_path / "layer"
    _draft_campaign(layer)
    _site_type(layer)
    run = invoke("rules", "check", "--rules", layer)
    assert [line for line in run.err.splitlines() if " E408 " in line] == []
    assert run.code == 0


def test_the_option_wins_over_the_variable(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _draft_campaign(tmp_path / "one", "2025-one", reaching=True)
    _draft_campaign(tmp_path / "two", "2025-two", reaching=True)
    monkeypatch.setenv("CHUNFENG_RULES", str(tmp_path / "one"))
    ask = ("checklist", "clinic", "--rules", tmp_path / "two", "-o", tmp_path / "x.json", "--campaign")
    run = invoke(*ask, "2025-two")
    assert run.code == 0, run.err
    run = invoke(*ask, "2025-one")
    assert (run.code, "E613" in run.err) == (1, True)


def test_a_variable_that_names_no_folder_is_told(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip in CHUNFENG_RULES must not quietly give the packaged rules instead of the bureau's."""
    monkeypatch.setenv("CHUNFENG_RULES", str(tmp_path / "nowhere"))
    run = invoke("rules", "check")
    assert run.code != 0
    assert "nowhere" in run.err


def test_a_site_type_that_a_campaign_does_not_reach(invoke: Invoke, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    _draft_campaign(layer)
    target = tmp_path / "x.json"
    ask = ("checklist", "retail-pharmacy", "--campaign", "2025-trial", "--rules", layer, "-o", target)
    run = invoke(*ask)
    assert run.code == 1
    assert "E615" in run.err
    assert "试验行动" in run.err
    assert "--routine" in run.err
    assert not target.exists()
    assert invoke(*ask, "--routine").code == 0
    checklist = json.loads(target.read_text(encoding="utf-8"))["checklist"]
    assert all(e["routine"] for s in checklist["sections"] for e in s["items"])


# ── files are written whole or not at all

TARGETS = [
    (*CHECKLIST, "-o", "{}.json"),
    (*CHECKLIST, "-o", "{}.pdf"),
    ("answers", "new", "clinic", "--campaign", "2024", "-o", "{}.yaml"),
    ("record", "new", SAMPLE, "--force", "-o", "{}.yaml"),
]
every_target = pytest.mark.parametrize("arguments", TARGETS, ids=lambda a: " ".join(a[:2]) + a[-1][2:])


def _into(arguments: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    return (*arguments[:-1], arguments[-1].format(folder / "x"))


@every_target
def test_a_folder_that_is_missing_is_told(arguments: tuple[str, ...], invoke: Invoke, tmp_path: Path) -> None:
    run = invoke(*_into(arguments, tmp_path / "nowhere"))
    assert run.code == 1
    assert "E901" in run.err
    assert "nowhere" in run.err
    assert list(tmp_path.rglob("*")) == []


TOO_LONG = "长" * 100


@pytest.mark.parametrize(
    "arguments",
    [
        ("answers", "new", "retail-pharmacy", "--campaign", "2024", "--date", "2024-01-15", "-o", f"{TOO_LONG}.yaml"),
        ("answers", "read", f"{TOO_LONG}.xlsx", "-o", "x.yaml"), ("due", TOO_LONG), ("sites", "list", TOO_LONG),
    ],
    ids=lambda arguments: " ".join(arguments[:2])[:20],
)  # fmt: skip
def test_a_name_that_the_system_refuses_is_told(arguments: tuple[str, ...], invoke: Invoke) -> None:
    run = invoke(*arguments)
    assert run.code == 1, run
    assert "文件名过长" in run.err


def test_a_full_disk_is_told_wherever_it_is_met(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "资料/chunfeng.db")

    monkeypatch.setattr("engine.workspace.folder.open_workspace", full)
    run = invoke("due", "资料")
    assert (run.code, "E901" in run.err, "磁盘已满" in run.err) == (1, True, True), run


@contextmanager
def _without_rights() -> Iterator[None]:
    """Root may write anywhere: take the rights of somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_is_read_only_is_told(invoke: Invoke) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        target = folder / "x.json"
        target.write_text("先前的内容", encoding="utf-8")
        folder.chmod(0o555)
        with _without_rights():
            run = invoke(*CHECKLIST, "-o", target)
        folder.chmod(0o755)
        assert run.code == 1
        assert "E901" in run.err
        assert [p.name for p in folder.iterdir()] == ["x.json"]
        assert target.read_text(encoding="utf-8") == "先前的内容"


@pytest.mark.parametrize(
    ("module", "name"), [(os, "replace"), (os, "fsync"), (tempfile, "mkstemp"), (os, "chmod")], ids=lambda v: getattr(v, "__name__", v),
)  # fmt: skip
def test_a_full_disk_leaves_what_was_there(
    module: Any, name: str, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "x.json"
    target.write_text("先前的内容", encoding="utf-8")

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, name, fails)
    run = invoke(*CHECKLIST, "-o", target)
    monkeypatch.undo()
    assert run.code == 1
    assert "E901" in run.err
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]
    assert target.read_text(encoding="utf-8") == "先前的内容"


def test_the_temporary_file_lies_beside_the_target(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renaming is whole or not at all on one file system only."""
    renamed: list[tuple[Path, Path]] = []
    real = os.replace

    def noted(source: Any, target: Any) -> None:
        renamed.append((Path(source), Path(target)))
        real(source, target)

    monkeypatch.setattr(os, "replace", noted)
    assert invoke(*CHECKLIST, "-o", tmp_path / "x.json").code == 0
    ((source, target),) = [pair for pair in renamed if pair[1].name == "x.json"]
    assert source.parent == target.parent == tmp_path
    assert source != target


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt, MemoryError])
def test_an_accident_while_rendering_leaves_what_was_there(
    kind: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "x.pdf"
    target.write_bytes(b"before")

    def fails(_: object) -> bytes:
        raise kind

    monkeypatch.setattr(load_format("pdf"), "write_checklist", fails)
    monkeypatch.setattr(sys, "argv", ["chunfeng", *CHECKLIST, "-o", str(target)])
    with pytest.raises((kind, SystemExit)):
        main()
    assert [p.name for p in tmp_path.iterdir()] == ["x.pdf"]
    assert target.read_bytes() == b"before"


def test_a_problem_while_rendering_leaves_what_was_there(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(dump({"name": "甲\U0010fffd店"}), encoding="utf-8")
    (tmp_path / "x.pdf").write_bytes(b"before")
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    run = invoke(*CHECKLIST, "--site", tmp_path / "site.yaml", "-o", tmp_path / "x.pdf")
    assert (run.code, "E704" in run.err) == (1, True)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_file_replaces_the_one_before_and_has_ordinary_rights(tmp_path: Path) -> None:
    target = tmp_path / "x.txt"
    (tmp_path / "plain.txt").write_text("", encoding="utf-8")
    for content in (b"first, and longer", b"second"):
        write_atomically(target, content)
        assert target.read_bytes() == content
    assert target.stat().st_mode == (tmp_path / "plain.txt").stat().st_mode
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plain.txt", "x.txt"]


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_bytes(b"before")
    link = tmp_path / "link.txt"
    link.symlink_to("real.txt")
    write_atomically(link, b"after")
    assert link.is_symlink()
    assert (tmp_path / "real.txt").read_bytes() == b"after"
    (tmp_path / "round.txt").symlink_to("round.txt")
    with pytest.raises(ProblemError, match="E901"):
        write_atomically(tmp_path / "round.txt", b"")


def test_a_name_as_long_as_the_system_allows(tmp_path: Path) -> None:
    target = tmp_path / ("检" * 85)
    write_atomically(target, b"whole")
    assert target.read_bytes() == b"whole"
    with pytest.raises(ProblemError, match="文件名过长"):
        write_atomically(tmp_path / ("检" * 86), b"")
    assert [p.name for p in tmp_path.iterdir()] == ["检" * 85]


def test_a_flood_of_problems_is_cut_on_the_screen_and_whole_in_json(invoke: Invoke, tmp_path: Path) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["answers"] = {f"YD-9{i:03d}": "是" for i in range(250)}
    path = written(sheet, tmp_path)
    run = invoke("evaluate", path)
    assert run.code == 1
    assert run.err.count(" E601 ") == 100
    assert "另有 150 个" in run.err
    run = invoke("evaluate", path, "--format", "json")
    assert len(json.loads(run.out)["problems"]) == 250


def test_a_day_outside_the_campaign_is_said_and_printed_all_the_same(invoke: Invoke, tmp_path: Path) -> None:
    for arguments in (
        (*CHECKLIST, "-o", tmp_path / "x.json"),
        ("answers", "new", *CHECKLIST[1:], "-o", tmp_path / "a"),
    ):
        inside = invoke(*arguments, "--date", "2024-03-31")
        outside = invoke(*arguments, "--date", "2024-04-01", "--force")
        assert (inside.code, outside.code) == (0, 0)
        assert "不在行动期间" not in inside.err
        assert "注意：检查日期 2024-04-01 不在行动期间" in outside.err


def test_a_day_without_any_law_has_no_checklist(invoke: Invoke, tmp_path: Path) -> None:
    run = invoke(*CHECKLIST, "-o", tmp_path / "x.json", "--date", "1999-01-01")
    assert (run.code, "E623" in run.err, list(tmp_path.iterdir())) == (1, True, [])


@pytest.mark.parametrize(
    ("arguments", "blocked"),
    [
        (("demo", "-o", "{}/file/demo"), "file"),
        (("rules", "schema", "--write", "--rules", "{}/layer"), "layer/schemas"),
        (("campaign", "release", "2024", "--rules", "{}/layer"), "layer/releases"),
        (("campaign", "release", "2024", "--rules", "{}/layer"), "layer/campaigns"),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_made_is_told(
    arguments: tuple[str, ...], blocked: str, invoke: Invoke, tmp_path: Path
) -> None:
    """A file stands where a folder is needed: a problem with its place, not a traceback."""
    (tmp_path / "layer").mkdir()
    (tmp_path / blocked).write_text("", encoding="utf-8")
    run = invoke(*(a.format(tmp_path) for a in arguments))
    assert run.code == 1
    assert re.search(r"\bE(901|101|415) ", run.err)
    assert "Traceback" not in run.said


# ── consoles


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "gbk"},
        pytest.param({"PYTHONIOENCODING": "cp437"}, marks=pytest.mark.long),
        pytest.param({"LANG": "C", "LC_ALL": None, "LC_CTYPE": None, "PYTHONIOENCODING": None}, marks=pytest.mark.long),
        pytest.param(
            {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": None},
            marks=pytest.mark.long,
        ),
        pytest.param({"LC_ALL": "POSIX", "HOME": "/nonexistent", "TERM": "dumb"}, marks=pytest.mark.long),
    ],
    ids=["gbk", "cp437", "LANG=C", "ascii", "bare"],
)
def test_no_console_makes_a_command_fail(variables: dict[str, str | None], tmp_path: Path) -> None:
    sheet = sample("retail-pharmacy-2024")
    sheet["site"]["name"] = "𬭎䶮大药房 ㎡ ☑"
    path = written(sheet, tmp_path)
    env = environment(**variables)
    for arguments, code in (
        (("--help",), 0),
        (("evaluate", path, "--explain"), 1),
        (("evaluate", "没有.yaml"), 1),
        ((*CHECKLIST, "-o", "检查表.json"), 0),
        (("frobnicate",), 2),
    ):
        done = raw_chunfeng(*arguments, cwd=tmp_path, env=env)
        assert done.returncode == code, done.stderr.decode(errors="replace")
        assert b"Traceback" not in done.stderr, done.stderr.decode(errors="replace")
        assert done.stdout + done.stderr
    assert json.loads((tmp_path / "检查表.json").read_text(encoding="utf-8"))["kind"] == "checklist"


def test_a_gbk_console_reads_chinese(tmp_path: Path) -> None:
    done = raw_chunfeng("evaluate", SAMPLE, env=environment(PYTHONIOENCODING="gbk"))
    text = done.stdout.decode("gbk")
    assert "合肥市瑶海区安康大药房" in text
    assert "冷藏设备现场读数" in text
    assert "℃" in text


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_json_loses_no_character_on_any_console(encoding: str, tmp_path: Path) -> None:
    """What a program reads must be whole: a character that the encoding lacks is escaped, not replaced by “?”."""
    sheet = sample("clinic-2024")
    sheet["site"]["name"] = "𬭎䶮口腔诊所"
    env = environment(PYTHONIOENCODING=encoding)
    done = raw_chunfeng("evaluate", written(sheet, tmp_path), "--format", "json", env=env)
    content = None
    for read in ("utf-8", encoding):
        try:
            content = json.loads(done.stdout.decode(read))
            break
        except UnicodeDecodeError:
            continue
    assert content is not None
    assert content["site"] == "𬭎䶮口腔诊所"


# ── one program


def test_the_checkout_and_the_installed_command_are_one(invoke: Invoke) -> None:
    script = Path(sys.executable).with_name("chunfeng")
    assert script.is_file(), "install the package into this environment: make test does it"
    installed = subprocess.run([script, "--version"], env=environment(), capture_output=True, check=False)
    assert chunfeng("--version") == Run(0, installed.stdout.decode(), installed.stderr.decode())
    assert chunfeng("--version").out == f"chunfeng {__version__}\n"
    assert chunfeng("--help").out == invoke("--help").out
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


TO_THE_DRAFT = ["1-检查表.pdf", "2-答卷.yaml", "3-问题.txt", "3-问题.json", "4-记录.yaml", "5-现场检查笔录-草稿.pdf"]
TO_THE_END = ["6-记录-已确认.yaml", "7-现场检查笔录.pdf", "8-检查表-已填.pdf"]
FOLLOWING = {
    "clinic-2024": ["现场笔录", "责令改正通知书", "送达回证", "案件线索移送单", "复查记录"],
    "retail-pharmacy-2019": ["现场笔录", "责令改正通知书", "送达回证", "案件线索移送单"],
    "retail-pharmacy-2024": ["现场笔录", "责令改正通知书", "送达回证", "案件线索移送单"],
}
"""The papers that the findings of these samples call for."""


@pytest.mark.parametrize("which", ["clinic-2024", pytest.param("*", marks=pytest.mark.long)])
def test_the_demo_makes_every_file_of_the_main_job(
    which: str, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = sorted(p.stem for p in SAMPLES.glob(f"{which}.yaml"))
    assert samples, which
    (tmp_path / "checklists/samples").mkdir(parents=True)
    for name in samples:
        shutil.copy(SAMPLES / f"{name}.yaml", tmp_path / "checklists/samples")
    monkeypatch.setattr("engine.demo.data_root", lambda: tmp_path)
    run = invoke("demo", "-o", tmp_path / "demo")
    assert run.code == 0, run.err
    assert sorted(p.name for p in (tmp_path / "demo").iterdir()) == samples
    for name in samples:
        folder = tmp_path / "demo" / name
        whole = sample(name)["site_type"] in WHOLE_WAY
        following = [f"{number}-{title}.pdf" for number, title in enumerate(FOLLOWING.get(name, []), 9)]
        expected = TO_THE_DRAFT + (TO_THE_END if whole else []) + following
        assert sorted(p.name for p in folder.iterdir()) == sorted(expected)
        for path in folder.iterdir():
            assert str(path) in run.out, "every file is named on the screen"
        for path in folder.glob("*.pdf"):
            assert path.read_bytes().startswith(b"%PDF-")
        for path in folder.glob("*.yaml"):
            document, problems = load(path)
            assert document is not None, [p.render() for p in problems]
    answers = tmp_path / "demo" / samples[0] / "2-答卷.yaml"
    found = json.loads((tmp_path / "demo" / samples[0] / "3-问题.json").read_text(encoding="utf-8"))
    assert json.loads(invoke("evaluate", answers, "--format", "json").out) == found
