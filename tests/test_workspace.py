"""A workspace says what its trail says; any change behind the program's back is found, and no damage is a traceback."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT
from support_documents import Invoke
from support_workspace import ACTING, PHOTO, begun, filled, finding, found_problems, state, write

from engine.model.workspace import BY_NAME, KINDS, Inspection, Unit
from engine.problems import ProblemError
from engine.source import dump
from engine.workspace import migrating, store, words
from engine.workspace.chain import Change, Head, hash_of, linked, read_head
from engine.workspace.folder import DATABASE, FILES, open_workspace
from engine.workspace.kept_files import content_of, keep, path_of
from engine.workspace.units import unit_problems
from engine.workspace.verifying import verify_workspace

BY = ["--by", "张伟", "--at", "2024-01-16 09:00"]


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("original") / "ws")


@pytest.fixture
def ws(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ws"))


def tampered(folder: Path, statement: str, *values: Any) -> None:
    """Change the database behind the program's back; the trail can be changed by whoever drops the guard first."""
    with closing(sqlite3.connect(folder / DATABASE)) as database, database:
        database.execute("DROP TRIGGER IF EXISTS audit_no_update")
        database.execute("DROP TRIGGER IF EXISTS audit_no_delete")
        changed = database.execute(statement, values).rowcount
        assert changed, "nothing was changed"


# ── what verify finds


def test_an_untouched_workspace_is_whole(ws: Path) -> None:
    assert found_problems(ws) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE finding SET data = replace(data, 'critical', 'minor')", "finding J-1-1：与办理记录不符"),
        ("UPDATE finding SET state = 'corrected'", "finding J-1-1：查找用的 state 与内容不符"),
        ("UPDATE inspection SET unit = '城西所'", "inspection J-1：查找用的 unit 与内容不符"),
        ("DELETE FROM site", "site S-1：办理记录里有，表里没有"),
        ("UPDATE site SET id = 'S-2'", "site S-2：与办理记录不符"),
        ("INSERT INTO unit (id, data) VALUES ('城南所', '{\"id\":\"城南所\"}')", "unit 城南所：与办理记录不符"),
        ("UPDATE audit SET by = '李四' WHERE seq = 2", "办理记录第 2 条：内容被改动"),
        ("UPDATE audit SET why = ' ' WHERE seq = 3", "办理记录第 3 条：内容被改动"),
        ("UPDATE audit SET at = '2024-01-14 09:00' WHERE seq = 1", "办理记录第 1 条：内容被改动"),
        ("UPDATE audit SET changes = replace(changes, '甲药店', '乙药店') WHERE seq = 2", "办理记录第 2 条：内容被改动"),
        ("UPDATE audit SET changes = changes || ' ' WHERE seq = 2", "办理记录第 2 条：内容被改动"),
        ("UPDATE audit SET changes = '[' WHERE seq = 2", "办理记录第 2 条：内容被改动"),
        ("UPDATE audit SET changes = '[[1,2]]' WHERE seq = 2", "办理记录第 2 条：内容被改动"),
        ("UPDATE audit SET hash = previous WHERE seq = 3", "办理记录第 3 条：内容被改动"),
        ("DELETE FROM audit WHERE seq = 2", "办理记录第 3 条：前面应是第 2 条，实为第 1 条"),
        ("UPDATE audit SET seq = 7 WHERE seq = 3", "办理记录第 7 条：前面应是第 6 条"),
    ],
)  # fmt: skip
def test_a_change_behind_the_programs_back_is_found(ws: Path, statement: str, said: str) -> None:
    tampered(ws, statement)
    problems = found_problems(ws)
    assert any(said in text for text in problems), problems


