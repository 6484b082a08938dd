"""A campaign exported opens without the program, holds everything, and comes back with its trail."""

from __future__ import annotations

import io
import json
import re
import shutil
import sqlite3
import urllib.parse
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import SAMPLES
from support_documents import Invoke, Paper
from support_workspace import ACTING, PDF, PHOTO, RECORD, begun, filled, finding, state

from engine.demo import confirm_all
from engine.inspections.opening import evaluate, new_record, open_answers
from engine.inspections.records import record_yaml
from engine.library.files import place
from engine.model.workspace import (
    KINDS,
    Cell,
    Filing,
    Inspection,
    KeptFinding,
    LedgerEntry,
    RegisteredSite,
    TakenNumber,
)
from engine.problems import ProblemError
from engine.workbooks.writing import Cell as XlsxCell
from engine.workbooks.writing import Column, Page, dated, write_book
from engine.workspace.archive_names import named_files, safe
from engine.workspace.archives import Exported, export_archive, import_archive
from engine.workspace.folder import DATABASE, open_workspace
from engine.workspace.kept_files import keep


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = filled(tmp_path_factory.mktemp("ws") / "ws")
    with open_workspace(folder) as workspace, workspace.store.writing(action="更正", **ACTING) as writer:
        writer.put(finding("J-1-1", keep(workspace.files, b"\x89PNG better")))
        writer.put(TakenNumber(id="（瑶）市监责改〔2024〕1号", series="瑶2024", serial=1, paper="correction-notice"))
        writer.put(LedgerEntry(id="L-1", ledger="case", unit="城东所", date="2024-02-01",
                               values={"fine": 500_000, "summary": '=HYPERLINK("x")'}))  # fmt: skip
        writer.put(Filing(id="F-1", table="t0", unit="城东所", start="2024-01-01", cut_off="2024-01-31", serial=1,
                          filed="2024-01-31 16:00", by="张伟", period={"c1": Cell(value=3, ids=("J-1",))},
                          total={"c1": Cell(value=7)}))  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def archive(ws: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(ws, tmp_path_factory.mktemp("archive") / "out")


def exported(ws: Path, target: Path) -> Path:
    with open_workspace(ws) as workspace:
        export_archive(workspace, None, target)
    return target


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_exported_comes_back_with_its_trail(ws: Path, archive: Path, tmp_path: Path) -> None:
    head = import_archive(archive, tmp_path / "back")
    assert state(tmp_path / "back") == state(ws)
    assert str(head) == state(ws)[0]  # type: ignore[index]
    assert files_of(exported(tmp_path / "back", tmp_path / "again")) == files_of(archive)
    with (
        open_workspace(ws) as old,
        open_workspace(tmp_path / "back") as new,
        old.store.reading() as one,
        new.store.reading() as two,
    ):
        assert list(one.trail()) == list(two.trail())
        for kind in KINDS:
            assert list(one.rows(kind)) == list(two.rows(kind))


def test_papers_and_evidence_lie_by_names_that_people_read(archive: Path) -> None:
    found = files_of(archive)
    assert found["检查/J-1 =甲药店/现场检查笔录.pdf"] == PDF
    assert found["检查/J-1 =甲药店/检查记录（数据）.yaml"] == RECORD
    assert found["检查/J-1 =甲药店/问题 J-1-1 改正证据 1.png"] == b"\x89PNG better"
    (old,) = [name for name in found if name.startswith("其他文件/")]
    assert found[old] == PHOTO
    assert old.endswith(".jpg")


def test_the_sheets_hold_values_as_text_and_numbers_and_no_formulas(archive: Path) -> None:
    book = openpyxl.load_workbook(archive / "资料.xlsx")
    assert [sheet.title for sheet in book if sheet.sheet_state == "visible"] == [
        "单位", "检查", "问题", "文书编号", "责任单位", "案件台账", "报表",
    ]  # fmt: skip
    for sheet in book:
        assert all(cell.data_type != "f" for row in sheet for cell in row)
    rows = {sheet.title: [[cell.value for cell in row] for row in sheet] for sheet in book}
    site = dict(zip(*rows["单位"], strict=True))
    assert (site["名称"], site["责任单位"], site["实际经营地址"]) == ("=甲药店", "城东所", "长江路 1 号")
    case = dict(zip(*rows["案件台账"], strict=True))
    assert (case["罚款"], case["案由"], case["日期"], case["台账名称"]) == (
        5000,
        '=HYPERLINK("x")',
        "2024-02-01",
        "案件台账",
    )
    assert site["单位类型"].startswith("药品零售企业")
    filing = dict(zip(*rows["报表"], strict=True))
    assert (filing["栏目"], filing["本期"], filing["累计"], filing["更正"], filing["零报告"]) == (
        "c1",
        3,
        7,
        None,
        "否",
    )
    assert dict(zip(*rows["检查"], strict=True))["状态"] == "已归档"
    assert dict(zip(*rows["问题"], strict=True))["等级"] == "严重"


def test_a_sheet_that_could_not_be_written_whole_is_no_workbook() -> None:
    """openpyxl passes over a temporary file that met a full disk: the sheet would end somewhere, and nobody be told."""
    whole = write_book((Page("甲", (Column(8),), ((XlsxCell("x"),),)),), "甲", "甲", date(2024, 1, 1))
    cut = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(cut, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[:-20] if "worksheets/" in name else data)
    assert dated(whole, date(2024, 1, 1)) == whole
    with pytest.raises(ProblemError, match="E901"):
        dated(cut.getvalue(), date(2024, 1, 1))


def test_every_kept_thing_is_in_the_json(ws: Path, archive: Path) -> None:
    with open_workspace(ws) as workspace, workspace.store.reading() as reader:
        for kind in KINDS:
            listed = json.loads((archive / "data" / f"{kind.KIND}.json").read_text(encoding="utf-8"))
            assert listed == [thing.model_dump(mode="json") for thing in reader.all(kind)]


def test_the_page_leads_to_files_that_are_there_and_shows_texts_as_they_are(ws: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(ws, tmp_path / "ws"))
    with open_workspace(other) as workspace, workspace.store.writing(action="改名", **ACTING) as writer:
        writer.put(RegisteredSite(id="S-1", name="<script>#%店 ?", site_type="retail-pharmacy"))
    out = exported(other, tmp_path / "out")
    page = (out / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]*)"', page)
    assert len(links) >= 13
    for link in links:
        assert (out / urllib.parse.unquote(link)).is_file(), link
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_commands(ws: Path, tmp_path: Path, invoke: Invoke) -> None:
    run = invoke("workspace", "export", ws, "-o", tmp_path / "out", "--no-papers")
    assert run.code == 0, run.err
    head = state(ws)[0]  # type: ignore[index]
    assert head in run.out
    assert "还有 1 次检查没有办结" in run.err
    assert head in (tmp_path / "out" / "说明.txt").read_text(encoding="utf-8-sig")
    assert "E810" in invoke("workspace", "export", ws, "-o", tmp_path / "out", "--no-papers").err
    assert invoke("workspace", "import", tmp_path / "out", tmp_path / "back", "--head", head).code == 0
    assert (
        "被截断或重写" in invoke("workspace", "import", tmp_path / "out", tmp_path / "x", "--head", f"1-{'0' * 64}").err
    )
    assert not (tmp_path / "x").exists()


