"""证据清单: files found beside the record and checked, photo pages printed, lines attached without touching the rest."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support_documents import Paper, chunfeng, flat, leaks
from support_documents import recorded as sample_record
from test_photos import encoded, picture

from engine.commands.record.attach import _KINDS
from engine.documents.papers import record_pdf
from engine.inspections.attaching import _with_lines, attach
from engine.inspections.evidence import EvidenceFiles, read_evidence
from engine.inspections.opening import Recorded, read_record
from engine.inspections.photos import LONGEST_EDGE, MAX_PHOTO_BYTES
from engine.inspections.records import record_yaml
from engine.model.record import Evidence, RecordFile
from engine.problems import Problem
from engine.source import parse

RECORD = sample_record("retail-pharmacy-2024", final=True)
PHOTO = encoded(picture())
SHA = hashlib.sha256(PHOTO).hexdigest()


def with_lines(*lines: Evidence) -> Recorded:
    return RECORD._replace(record=RECORD.record.model_copy(update={"evidence": lines}))


def line(number: int | str = 1, file: str = "IMG_1.jpg", **more: object) -> Evidence:
    return Evidence.model_validate({"number": str(number), "what": "照片", "file": file, **more})


def read(folder: Path, *lines: Evidence) -> tuple[EvidenceFiles, list[Problem]]:
    return read_evidence(folder, with_lines(*lines).record)


def codes(problems: list[Problem]) -> list[str]:
    return [p.code for p in problems]


# ── files


def test_a_photo_beside_the_record_is_read_and_its_hash_compared(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.jpg").write_bytes(PHOTO)
    (tmp_path / "照片").mkdir()
    (tmp_path / "照片" / "IMG 2.png").write_bytes(encoded(picture(), "PNG"))
    files, problems = read(tmp_path, line(1, sha256=SHA), line(2, "照片/IMG 2.png"))
    assert problems == []
    assert [p.evidence.number for p in files.photos] == ["1", "2"]
    assert files.photos[0].sha256 == SHA
    assert files.hashes["2"] == hashlib.sha256((tmp_path / "照片" / "IMG 2.png").read_bytes()).hexdigest()
    assert [e.number for e in files.unrecorded] == ["2"], "what the record does not say is told"


def test_what_is_no_photo_is_hashed_and_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "视频.mp4").write_bytes(b"\0\0\0\x20ftypisom")
    with (tmp_path / "long.mp4").open("wb") as file:
        file.truncate(MAX_PHOTO_BYTES + 1)
    files, problems = read(tmp_path, line(1, "视频.mp4", what="录音录像"), line(2, "long.mp4", what="录音录像"))
    assert problems == []
    assert files.photos == ()
    assert set(files.hashes) == {"1", "2"}
    long = files.hashes["2"]
    assert read(tmp_path, line(2, "long.mp4", what="录音录像", sha256=long))[1] == []
    assert codes(read(tmp_path, line(2, "long.mp4", what="录音录像", sha256=SHA))[1]) == ["E733"]


def test_a_line_without_a_file_is_only_listed(tmp_path: Path) -> None:
    assert read(tmp_path, line(1, ""), line(2, " ", what="实物")) == (EvidenceFiles((), {}, ()), [])


def test_a_changed_file_is_refused_by_its_name_and_number(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.jpg").write_bytes(PHOTO + b"\0")
    files, problems = read(tmp_path, line(7, sha256=SHA))
    assert codes(problems) == ["E733"]
    assert files.photos == ()
    found = hashlib.sha256(PHOTO + b"\0").hexdigest()
    assert all(part in problems[0].message for part in ("证据 7", "IMG_1.jpg", SHA, found))


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return the folder of a record; a photo lies in it, another beside it, and links go between them."""
    folder, outside = tmp_path / "记录", tmp_path / "别处"
    folder.mkdir()
    outside.mkdir()
    for place in (folder / "IMG_1.jpg", outside / "secret.jpg", tmp_path / "secret.jpg"):
        place.write_bytes(PHOTO)
    (folder / "out.jpg").symlink_to(outside / "secret.jpg")
    (folder / "relative.jpg").symlink_to("../secret.jpg")
    (folder / "away").symlink_to(outside)
    (folder / "in.jpg").symlink_to("IMG_1.jpg")
    (folder / "circle.jpg").symlink_to("circle.jpg")
    (folder / "dangling.jpg").symlink_to("nothing.jpg")
    (folder / "folder.jpg").mkdir()
    (folder / "empty.jpg").write_bytes(b"")
    return folder


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../secret.jpg", "E731"),
        ("照片/../../secret.jpg", "E731"),
        ("./../secret.jpg", "E731"),
        ("..", "E731"),
        ("/etc/passwd", "E731"),
        ("//server/share/a.jpg", "E731"),
        ("..\\secret.jpg", "E731"),
        ("C:\\a.jpg", "E731"),
        ("C:a.jpg", "E731"),
        ("http://127.0.0.1/a.jpg", "E731"),
        ("file:///etc/passwd", "E731"),
        ("a\0.jpg", "E731"),
        ("a\u202egpj.jpg", "E731"),
        ("out.jpg", "E731"),
        ("relative.jpg", "E731"),
        ("away/secret.jpg", "E731"),
        ("circle.jpg", "E732"),
        ("dangling.jpg", "E732"),
        ("nothing.jpg", "E732"),
        ("folder.jpg", "E732"),
        (".", "E732"),
        ("empty.jpg", "E732"),
        ("IMG_1.jpg/x", "E732"),
        ("长" * 399, "E732"),
    ],
)
def test_nothing_outside_the_folder_is_opened(house: Path, name: str, code: str) -> None:
    files, problems = read(house, line(3, name))
    assert codes(problems) == [code]
    assert "证据 3" in problems[0].message
    assert files.photos == ()