def test_the_trail_cannot_be_changed_by_mistake(ws: Path) -> None:
    with closing(sqlite3.connect(ws / DATABASE)) as database:
        for statement in ("UPDATE audit SET by = ''", "DELETE FROM audit"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(statement)


def test_a_trail_that_was_cut_short_is_found_by_a_printed_head(ws: Path, invoke: Invoke) -> None:
    with open_workspace(ws) as workspace:
        head = verify_workspace(workspace).head
    tampered(ws, "DELETE FROM audit WHERE seq = 3")
    tampered(ws, "DELETE FROM finding")
    tampered(
        ws,
        "UPDATE inspection SET state = 'planned', data = (SELECT json_extract(changes, '$[1][2]') FROM audit WHERE seq = 2)",
    )
    assert found_problems(ws) == [], "the test must cut cleanly"
    assert any("被截断或重写" in text for text in found_problems(ws, known=[head]))
    run = invoke("workspace", "verify", ws, "--head", str(head))
    assert run.code == 1
    assert "被截断或重写" in run.err
    assert invoke("workspace", "verify", ws).code == 0


def test_a_head_that_is_none_is_wrong_use(ws: Path, invoke: Invoke) -> None:
    run = invoke("workspace", "verify", ws, "--head", "12-abc")
    assert run.code == 2
    assert "不是链末" in run.err


def test_files_missing_and_changed_are_errors_and_files_that_nothing_names_a_notice(ws: Path, invoke: Invoke) -> None:
    with open_workspace(ws) as workspace, workspace.store.reading() as reader:
        inspection = reader.get(Inspection, "J-1")
        assert inspection is not None
        orphan = keep(workspace.files, b"nobody names this")
    assert found_problems(ws) == []
    run = invoke("workspace", "verify", ws)
    assert run.code == 0
    assert "另有 1 个文件没有资料用到" in run.err
    lost, changed = inspection.files["record"], inspection.files["inspection_record"]
    path_of(ws / FILES, lost).unlink()
    path_of(ws / FILES, changed).chmod(0o644)
    path_of(ws / FILES, changed).write_bytes(b"other")
    problems = found_problems(ws)
    assert len(problems) == 2
    assert all(any(digest in text for text in problems) for digest in (lost, changed))
    assert orphan not in str(problems)


def test_a_file_that_only_an_earlier_version_names_must_still_be_there(ws: Path) -> None:
    with open_workspace(ws) as workspace:
        with workspace.store.writing(action="更正", **ACTING) as writer:
            writer.put(finding("J-1-1"))
        (old,) = [path for path in workspace.files.rglob("*") if path.is_file() and path.read_bytes() == PHOTO]
    assert found_problems(ws) == []
    old.unlink()
    assert any(old.name in text for text in found_problems(ws))


def test_a_kept_file_that_rotted_is_kept_anew_and_not_read(ws: Path) -> None:
    with open_workspace(ws) as workspace:
        path = path_of(workspace.files, keep(workspace.files, PHOTO))
        path.chmod(0o644)
        path.write_bytes(b"rotten")
        with pytest.raises(ProblemError, match="不符"):
            content_of(workspace.files, path.name)
        keep(workspace.files, PHOTO)
        assert content_of(workspace.files, path.name) == PHOTO


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=4), st.data())
def test_any_change_of_a_chain_is_seen(entries: list[tuple[str, str, str]], data: st.DataObject) -> None:
    """Whatever part of whatever entry is changed, its hash or its link is no longer true."""
    chain, head = [], Head(0, "0" * 64)
    for by, why, content in entries:
        entry = linked(head, "2024-01-15 09:00", by, "登记", why, (Change("unit", "a", content),))
        chain.append(entry)
        head = Head(entry.seq, entry.hash)
    for entry in chain:
        assert hash_of(entry) == entry.hash
        assert entry.changes[0].data == entries[entry.seq - 1][2]
        field = data.draw(st.sampled_from(["at", "by", "action", "why", "text", "previous"]))
        other = data.draw(st.text().filter(lambda text, e=entry, f=field: text != getattr(e, f)))
        assert hash_of(entry._replace(**{field: other})) != entry.hash
    assert read_head(str(head)) == head


# ── damage


def damaged(ws: Path, content: bytes) -> list[str]:
    (ws / DATABASE).write_bytes(content)
    return found_problems(ws)


@pytest.mark.parametrize("content", [b"", b"x", b"not a database " * 1000, b"SQLite format 3\0" + bytes(4096)])
def test_a_file_that_is_no_database_is_a_message(ws: Path, content: bytes, invoke: Invoke) -> None:
    problems = damaged(ws, content)
    assert len(problems) == 1
    for command in (["verify"], ["log"], ["units", "list"]):
        run = invoke("workspace", *command, ws)
        assert run.code == 1, run
        assert "E81" in run.err


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bytes_and_missing_pages_are_found_or_harmless_and_never_a_traceback(
    ws: Path, original: Path, seed: int
) -> None:
    dice, content = random.Random(seed), bytearray((original / DATABASE).read_bytes())
    before = state(original)
    if seed % 4 == 0:
        del content[dice.randrange(len(content)) :]
    else:
        for _ in range(dice.choice([1, 3, 100])):
            content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    (ws / DATABASE).write_bytes(bytes(content))
    if not found_problems(ws):
        assert state(ws) == before, "a change was not seen"
    try:  # whatever else is done with it ends with a message too
        with open_workspace(ws) as workspace:
            write(workspace, "x")
            with workspace.store.reading() as reader:
                for kind in KINDS:
                    reader.all(kind)
    except ProblemError as error:
        assert error.problems