def test_a_workspace_that_was_changed_is_not_exported(ws: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(ws, tmp_path / "ws"))
    with closing(sqlite3.connect(other / DATABASE)) as database, database:
        database.execute("UPDATE finding SET state = 'corrected'")
    with pytest.raises(ProblemError, match="E814"):
        exported(other, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["ws"]


def test_a_workspace_is_exported_whatever_became_of_the_rules(ws: Path, tmp_path: Path) -> None:
    (tmp_path / "ledgers").mkdir()
    (tmp_path / "ledgers" / "case.yaml").write_text("ledger: [", encoding="utf-8")
    with open_workspace(ws) as workspace:
        export_archive(workspace, tmp_path, tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "资料.xlsx")
    case = dict(zip(*([cell.value for cell in row] for row in book["台账 case"]), strict=True))
    assert case["各栏 fine"] == 500_000


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Exported]:
    """A workspace with a sealed inspection and one whose record nobody can read, and its archive with papers."""
    folder = tmp_path_factory.mktemp("papers")
    opened, problems = open_answers(place(), SAMPLES / "clinic-2024.yaml")
    assert opened is not None, problems
    record = record_yaml(confirm_all(new_record(opened, evaluate(opened)))).encode()
    begun(folder / "ws")
    with open_workspace(folder / "ws") as workspace:
        files = {"J-1": keep(workspace.files, record), "J-2": keep(workspace.files, b"kind: record\n")}
        with workspace.store.writing(action="归档", **ACTING) as writer:
            for key, digest in files.items():
                writer.put(
                    Inspection(
                        id=key, campaign="2024", site="S-1", unit="城东所", state="closed", files={"record": digest}
                    )
                )
        return folder / "ws", folder / "out", export_archive(workspace, None, folder / "out", jobs=1)


