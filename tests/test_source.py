"""The loader guesses nothing and refuses what would mislead, with the place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import source
from engine.source import MAX_BYTES, dump, load, parse


def read(text: str) -> object:
    document, problems = parse(text, "x.yaml")
    assert document is not None, [p.render() for p in problems]
    return document.data


def refused(text: str) -> list[tuple[str, int, int]]:
    document, problems = parse(text, "x.yaml")
    assert document is None
    return [(p.code, p.mark.line, p.mark.column) for p in problems]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("07310000012", "07310000012"),  # YAML 1.1: a number in base eight
        ("0891234", "0891234"),
        ("12:30:00", "12:30:00"),  # YAML 1.1: 45000
        ("09:05", "09:05"),
        ("no", "no"), ("on", "on"), ("off", "off"), ("yes", "yes"), ("y", "y"), ("n", "n"),  # YAML 1.1: true or false
        ("否", "否"), ("是", "是"),
        ("2024-02-30", "2024-02-30"),  # YAML 1.1: an error without a place
        ("2024-01-15", "2024-01-15"),
        ("1_000", "1_000"), ("0x1F", "0x1F"), ("1e5", "1e5"), (".5", ".5"), ("+1", "+1"),
        ("8", 8), ("-3", -3), ("8.0", 8.0), ("0", 0), ("-0.5", -0.5),
        ("true", True), ("false", False), ("True", "True"), ("null", None), ("~", None), ("", None), ("Null", "Null"),
        ("'8'", "8"), ('"07310000012"', "07310000012"), ("'true'", "true"),
    ],
)  # fmt: skip
def test_a_plain_scalar_is_what_it_says(written: str, value: object) -> None:
    found = read(f"a: {written}\n")
    assert found == {"a": value}
    assert type(found["a"]) is type(value)


def test_a_key_is_text_whatever_it_looks_like() -> None:
    assert read("on: 1\nno: 2\n12:30: 3\n2024: 4\n") == {"on": 1, "no": 2, "12:30": 3, "2024": 4}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\nb: 2\na: 3\n", [("E105", 3, 1)]),
        ("x:\n  a: 1\n  a: 2\n  a: 3\n", [("E105", 3, 3), ("E105", 4, 3)]),
        ("a: &x 1\nb: 2\n", [("E106", 1, 4)]),
        ("a: 1\nb: *a\n", [("E106", 2, 4)]),
        ("a: !!python/object:os.system x\n", [("E107", 1, 4)]),
        ("a: !own x\n", [("E107", 1, 4)]),
        ("a: 1\n---\nb: 2\n", [("E109", 2, 1)]),
        ("check：冷藏\n", [("E110", 1, 1)]),
        ("- YD-14：是\n", [("E110", 1, 3)]),
        ("a: 第3条 #备注\n", [("E111", 1, 8)]),
        ("? [1, 2]\n: x\n", [("E112", 1, 3)]),
        ("", [("E113", 0, 0)]),
        ("# 只有注释\n", [("E113", 0, 0)]),
        ("a: x\x07y\n", [("E114", 1, 5)]),
        ("a: 99999999999999999999\n", [("E115", 1, 4)]),
        ("a: [1, 2\nb: 3\n", [("E104", 2, 2)]),
        ("a: 'x\n", [("E104", 1, 4)]),
        ("a: b: c\n", [("E104", 1, 5)]),
        ("a:\n\tb: 1\n", [("E104", 2, 1)]),
    ],
)
def test_what_misleads_is_refused_with_its_place(text: str, found: list[tuple[str, int, int]]) -> None:
    assert refused(text) == found


def test_a_full_width_colon_inside_prose_is_text() -> None:
    assert read("a: 注意：不要混放\nb: 2～8 ℃：冷藏\n") == {"a": "注意：不要混放", "b": "2～8 ℃：冷藏"}


def test_a_comment_with_a_space_is_a_comment() -> None:
    assert read("a: 第3条  # 备注\nb: 'x #y'\n") == {"a": "第3条", "b": "x #y"}


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_forty_thousand_nested_openings_are_refused_at_once(opening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = 0
    real = source.yaml.parse

    def counted(*arguments: Any, **options: Any) -> Iterator[Any]:
        nonlocal seen
        for event in real(*arguments, **options):
            seen += 1
            yield event

    monkeypatch.setattr(source.yaml, "parse", counted)
    assert [code for code, _, _ in refused(opening * 40_000)] == ["E108"]
    assert seen < 4 * source.MAX_DEPTH, "the guard read on after it should have stopped"


def test_more_values_than_anybody_writes_are_refused_unbuilt() -> None:
    text = "a: [" + "1," * (source.MAX_VALUES + 1) + "1]\n"
    assert [code for code, _, _ in refused(text)] == ["E118"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("answers:\n  YD-09:是\n  YD-10: 是\n", [("E117", 2, 3)]),
        ("answers:\n  YD-09:是\n", [("E117", 2, 3)]),
        ("check:冷藏\n", [("E117", 1, 1)]),
        ("a: invoice:否\n", [("E117", 1, 4)]),
    ],
)
def test_a_colon_without_a_space_is_told_where_it_stands(text: str, found: list[tuple[str, int, int]]) -> None:
    assert refused(text) == found


def test_colons_inside_words_are_text() -> None:
    assert read("a: 09:05\nb: http://example.org\nc: L2309:11\n") == {
        "a": "09:05", "b": "http://example.org", "c": "L2309:11",
    }  # fmt: skip


@pytest.mark.parametrize("escape", ["\\0", "\\x07", "\\e", "\\x7f"])
def test_an_escape_makes_no_control_character(escape: str) -> None:
    assert refused(f'a: "x{escape}y"\n') == [("E114", 1, 4)]
    assert refused(f'"x{escape}y": 1\n') == [("E114", 1, 1)]


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    assert refused(bomb) == [("E106", 1, 4)]


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    document, problems = load(path)
    assert not problems
    assert document is not None
    assert document.data == {"a": 1}


@pytest.mark.parametrize(
    ("content", "guess"),
    [("名称: 药店\n".encode("gbk"), "GBK"), ("a: 1\n".encode("utf-16"), "UTF-16"), (b"a: \x80\xff\xff\n", "不明")],
)
def test_another_encoding_is_named(tmp_path: Path, content: bytes, guess: str) -> None:
    path = tmp_path / "other.yaml"
    path.write_bytes(content)
    document, problems = load(path)
    assert document is None
    assert [p.code for p in problems] == ["E103"]
    assert guess in problems[0].message


def test_a_file_of_a_megabyte_loads_and_a_larger_one_is_refused_unread(tmp_path: Path) -> None:
    rows = "".join(f"- {{id: item-{i}, check: 温度在 2～8 ℃ 之间}}\n" for i in range(22_000))
    big = tmp_path / "big.yaml"
    big.write_text(rows, encoding="utf-8")
    assert big.stat().st_size > 1_000_000
    document, problems = load(big)
    assert not problems
    assert document is not None
    assert document.data[21_999]["id"] == "item-21999"
    assert document.mark((21_999, "check")).line == 22_000
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert [p.code for p in load(huge)[1]] == ["E102"]


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert [p.code for p in load(tmp_path / "none.yaml")[1]] == ["E101"]
    assert [p.code for p in load(tmp_path)[1]] == ["E101"]


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert ["不是普通文件" in p.message for p in load(tmp_path / "pipe.yaml")[1]] == [True]


def test_positions_count_characters_not_bytes() -> None:
    document, _ = parse("名称: {编号: 甲, 内容: 乙}\n", "x.yaml")
    assert document is not None
    assert document.mark(("名称", "内容")).column == 17
    assert document.mark(("名称", "内容"), key=True).column == 13
    assert document.mark(("没有",)).line == 1


def test_written_keeps_the_text_of_a_number() -> None:
    document, _ = parse("a: 1.10\nb: 20231105\nc: '007'\n", "x.yaml")
    assert document is not None
    assert [document.written((k,)) for k in "abc"] == ["1.10", "20231105", "007"]


def test_a_snippet_points_below_chinese_text() -> None:
    _, problems = parse("名称: 药店\n名称: 诊所\n", "规则.yaml")
    lines = problems[0].render().splitlines()
    assert lines[0].startswith("规则.yaml:2:1: E105")
    assert lines[1] == "    2 | 名称: 诊所"
    assert lines[2].startswith("      | ^^^^ 请")


_texts = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff\u2028\u2029\x85"), max_size=40
)
_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _texts
    | st.floats(-1e6, 1e6).map(lambda x: round(x, 3)).filter(lambda x: "e" not in repr(x)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts.filter(bool), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(_texts.filter(bool), _data, min_size=1, max_size=4))
def test_what_is_dumped_reads_back_the_same(data: dict[str, object]) -> None:
    assert read(dump(data)) == data


@given(st.text(max_size=200) | st.text(alphabet="ab:-[]{}#&*!|>'\"%@` \n\t,?：是否0123.", max_size=80))
def test_any_text_gives_data_or_problems(text: str) -> None:
    document, problems = parse(text, "x.yaml")
    assert (document is None) == bool(problems)
    for found in problems:
        assert found.render()


@pytest.mark.parametrize(
    "text", ['a: "C:\\path"\n', 'a: "\\xZZ"\n', 'a: "\\uD800"\n', "a: 1\n...\nb: 2\n", "%FOO\n---\na: 1\n"]
)
def test_rare_mistakes_of_syntax_are_told_in_chinese(text: str) -> None:
    _, problems = parse(text, "f.yaml")
    assert [p.code for p in problems] == ["E104"]
    assert "found" not in problems[0].message
    assert "expected" not in problems[0].message