def test_a_folder_that_is_no_workspace_is_a_message(tmp_path: Path, invoke: Invoke) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        run = invoke("workspace", "units", "list", path)
        assert run.code == 1
        assert "E811" in run.err


def test_a_writer_that_waited_too_long_says_who_is_in_the_way(ws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(ws / DATABASE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ProblemError, match="E815"), open_workspace(ws) as workspace:
            write(workspace, "x")
        assert found_problems(ws) == [], "reading waits for nobody"
        other.execute("ROLLBACK")


def test_a_mistake_of_the_program_is_not_told_as_damage(ws: Path) -> None:
    with pytest.raises(OSError, match="mine"), open_workspace(ws):
        raise OSError("mine")


# ── folders


@pytest.mark.parametrize("name", ["春风 2024", "a?b", "a#b", "100%25", "a&b=c;d", "file:x", "'q\"", "ʻ\U00020000"])
def test_any_name_of_a_folder_works(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / name)
    assert state(tmp_path / name) is not None
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert {path.name for path in (tmp_path / name).iterdir()} == {DATABASE, FILES}
    monkeypatch.chdir(tmp_path)
    assert state(Path(name)) == state(tmp_path / name)
    with open_workspace(Path(name)) as workspace:
        monkeypatch.chdir("/")
        write(workspace, "moved")


def test_a_workspace_is_begun_in_an_empty_or_a_new_folder_only(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    begun(tmp_path / "empty")
    begun(tmp_path / "deep" / "er")
    for taken in (tmp_path / "empty", tmp_path / "file"):
        if taken.name == "file":
            taken.write_bytes(b"")
        with pytest.raises(ProblemError, match="E810"):
            begun(taken)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "empty", "file"]


def test_the_same_steps_give_the_same_trail(tmp_path: Path) -> None:
    assert state(filled(tmp_path / "a")) == state(filled(tmp_path / "b"))


# ── older and newer shapes


_STEP = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0001"

def upgrade():
    op.add_column("unit", sa.Column("extra", sa.Text(), nullable=False, server_default=""))
    FAIL
"""


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up next step of the tables, known to the program; return its file."""
    scripts = Path(shutil.copytree(ROOT / "engine" / "workspace" / "migrations", tmp_path / "migrations"))
    step = scripts / "versions" / "step_9999.py"
    step.write_text(_STEP.replace("FAIL", "pass"), encoding="utf-8")
    monkeypatch.setattr(migrating, "_SCRIPTS", scripts)
    return step


def test_an_older_workspace_is_brought_forward_and_kept_as_it_was(
    ws: Path, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state_of_old(ws, monkeypatch)
    with open_workspace(ws) as workspace:
        assert "extra" in columns(ws, "unit")
        assert str(verify_workspace(workspace).head) == before[0]
        write(workspace, "after")
    kept = ws / "chunfeng-0001-9999.db"
    assert kept.exists()
    (ws.parent / "back").mkdir()
    shutil.copy(kept, ws.parent / "back" / DATABASE)
    shutil.copytree(ws / FILES, ws.parent / "back" / FILES)
    assert state_of_old(ws.parent / "back", monkeypatch) == before
    assert not list(ws.glob(".*")), "left behind"
    content = kept.read_bytes()
    with open_workspace(ws):
        pass
    assert kept.read_bytes() == content


def state_of_old(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "_SCRIPTS", ROOT / "engine" / "workspace" / "migrations")
        return state(folder)


def columns(folder: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


def test_a_step_that_fails_changes_nothing(ws: Path, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer.write_text(_STEP.replace("FAIL", 'op.execute("SELECT * FROM missing")'), encoding="utf-8")
    before = state_of_old(ws, monkeypatch)
    problems = found_problems(ws)
    assert len(problems) == 1
    assert "E813" in problems[0]
    assert "extra" not in columns(ws, "unit")
    assert state_of_old(ws, monkeypatch) == before


def test_without_a_copy_nothing_is_brought_forward(ws: Path, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(migrating, "copy_database", full)
    assert any("磁盘已满" in text for text in found_problems(ws))
    assert "extra" not in columns(ws, "unit")


def test_a_workspace_of_a_newer_program_is_refused_and_untouched(
    ws: Path, newer: Path, monkeypatch: pytest.MonkeyPatch, invoke: Invoke
) -> None:
    with open_workspace(ws):
        pass
    content = (ws / DATABASE).read_bytes()
    monkeypatch.setattr(migrating, "_SCRIPTS", ROOT / "engine" / "workspace" / "migrations")
    run = invoke("workspace", "units", "add", ws, "大队", "--why", "新设", *BY)
    assert run.code == 1
    assert "E812" in run.err
    assert (ws / DATABASE).read_bytes() == content


def test_the_steps_make_the_tables_that_the_program_expects(ws: Path) -> None:
    from engine.workspace.tables import metadata

    for table in metadata.sorted_tables:
        assert columns(ws, table.name) == [column.name for column in table.columns]


# ── units


def test_units_are_changed_with_a_reason_and_unknown_ones_refused(ws: Path, invoke: Invoke) -> None:
    add = ["workspace", "units", "add", ws, "稽查大队", "--kind", "team", "--reporter", "李四", *BY]
    assert invoke(*add).code == 2, "without a reason"
    assert invoke(*add, "--why", " ").code == 2
    assert invoke(*add, "--why", "新设").code == 0
    assert "已经有了" in invoke(*add, "--why", "新设").err
    change = invoke(
        "workspace",
        "units",
        "change",
        ws,
        "稽查大队",
        "--phone",
        "64490000",
        "--substitute",
        "王五",
        "--why",
        "换人",
        *BY,
    )
    assert change.code == 0
    assert (
        "没有变化"
        in invoke("workspace", "units", "change", ws, "稽查大队", "--phone", "64490000", "--why", "换人", *BY).err
    )
    assert invoke("workspace", "units", "close", ws, "城西所", "--why", "合并", *BY).code == 0
    assert "是否想写 “城东所”" in invoke("workspace", "units", "close", ws, "城东", "--why", "合并", *BY).err
    listed = json.loads(invoke("workspace", "units", "list", ws, "--format", "json").out)["units"]
    assert [(unit["id"], unit["open"], unit["reporter"], unit["phone"], unit["substitute"]) for unit in listed] == [
        ("城东所", True, "", "", ""), ("城西所", False, "", "", ""), ("稽查大队", True, "李四", "64490000", "王五"),
    ]  # fmt: skip
    text = invoke("workspace", "units", "list", ws).out
    assert "已撤销" in text
    assert "64490000" in text
    with open_workspace(ws) as workspace, workspace.store.reading() as reader:
        found = unit_problems(reader, ["城东所", "城西所", "城南所", "", "城南所"])
        assert [(each.code, each.message) for each in found] == [
            ("E817", "没有责任单位 “城南所”"), ("E818", "责任单位 “城西所” 已经撤销"),
        ]  # fmt: skip
        assert [entry.why for entry in reader.trail(3)] == ["新设", "换人", "合并"]
    assert invoke("workspace", "units", "reopen", ws, "城西所", "--why", "撤错了", *BY).code == 0


@pytest.mark.parametrize("name", ["a b", "a/b", "", "x" * 81])
def test_a_name_of_a_unit_that_cannot_be_an_id_is_refused(ws: Path, name: str, invoke: Invoke) -> None:
    run = invoke("workspace", "units", "add", ws, name, "--why", "新设", *BY)
    assert run.code == 1
    assert "E818" in run.err


# ── the trail for people


def test_the_trail_says_who_changed_what_from_what_to_what_and_why(ws: Path, invoke: Invoke) -> None:
    invoke("workspace", "units", "change", ws, "城东所", "--phone", "1", "--why", "登记电话", *BY)
    invoke(
        "workspace",
        "units",
        "change",
        ws,
        "城东所",
        "--phone",
        "2",
        "--kind",
        "team",
        "--why",
        "换号",
        "--by",
        "李四",
        "--at",
        "2024-02-01 10:00",
    )
    text = invoke("workspace", "log", ws, "--of", "责任单位", "城东所", "--from", "2024-02-01").out
    assert text.splitlines() == [
        "5　2024-02-01 10:00　李四　更改责任单位　理由：换号", "    责任单位 城东所", "        电话：1 → 2",
        "        类别：市场监管所 → 大队",
    ]  # fmt: skip
    whole = invoke("workspace", "log", ws).out
    for part in (
        "建立工作目录",
        "单位 S-1（新）",
        "实际经营地址：长江路 1 号",
        "单位类型：药品零售企业",
        "状态：计划 → 已归档",
        "等级：严重",
        "理由：检查完毕",
        "文件 现场检查笔录：（空） → ",
    ):
        assert part in whole, part
    assert "没有办理记录" in invoke("workspace", "log", ws, "--to", "2024-01-14").out
    assert "E819" in invoke("workspace", "log", ws, "--of", "unit", "城南所").err
    assert invoke("workspace", "log", ws, "--of", "猫", "城南所").code == 2


def test_the_trail_as_json_gives_every_version_back(ws: Path, invoke: Invoke) -> None:
    """Played field by field, what was changed comes to what is there."""
    invoke("workspace", "units", "change", ws, "城东所", "--phone", "1", "--reporter", "甲", "--why", "登记电话", *BY)
    invoke("workspace", "units", "change", ws, "城东所", "--phone", "", "--why", "停机", *BY)
    told = json.loads(invoke("workspace", "log", ws, "--format", "json").out)
    fields: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in told["entries"]:
        for change in entry["changes"]:
            assert change["first"] == ((change["kind"], change["id"]) not in fields)
            now = fields.setdefault((change["kind"], change["id"]), {})
            for field in change["fields"]:
                now[field["field"]] = field["new"]
    with open_workspace(ws) as workspace, workspace.store.reading() as reader:
        for kind in KINDS:
            for thing in reader.all(kind):
                data = thing.model_dump(mode="json", exclude_defaults=True)
                assert {
                    key: value for key, value in fields[kind.KIND, thing.id].items() if value and "." not in key
                } == {key: value for key, value in data.items() if key != "id" and not isinstance(value, dict)}
        unit = reader.get(Unit, "城东所")
        assert unit is not None
        assert (unit.phone, unit.reporter) == ("", "甲")


def test_every_kind_and_field_has_its_word_in_the_glossary() -> None:
    rows = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    for name, kind in BY_NAME.items():
        assert any(f"| {words.kind_word(name)}" in row and f"`{name}`" in row for row in rows), name
        for field in kind.model_fields:
            word = words.field_word(name, field)
            assert word != field, f"{name}.{field} has no word"
            assert any(word in row.split("|")[1] and f"`{field}`" in row for row in rows if row.startswith("|")), (
                f"{name}.{field} {word}"
            )


def test_the_profile_is_kept(tmp_path: Path, invoke: Invoke) -> None:
    profile = {"kind": "bureau", "authority": "甲市监局", "stations": [{"name": "城东所", "block": "甲1"}]}
    (tmp_path / "b.yaml").write_text(dump(profile), encoding="utf-8")
    run = invoke("workspace", "init", tmp_path / "ws", "--bureau", tmp_path / "b.yaml", "--campaign", "2024", *BY)
    assert run.code == 0, run.err
    assert "责任单位 1 个" in run.out
    assert (
        invoke("workspace", "init", tmp_path / "ws", "--bureau", tmp_path / "b.yaml", "--campaign", "2024", *BY).code
        == 1
    )
    assert (
        invoke("workspace", "init", tmp_path / "x", "--bureau", tmp_path / "b.yaml", "--campaign", "1999", *BY).code
        == 1
    )
    assert not (tmp_path / "x").exists()


def test_the_steps_are_those_of_alembic_and_no_command_loads_it_for_nothing(tmp_path: Path) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert migrating.known_shapes() == {step.revision for step in scripts.walk_revisions()}
    assert migrating.newest_shape() == scripts.get_current_head()
    begun(tmp_path / "ws")
    code = "import sys\nfrom pathlib import Path\nfrom engine.workspace.folder import open_workspace\n" \
           f"with open_workspace(Path({str(tmp_path / 'ws')!r})):\n    pass\nprint('alembic' in sys.modules)"  # fmt: skip
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout == "False\n"