def test_a_link_inside_the_folder_is_followed(house: Path) -> None:
    files, problems = read(house, line(1, "in.jpg"))
    assert problems == []
    assert files.photos[0].sha256 == SHA


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes")
def test_a_pipe_does_not_keep_us_waiting(house: Path) -> None:
    os.mkfifo(house / "pipe.jpg")
    _, problems = read(house, line(1, "pipe.jpg"))
    assert codes(problems) == ["E732"]


def test_a_photo_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "IMG_1.jpg").open("wb") as file:
        file.truncate(MAX_PHOTO_BYTES + 1)
    _, problems = read(tmp_path, line(1))
    assert codes(problems) == ["E734"]
    assert str(MAX_PHOTO_BYTES) in problems[0].message


def test_every_problem_is_told_at_once_with_number_and_file(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("不是照片", encoding="utf-8")
    (tmp_path / "IMG.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0heic")
    (tmp_path / "half.jpg").write_bytes(PHOTO[: len(PHOTO) // 2])
    (tmp_path / "good.jpg").write_bytes(PHOTO)
    names = ["../up.jpg", "gone.jpg", "good.jpg", "text.jpg", "IMG.heic", "half.jpg"]
    lines = [line(n, name, sha256="0" * 64 if name == "good.jpg" else "") for n, name in enumerate(names, 1)]
    files, problems = read(tmp_path, *lines, line(6, "good.jpg"))
    assert codes(problems) == ["E736", "E731", "E732", "E733", "E735", "E735", "E735"]
    for each, found in zip(lines, problems[1:], strict=True):
        assert f"证据 {each.number}" in found.message
        assert each.file in found.message
        assert found.hint
    assert "JPEG" in problems[5].hint
    assert [p.evidence.file for p in files.photos] == ["good.jpg"]


# ── photo pages


@pytest.fixture
def dozen(tmp_path: Path) -> tuple[Recorded, EvidenceFiles]:
    """Return a record with twelve photos, each another, and a video between them."""
    lines = []
    for n in range(1, 13):
        (tmp_path / f"IMG_{n}.jpg").write_bytes(encoded(picture(900 + n, 700 if n % 3 else 1300)))
        lines.append(
            line(
                n,
                f"IMG_{n}.jpg",
                proves=f"证明内容{n}号",
                findings=(6, 1),
                taken=f"2024-01-15 09:{n + 10}",
                by="张伟、刘洋",
            )
        )
    (tmp_path / "现场.mp4").write_bytes(b"film")
    lines.insert(5, line(13, "现场.mp4", what="录音录像"))
    recorded = with_lines(*lines)
    files, problems = read_evidence(tmp_path, recorded.record)
    assert problems == []
    return recorded, files


def images_of(paper: Paper) -> list[int]:
    """Return how many photographs each page shows."""
    found = []
    for page in paper.reader.pages:
        objects = page["/Resources"].get("/XObject", {})  # type: ignore[index]
        drawn = re.findall(r"(/\S+) Do\b", page.get_contents().get_data().decode("latin-1"))  # type: ignore[union-attr]
        found.append(sum(objects[name].get_object().get("/Subtype") == "/Image" for name in drawn))
    return found


@pytest.mark.parametrize(("per_page", "pages"), [(4, 3), (6, 2)])
def test_twelve_photos_are_spread_over_pages_that_the_party_signs(
    dozen: tuple[Recorded, EvidenceFiles], per_page: int, pages: int
) -> None:
    recorded, files = dozen
    paper = Paper(record_pdf(recorded, "evidence-list", files=files, photos_per_page=per_page))
    assert [n for n in images_of(paper) if n] == [per_page] * pages
    photo_pages = [page for page in paper.pages if "照片页" in page]
    assert len(photo_pages) == pages
    for index, page in enumerate(photo_pages):
        assert flat(f"当事人：{recorded.record.site.name}　检查笔录编号：{recorded.record.number}") in page
        assert page.count("当事人签名：") == 2, "under the photos, and in the strip of every page"
        assert flat(f"第 {index * per_page + 1}—{(index + 1) * per_page} 张，共 12 张") in page
        for photo in files.photos[index * per_page : (index + 1) * per_page]:
            e = photo.evidence
            for part in (f"证据 {e.number}", e.proves, e.taken, e.by, e.file, photo.sha256, "问题1、6"):
                assert flat(part) in page, part
    assert files.hashes["13"] in paper.text, "what is listed has its hash too"
    assert leaks(paper) == []


def test_photos_are_embedded_as_they_were_made_and_nothing_is_fetched(dozen: tuple[Recorded, EvidenceFiles]) -> None:
    recorded, files = dozen
    paper = Paper(record_pdf(recorded, "evidence-list", files=files))
    embedded = {
        d._data for d in paper.dictionaries() if d.get("/Subtype") == "/Image" and d.get("/Filter") == "/DCTDecode"
    }  # type: ignore[attr-defined]
    assert embedded == {photo.print.jpeg for photo in files.photos}
    assert all(max(p.print.width, p.print.height) <= LONGEST_EDGE for p in files.photos)


def test_the_same_photos_give_the_same_paper(dozen: tuple[Recorded, EvidenceFiles], tmp_path: Path) -> None:
    recorded, files = dozen
    again, _ = read_evidence(tmp_path, recorded.record)
    assert again == files
    first = record_pdf(recorded, "evidence-list", files=files)
    assert first == record_pdf(recorded, "evidence-list", files=again)
    assert first != record_pdf(recorded, "evidence-list", files=files, photos_per_page=6)


def test_one_photo_more_takes_a_page_of_its_own_and_blanks_are_left_to_write_on(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.jpg").write_bytes(PHOTO)
    recorded = with_lines(*[line(n) for n in range(1, 6)])
    files, _ = read_evidence(tmp_path, recorded.record)
    paper = Paper(record_pdf(recorded, "evidence-list", files=files))
    assert "第5张，共5张" in paper.pages[-1]
    for blank in ("证明：＿＿", "拍摄人：＿＿", "时间、地点：＿＿"):
        assert blank in paper.pages[-1]


@pytest.mark.long
def test_long_texts_under_photos_lose_nothing(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.jpg").write_bytes(PHOTO)
    long = {"proves": "证" * 396 + "尾一", "taken": "时" * 396 + "尾二", "by": "人" * 396 + "尾三"}
    recorded = with_lines(*[line(n, **long) for n in range(1, 5)])
    files, _ = read_evidence(tmp_path, recorded.record)
    for per_page in (4, 6):
        paper = Paper(record_pdf(recorded, "evidence-list", files=files, photos_per_page=per_page))
        for end in ("尾一", "尾二", "尾三"):
            assert paper.text.count(end) == 8, "in the list and under the photo"
        assert sum(images_of(paper)) >= 4
        assert all("当事人签名：" in page for page in paper.pages)


def test_markup_in_lines_and_names_is_text(tmp_path: Path) -> None:
    nasty = "<img src=x>&amp;{{ 7 }}"
    name = "a<b>&'\"{{7}}.jpg"
    (tmp_path / name).write_bytes(PHOTO)
    recorded = with_lines(line("<b>1</b>", name, proves=nasty, taken=nasty, by=nasty))
    files, problems = read_evidence(tmp_path, recorded.record)
    assert problems == []
    text = Paper(record_pdf(recorded, "evidence-list", files=files)).pages[-1]
    assert text.count(flat(nasty)) == 3
    assert flat(name) in text
    assert "<b>1</b>" in text


# ── attaching


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "记录.yaml"
    path.write_text(record_yaml(RECORD.record), encoding="utf-8")
    for n in range(1, 4):
        (tmp_path / f"IMG_{n}.jpg").write_bytes(encoded(picture(60 + n, 50)))
    return path


TEMPLATE = Evidence(number="", what="照片", proves="温度 9.6 ℃", findings=(1, 2))


def evidence_of(path: Path) -> tuple[Evidence, ...]:
    _, found, problems = read_record(path)
    assert found is not None, [p.render() for p in problems]
    return found.evidence


def test_files_become_lines_with_numbers_and_hashes(record: Path) -> None:
    before = record.read_text(encoding="utf-8")
    files = [record.parent / "IMG_1.jpg", record.parent / "IMG_2.jpg"]
    added, problems = attach(record, files, TEMPLATE)
    assert problems == []
    assert [(e.number, e.file) for e in added] == [("1", "IMG_1.jpg"), ("2", "IMG_2.jpg")]
    assert evidence_of(record) == added
    for each, file in zip(added, files, strict=True):
        assert each.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        assert (each.proves, each.findings) == ("温度 9.6 ℃", (1, 2))
    more, _ = attach(record, [record.parent / "IMG_3.jpg"], TEMPLATE)
    assert evidence_of(record) == (*added, *more)
    assert more[0].number == "3"
    assert read_evidence(record.parent, RECORD.record.model_copy(update={"evidence": evidence_of(record)}))[1] == []
    kept = [row for row in before.splitlines() if not row.startswith("evidence:")]
    assert _in_order(kept, record.read_text(encoding="utf-8").splitlines())
    assert sorted(p.name for p in record.parent.iterdir()) == ["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg", "记录.yaml"]


def _in_order(rows: list[str], among: list[str]) -> bool:
    """Return whether every row stands among the others, in this order."""
    rest = iter(among)
    return all(row in rest for row in rows)


@pytest.mark.parametrize("number", ["9", "甲-1", "", "٣"])
def test_numbers_go_on_from_the_highest(record: Path, number: str) -> None:
    content = RECORD.record.model_copy(update={"evidence": (line(number, "gone.jpg"),)})
    record.write_text(record_yaml(content), encoding="utf-8")
    added, problems = attach(record, [record.parent / "IMG_1.jpg"], TEMPLATE)
    assert problems == []
    assert added[0].number == {"9": "10", "٣": "4"}.get(number, "1")


HEAD = record_yaml(RECORD.record.model_copy(update={"evidence": (), "papers": {}})).replace("evidence: []\n", "")
ONE = '- number: "1" # 一\n  what: 照片\n  proves: |\n    # 不是注释\n    第二行\n'
LISTS = {
    "none": "",
    "empty": "evidence: []   # 待登记\n",
    "block": f'evidence:\n# 开头\n{ONE}  # 第一件的注释\n\n# 以下是文书\nattachments: ["甲"] # 附件\n',
    "indented": "evidence:\n    - number: '1'\n      what: 实物\n# 尾\n",
    "last": f"evidence:\n{ONE}",
    "flow": 'evidence: [{number: "1", what: 照片}]  # 一行写法\n',
    "flow-lines": 'evidence: [\n  {number: "1", what: 照片},  # 一\n  {number: "2", what: 实物}\n]\n',
    "empty-lines": "evidence: [\n  # 没有\n]\n",
    "no-newline": "evidence: []",
}


@pytest.mark.parametrize("name", sorted(LISTS))
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_nothing_else_in_the_file_changes(record: Path, name: str, newline: str, bom: bytes) -> None:
    text = HEAD.replace("attachments: []\n", "") + LISTS[name] if "attachments" in LISTS[name] else HEAD + LISTS[name]
    raw = bom + ("# 我的注释\n" + text).replace("\n", newline).encode()
    record.write_bytes(raw)
    before = evidence_of(record)
    added, problems = attach(record, [record.parent / "IMG_1.jpg", record.parent / "IMG_2.jpg"], TEMPLATE)
    if name in ("empty-lines", "flow-lines"):
        assert _refused_whole(record, raw, problems), "a comment may stand between the brackets"
        return
    assert problems == []
    assert evidence_of(record) == (*before, *added)
    now = record.read_bytes()
    assert now.startswith(bom + "# 我的注释".encode())
    assert (b"\r\n" in now) == (newline == "\r\n")
    if newline == "\r\n":
        assert now.count(b"\n") == now.count(b"\r\n")
    old = [r for r in raw.decode().splitlines() if "evidence:" not in r and r != "]"]
    assert _in_order(old, now.decode().splitlines())
    for comment in ("# 待登记", "# 一行写法", "# 第一件的注释", "# 以下是文书", "# 附件", "# 尾"):
        assert (comment in now.decode()) == (comment in raw.decode())
    if name == "block":
        assert now.decode().index(added[-1].sha256) < now.decode().index("# 以下是文书"), "a heading stays with its own"


def _refused_whole(record: Path, raw: bytes, problems: list[Problem]) -> bool:
    return codes(problems) == ["E739"] and record.read_bytes() == raw


@pytest.mark.parametrize("shape", ["json", "trailing-comma", "end-mark"])
def test_what_cannot_be_told_is_refused_and_nothing_is_written(record: Path, shape: str) -> None:
    raw = {
        "json": RECORD.record.model_dump_json(exclude={"evidence"}),
        "trailing-comma": HEAD + 'evidence: [{number: "1", what: 照片},]\n',
        "end-mark": HEAD + "...\n",
    }[shape].encode()
    record.write_bytes(raw)
    added, problems = attach(record, [record.parent / "IMG_1.jpg"], TEMPLATE)
    assert added == ()
    assert _refused_whole(record, raw, problems)


@given(
    st.lists(st.sampled_from(["", "# 注", "  # 深注", "      # 更深"]), max_size=4),
    st.integers(0, 4), st.integers(0, 3), st.booleans(),
)  # fmt: skip
def test_lines_go_in_whatever_stands_around(gaps: list[str], indent: int, count: int, follows: bool) -> None:
    old = [{"number": str(n + 1), "what": "其他", "proves": f"第{n}\n# 行"} for n in range(count)]
    pad = " " * indent
    rows = [
        f"{pad}- number: '{e['number']}'\n{pad}  what: 其他\n{pad}  proves: |-\n{pad}    {e['proves'][:2]}\n{pad}    # 行\n"
        for e in old
    ]
    text = HEAD + ("evidence:\n" + "".join(rows) if old else "evidence: []\n") + "".join(g + "\n" for g in gaps)
    text += 'number: "后"\n' if follows and "number" not in HEAD.split("\nsite")[0] else ""
    document, problems = parse(text, "记录.yaml")
    assert document is not None, problems
    changed, problems = _with_lines(document, text, [line(count + 1, "a.jpg", sha256=SHA)])
    if problems:
        assert codes(problems) == ["E739"]
        return
    assert _in_order([r for r in text.splitlines() if r != "evidence: []"], changed.splitlines())
    again, _ = parse(changed, "记录.yaml")
    assert again is not None
    assert isinstance(again.data, dict)
    assert len(again.data["evidence"]) == count + 1


def test_what_cannot_be_attached_is_told_at_once_and_nothing_is_written(record: Path, tmp_path: Path) -> None:
    folder = record.parent
    (folder / "IMG.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0heic")
    (folder / "copy.jpg").write_bytes((folder / "IMG_1.jpg").read_bytes())
    (folder / "sub").mkdir()
    outside = tmp_path.parent / f"{tmp_path.name}-outside.jpg"
    outside.write_bytes(PHOTO)
    raw = record.read_bytes()
    names = ["IMG_1.jpg", "IMG.heic", "copy.jpg", "IMG_1.jpg", "gone.jpg", f"../{outside.name}", "sub"]
    added, problems = attach(record, [folder / n for n in names], TEMPLATE.model_copy(update={"findings": (1, 99)}))
    assert added == ()
    assert codes(problems) == ["E738", "E735", "E737", "E737", "E732", "E731", "E732"]
    assert "99" in problems[0].message
    assert record.read_bytes() == raw
    outside.unlink()


def test_a_sheet_is_no_record(record: Path) -> None:
    record.write_text("kind: answers\n", encoding="utf-8")
    assert codes(attach(record, [record.parent / "IMG_1.jpg"], TEMPLATE)[1]) == ["E622"]


def test_no_more_lines_than_a_record_may_have(record: Path) -> None:
    many = tuple(line(n, f"{n}.jpg") for n in range(1, 501))
    record.write_text(record_yaml(RECORD.record.model_copy(update={"evidence": many})), encoding="utf-8")
    raw = record.read_bytes()
    assert codes(attach(record, [record.parent / "IMG_1.jpg"], TEMPLATE)[1]) == ["E205"]
    assert record.read_bytes() == raw


# ── the commands


def test_the_command_offers_the_kinds_that_a_record_knows() -> None:
    assert get_args(Evidence.model_fields["what"].annotation) == _KINDS


def test_files_are_attached_and_printed(record: Path, tmp_path: Path) -> None:
    done = chunfeng(
        "record", "attach", record, tmp_path / "IMG_1.jpg", tmp_path / "IMG_2.jpg", "--proves", "温度显示", "--findings",
        "1，2", "--by", "张伟、刘洋",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert hashlib.sha256((tmp_path / "IMG_2.jpg").read_bytes()).hexdigest() in done.out
    text = record.read_text(encoding="utf-8")
    digest = evidence_of(record)[1].sha256
    record.write_text(text.replace(f'"{digest}"', digest).replace(digest, '""'), encoding="utf-8")
    target = tmp_path / "证据.pdf"
    done = chunfeng("record", "print", record, "--document", "evidence-list", "--photos", "6", "-o", target)
    assert done.code == 0, done.err
    assert "证据 2（IMG_2.jpg）没有记下 SHA-256" in done.out
    assert images_of(Paper(target.read_bytes()))[-1] == 2
    (tmp_path / "IMG_1.jpg").write_bytes(PHOTO + b"changed")
    (tmp_path / "IMG_2.jpg").unlink()
    target.unlink()
    done = chunfeng("record", "print", record, "--document", "evidence-list", "-o", target)
    assert done.code == 1
    assert "E732 证据 2" in done.err
    assert "E733 证据 1" in done.err
    assert not target.exists()
    done = chunfeng("record", "print", record, "--document", "inspection-record", "-o", target)
    assert done.code == 0, "the other papers need no photos"


@pytest.mark.parametrize(
    "options", [("--findings", "一"), ("--findings", "0"), ("--proves", "长" * 401), ("--by", "甲\n乙"), ("--what", "录像")]
)  # fmt: skip
def test_wrong_options_are_wrong_use(record: Path, tmp_path: Path, options: tuple[str, str]) -> None:
    raw = record.read_bytes()
    assert chunfeng("record", "attach", record, tmp_path / "IMG_1.jpg", *options).code == 2
    assert record.read_bytes() == raw


def test_a_record_is_no_evidence_of_itself(record: Path) -> None:
    assert chunfeng("record", "attach", record, record, "--what", "其他").code == 2


def test_a_record_is_what_it_was_but_for_its_evidence(record: Path) -> None:
    before = RecordFile.model_validate(RECORD.record)
    attach(record, [record.parent / "IMG_1.jpg"], TEMPLATE)
    _, after, _ = read_record(record)
    assert after is not None
    assert after.model_copy(update={"evidence": before.evidence}) == before
    with Image.open(record.parent / "IMG_1.jpg") as untouched:
        assert untouched.size == (61, 50)


@pytest.mark.parametrize("per_page", [pytest.param("4", marks=pytest.mark.long), "6"])
def test_a_list_with_photos_is_verified_against_the_originals(record: Path, tmp_path: Path, per_page: str) -> None:
    many = [tmp_path / f"IMG_{n}.jpg" for n in range(1, 6)]
    for n, file in enumerate(many):
        file.write_bytes(encoded(picture(70 + n, 50)))
    assert attach(record, many, TEMPLATE)[1] == []
    paper = tmp_path / "证据.pdf"
    done = chunfeng("record", "print", record, "--document", "evidence-list", "--photos", per_page, "-o", paper)
    assert done.code == 0, done.err
    done = chunfeng("verify", paper)
    assert done.code == 1
    assert "E740" in done.err
    done = chunfeng("verify", paper, "--evidence", tmp_path)
    assert done.code == 0, done.out + done.err
    many[0].write_bytes(PHOTO)
    done = chunfeng("verify", paper, "--evidence", tmp_path)
    assert done.code == 1
    assert "E733" in done.err
