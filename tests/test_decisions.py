"""Decisions put into a record's file: exactly these values change, or nothing; a profile without writing YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support import SAMPLES
from support_answers import PLACE

from engine.commands import cli
from engine.inspections.bureaus import read_bureau
from engine.inspections.deciding import decide
from engine.inspections.opening import evaluate, new_record, open_answers, read_record
from engine.inspections.records import record_yaml
from engine.library.load import read_holidays
from engine.model.record import RecordFile
from engine.problems import Problem

WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def content() -> str:
    opened, problems = open_answers(PLACE, SAMPLES / "retail-pharmacy-2024.yaml")
    assert opened is not None, problems
    return record_yaml(new_record(opened, evaluate(opened), read_holidays(PLACE)))


@pytest.fixture
def record(content: str, tmp_path: Path) -> Path:
    path = tmp_path / "记录.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def read(path: Path) -> RecordFile:
    _, found, problems = read_record(path)
    assert found is not None, problems
    return found


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def run(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli, list(map(str, arguments)))
    return done.exit_code, done.output


@given(
    chosen=st.dictionaries(st.integers(1, 7), st.sampled_from(["confirmed", "rejected"]), max_size=7),
    by=st.tuples(WORDS, WORDS), why=WORDS, sentences=st.dictionaries(st.integers(1, 7), WORDS, max_size=2), number=WORDS,
)  # fmt: skip
def test_what_was_decided_is_read_back_and_nothing_else_changes(
    content: str, tmp_path_factory: pytest.TempPathFactory, chosen: dict[int, str], by: tuple[str, str], why: str,
    sentences: dict[int, str], number: str,
) -> None:  # fmt: skip
    path = tmp_path_factory.mktemp("r") / "记录.yaml"
    path.write_text(content, encoding="utf-8", newline="")
    before = read(path)
    _, problems = decide(
        path, chosen, by=by, why=why, day="2024-01-15", due="2024-01-30", sentences=sentences, number=number
    )  # type: ignore[arg-type]
    assert problems == [], [p.render() for p in problems]
    expected = []
    for finding in before.findings:
        told = {"sentence": sentences.get(finding.number, finding.sentence)}
        if finding.number in chosen:
            word = chosen[finding.number]
            told |= {"status": word, "by": by, "date": "2024-01-15"}
            told |= {"why": why} if word == "rejected" else {"due": "2024-01-30"}
        expected.append(
            finding.model_dump(mode="json") | {k: list(v) if isinstance(v, tuple) else v for k, v in told.items()}
        )
    after = read(path).model_dump(mode="json")
    assert after == before.model_dump(mode="json") | {"findings": expected, "number": number}
    rows, old = path.read_text(encoding="utf-8").split("\n"), content.split("\n")
    assert len(rows) == len(old)
    assert sum(a != b for a, b in zip(rows, old, strict=True)) <= 4 * len(chosen) + len(sentences) + 1


def test_a_hand_that_wrote_before_is_kept(record: Path) -> None:
    """Comments, Windows line ends and a byte order mark stay; a key that was taken out is put in."""
    text = (
        record.read_text(encoding="utf-8").replace('  why: ""\n', "", 1).replace("findings:\n", "findings:  # 看过\n")
    )
    record.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    _, problems = decide(record, {1: "rejected"}, by=("张伟", "刘洋"), why="有票", day="2024-01-15")
    assert problems == []
    raw = record.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    assert "findings:  # 看过" in raw.decode()
    assert read(record).findings[0].why == "有票"


@pytest.mark.parametrize(
    ("decisions", "why", "expected"),
    [({9: "confirmed"}, "", ["E738"]), ({1: "rejected"}, "", ["E701"]), ({9: "rejected"}, "", ["E738", "E701"])],
)
def test_what_cannot_be_decided_changes_nothing(
    record: Path, decisions: dict[int, str], why: str, expected: list[str]
) -> None:
    before = record.read_bytes()
    decided, problems = decide(record, decisions, by=("张伟",), why=why, day="2024-01-15")  # type: ignore[arg-type]
    assert decided is None
    assert codes(problems) == expected
    assert record.read_bytes() == before


def test_a_list_over_several_lines_is_refused_not_broken(record: Path) -> None:
    text = record.read_text(encoding="utf-8").replace("  by: []\n", "  by:\n  - 张伟\n", 1)
    record.write_text(text, encoding="utf-8")
    _, problems = decide(record, {1: "confirmed"}, by=("刘洋",), why="", day="2024-01-15")
    assert codes(problems) == ["E960"]
    assert record.read_text(encoding="utf-8") == text


def test_the_command_says_what_is_still_open_and_asks_who(record: Path) -> None:
    assert run("record", "decide", record)[1].count("待确认") == 7
    assert run("record", "decide", record, "1=确认")[0] == 2
    assert run("record", "decide", record, "1=好", "--by", "张伟")[0] == 2
    assert run("record", "decide", record, "1=确认", "1=不认定", "--by", "张伟")[0] == 2
    code, shown = run("record", "decide", record, *(f"{n}=确认" for n in range(1, 7)), "--by", "张伟、刘洋")
    assert (code, "还有问题 7 没有决定" in shown) == (0, True)
    code, shown = run("record", "decide", record, "7=不认定", "--by", "张伟", "--by", "刘洋", "--why", "已核对")
    assert (code, "问题都已决定" in shown) == (0, True)
    assert {f.by for f in read(record).findings} == {("张伟", "刘洋")}


def test_a_profile_is_written_without_yaml_and_read(tmp_path: Path) -> None:
    path = tmp_path / "本单位.yaml"
    given = ("workspace", "bureau", "--authority", "某市: 局", "--station", "城东所=瑶1", "--station", "城西所＝瑶2")
    assert run(*given, "--phone", "0551", "-o", path)[0] == 0
    bureau, problems = read_bureau(path)
    assert problems == []
    assert bureau is not None
    assert (bureau.authority, bureau.phone) == ("某市: 局", "0551")
    assert [(s.name, s.block) for s in bureau.stations] == [("城东所", "瑶1"), ("城西所", "瑶2")]
    assert run(*given, "-o", path)[0] == 2, "a profile that people completed is not replaced"
    assert (
        run("workspace", "bureau", "--authority", "局", "--station", "城东所=不是 段", "-o", tmp_path / "b.yaml")[0]
        == 1
    )
    assert not (tmp_path / "b.yaml").exists()