def test_the_papers_of_sealed_inspections_are_printed_and_the_others_told(printed: tuple[Path, Path, Exported]) -> None:
    ws, out, made = printed
    papers = {path.name for path in (out / "检查" / "J-1 S-1").glob("*.pdf")}
    assert {"现场检查笔录.pdf", "检查表.pdf", "责令改正通知书.pdf"} <= papers
    assert made.papers == len(papers)
    assert made.unprinted
    assert not any(".chunfeng-" in each.render() for each in made.unprinted), "a name that is gone"
    assert not list((out / "检查" / "J-2 S-1").glob("*.pdf"))
    page = (out / "index.html").read_text(encoding="utf-8")
    assert all(urllib.parse.quote(f"检查/J-1 S-1/{name}") in page for name in papers)
    assert "草稿" not in " ".join(Paper((out / "检查" / "J-1 S-1" / "现场检查笔录.pdf").read_bytes()).pages)
    import_archive(out, out.parent / "back")
    assert state(out.parent / "back") == state(ws)


# ── what does not come back


def _edit(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert change(text) != text
        path.write_text(change(text), encoding="utf-8")

    return edit


def _paper(change: Callable[[Path], None]) -> Callable[[Path], None]:
    return lambda folder: change(next(folder.rglob("现场检查笔录.pdf")))


def _overwrite(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"%PDF-1.7 other")


def _cut(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[:-1])


def _outwards(text: str) -> str:
    return re.sub(r'"检查/[^"]*笔录.pdf"', '"../secret"', text)


HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "an entry says something else": (_edit("data/trail.jsonl", lambda t: t.replace("甲药店", "乙药店")), "内容被改动"),
    "an entry by somebody else": (_edit("data/trail.jsonl", lambda t: t.replace("张伟", "李四", 1)), "内容被改动"),
    "the last entry is missing": (_edit("data/trail.jsonl", _cut), "为止，应为"),
    "an entry is no JSON": (_edit("data/trail.jsonl", lambda t: "{" + t), "第 1 行读不出来"),
    "an entry of other things": (_edit("data/trail.jsonl", lambda t: t.replace('"unit"', '"cat"')), "内容读不出来"),
    "an entry of numbers": (_edit("data/trail.jsonl", lambda t: t.replace("张伟", '",1,"', 1)), "读不出来"),
    "no trail": (lambda folder: (folder / "data" / "trail.jsonl").unlink(), "读不到"),
    "no list": (lambda folder: (folder / "archive.json").unlink(), "E101"),
    "a list of something else": (_edit("archive.json", lambda t: t.replace("workspace-archive", "x")), "读不出来"),
    "a paper is missing": (_paper(Path.unlink), "没有文件"),
    "a paper was changed": (_paper(_overwrite), "SHA-256 不符"),
    "a paper lies elsewhere": (_edit("archive.json", _outwards), "没有文件 ../secret"),
    "a paper has no path": (_edit("archive.json", lambda t: re.sub(r'"检查/[^"]*笔录.pdf"', r'"\\u0000"', t)), "没有文件"),
    "a paper is not listed": (_edit("archive.json", lambda t: re.sub(r'  "\w{64}": "检查/[^"]*笔录.pdf",?\n', "", t)), "没有这个文件"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_folder_that_is_not_as_it_was_exported_makes_no_workspace(
    name: str, archive: Path, tmp_path: Path, invoke: Invoke
) -> None:
    change, said = HOSTILE[name]
    (tmp_path / "secret").write_bytes(PDF)
    source = Path(shutil.copytree(archive, tmp_path / "source"))
    change(source)
    run = invoke("workspace", "import", source, tmp_path / "new")
    assert run.code == 1, run
    assert said in run.err, run.err
    assert {path.name for path in tmp_path.iterdir()} == {"secret", "source"}


# ── names


@given(st.text())
def test_a_part_of_a_path_is_safe_on_every_system(text: str) -> None:
    name = safe(text)
    assert name
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f]', name)
    assert name.strip(". ") == name
    name.encode("utf-8")


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "A", "b", "..", "a.", "a:"]), st.sampled_from(["甲", "甲 ", "乙", "/"])),
        max_size=5,
    ),
    st.data(),
)
def test_every_kept_file_has_one_place_whatever_things_are_called(
    visits: list[tuple[str, str]], data: st.DataObject
) -> None:
    digests = [f"{number:064x}" for number in range(8)]
    inspections = [
        Inspection(id=key, campaign="2024", site=f"S-{number}", unit="x",
                   files={field: data.draw(st.sampled_from(digests)) for field in data.draw(st.sets(st.sampled_from(["record", "Record".lower(), "x"])))})
        for number, (key, _) in enumerate(visits)
    ]  # fmt: skip
    findings: list[KeptFinding] = [finding("J-1-1", *data.draw(st.lists(st.sampled_from(digests), max_size=3)))]
    names = {f"S-{number}": name for number, (_, name) in enumerate(visits)}
    found = list(named_files(inspections, findings, names, frozenset(digests), lambda digest: b"%PDF"))
    assert sorted(each.digest for each in found) == digests
    paths = [each.path for each in found]
    assert len({path.casefold() for path in paths}) == len(paths)
    assert all(".." not in path.split("/") for path in paths)
