"""Whatever happens while a workspace is written: nothing acknowledged is lost, and nothing is half there."""

from __future__ import annotations

import ctypes
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support import ROOT
from support_documents import Invoke
from support_workspace import DatabaseSteps, Forked, filled, finding, found_problems, full, state, write

from engine.model.workspace import KeptFinding
from engine.problems import ProblemError
from engine.source import dump
from engine.workspace.archives import export_archive
from engine.workspace.backups import back_up
from engine.workspace.folder import DATABASE, open_workspace
from engine.workspace.kept_files import content_of

SEED = int(os.environ.get("CHUNFENG_SEED", "20240115"))
ACTING = ["--by", "张伟", "--at", "2024-01-16 09:00"]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled workspace, a backup and an export of it, and a bureau's profile."""
    folder = tmp_path_factory.mktemp("base")
    filled(folder / "ws")
    with open_workspace(folder / "ws") as workspace:
        back_up(workspace, folder / "old.zip")
        export_archive(workspace, None, folder / "old")
    profile = {"kind": "bureau", "authority": "甲市监局", "stations": [{"name": "城东所", "block": "甲1"}]}
    (folder / "bureau.yaml").write_text(dump(profile), encoding="utf-8")
    return folder


def bytes_of(path: Path) -> Any:
    """Return what a file or a folder holds, None if it is not there."""
    if path.is_dir():
        return {str(each.relative_to(path)): bytes_of(each) for each in sorted(path.rglob("*")) if each.is_file()}
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


class Operation(NamedTuple):
    """A command that writes, what it writes, and how that is looked at."""

    arguments: list[str]
    target: str
    look: Callable[[Path], Any]


OPERATIONS = {
    "init": Operation(
        ["workspace", "init", "new", "--bureau", "bureau.yaml", "--campaign", "2024", *ACTING], "new", state
    ),
    "write": Operation(["workspace", "units", "add", "ws", "稽查大队", "--why", "新设", *ACTING], "ws", state),
    "backup": Operation(["workspace", "backup", "ws", "-o", "new.zip"], "new.zip", bytes_of),
    "restore": Operation(["workspace", "restore", "old.zip", "new"], "new", state),
    "export": Operation(["workspace", "export", "ws", "-o", "new", "--no-papers"], "new", bytes_of),
    "import": Operation(["workspace", "import", "old", "new"], "new", state),
}


def prepared(base: Path, folder: Path) -> None:
    """Fill the folder with what the operations read."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(base, folder, dirs_exist_ok=True)


EVERY = {"export": 14, "import": 14, "init": 3, "backup": 3, "restore": 3}
"""Many steps that are alike: each of them in the long run only."""


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_step_that_fails_changes_nothing_and_says_why(
    name: str, base: Path, tmp_path: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed(name, base, tmp_path, invoke, monkeypatch, EVERY.get(name, 1))


@pytest.mark.long
@pytest.mark.parametrize("name", EVERY)
def test_every_step_that_fails_changes_nothing_and_says_why(
    name: str, base: Path, tmp_path: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed(name, base, tmp_path, invoke, monkeypatch, 1)


def failed(name: str, base: Path, tmp_path: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    """Let every so many steps fail, one in a run."""
    operation, folder = OPERATIONS[name], tmp_path / "here"
    prepared(base, folder)
    monkeypatch.chdir(folder)
    old, others = operation.look(folder / operation.target), {path.name for path in folder.iterdir()}
    counted = DatabaseSteps(lambda number, name: None)
    with monkeypatch.context() as patch:
        counted.install(patch.setattr)
        run = invoke(*operation.arguments)
        assert run.code == 0, run.err
    new = operation.look(folder / operation.target)
    assert new != old
    assert {"sql", "commit" if name in ("init", "write") else "fsync"} <= set(counted.done)
    for number, step in enumerate(counted.done, 1):
        if step == "committed" or (number % every and number < len(counted.done) - 2):
            continue
        prepared(base, folder)
        with monkeypatch.context() as patch:
            DatabaseSteps(full(number)).install(patch.setattr)
            run = invoke(*operation.arguments)
        place = f"step {number} of {len(counted.done)}, {step}: {run}"
        found = operation.look(folder / operation.target)
        if run.code == 0:
            assert found == new, place
            continue
        assert run.code == 1, place
        assert "磁盘已满" in run.err, place
        assert run.err.count("E901") == 1, place
        assert found in (old, new), place  # new: the name was taken, only that it stays so was not confirmed
        if found == old:
            assert {path.name for path in folder.iterdir()} == others, f"left behind: {place}"


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    with Forked() as process:
        yield process


def ended(name: str, base: Path, folder: Path, forked: Forked, every: int) -> None:
    """End the process at every so many steps; then the target is as before or complete, and the workspace whole."""
    operation = OPERATIONS[name]
    prepared(base, folder)
    old = operation.look(folder / operation.target)
    said, code = forked.run(folder, *operation.arguments, mode="count")
    assert code == 0, said
    steps = int(said[-1].removeprefix("steps "))
    new = operation.look(folder / operation.target)
    assert new != old
    seen = set()
    for number in sorted({*range(1, steps + 1, every), *range(max(1, steps - 3), steps + 1)}):
        prepared(base, folder)
        _, code = forked.run(folder, *operation.arguments, mode="exit", at=number)
        assert code == 9, f"the process did not end at step {number}"
        found = operation.look(folder / operation.target)
        assert found in (old, new), f"half there after step {number} of {steps}"
        assert state(folder / "ws") is not None
        seen.add(found == new)
    assert seen == {False, True}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_process_that_ends_at_a_step_leaves_nothing_half_there(
    name: str, base: Path, tmp_path: Path, forked: Forked
) -> None:
    ended(name, base, tmp_path / "here", forked, 9 * EVERY.get(name, 1))


@pytest.mark.long
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_process_that_ends_at_any_step_leaves_nothing_half_there(
    name: str, base: Path, tmp_path: Path, forked: Forked
) -> None:
    ended(name, base, tmp_path / "here", forked, 1)


def test_a_writer_that_ends_at_any_step_has_lost_nothing_that_it_said_was_kept(
    base: Path, tmp_path: Path, forked: Forked
) -> None:
    folder = tmp_path / "here"
    prepared(base, folder)
    said, _ = forked.run(folder, "write", "ws", "甲", "2", mode="count")
    assert {"甲-0", "甲-1"} <= set(said)
    steps = int(said[-1].removeprefix("steps "))
    for number in range(1, steps + 1):
        prepared(base, folder)
        said, code = forked.run(folder, "write", "ws", "甲", "2", mode="exit", at=number)
        assert code == 9
        kept = kept_by_writers(folder / "ws")
        assert {*said} <= kept, f"step {number} of {steps}"
        assert len(kept - {*said}) <= 1, f"step {number} of {steps}"


def kept_by_writers(folder: Path) -> set[str]:
    """Return what writers have kept in a workspace that is whole, each with its file."""
    assert not found_problems(folder)
    with open_workspace(folder) as workspace, workspace.store.reading() as reader:
        found = [each for each in reader.all(KeptFinding) if each.id != "J-1-1"]
        for each in found:
            assert content_of(workspace.files, each.evidence[0]) == f"evidence of {each.id}".encode()
    return {each.id for each in found}


def killed(base: Path, folder: Path, forked: Forked, times: int) -> None:
    dice, said = random.Random(SEED), set[str]()
    for number in range(times):
        if number % 10 == 0:  # else there is more and more to look at
            prepared(base, folder)
            said.clear()
        process = forked.begin(folder, "write", "ws", f"w{number}", "10000")
        said.add(forked.line())
        time.sleep(dice.uniform(0, 0.03))
        os.kill(process, signal.SIGKILL)
        more, code = forked.rest()
        assert code == -signal.SIGKILL
        said |= {*more}
        kept = kept_by_writers(folder / "ws")
        assert said <= kept, f"kill {number}, seed {SEED}"
        assert len(kept - said) <= 1, f"kill {number}, seed {SEED}"
        said = kept


def test_fifty_kills_after_a_first_write_lose_nothing(base: Path, tmp_path: Path, forked: Forked) -> None:
    killed(base, tmp_path / "here", forked, 50)


@pytest.mark.long
def test_three_hundred_kills_after_a_first_write_lose_nothing(base: Path, tmp_path: Path, forked: Forked) -> None:
    killed(base, tmp_path / "here", forked, 300)


def test_two_processes_that_write_at_once_wait_for_each_other(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    prepared(base, folder)
    with ExitStack() as stack:
        processes = {name: stack.enter_context(Forked()) for name in ("甲", "乙")}
        for name, process in processes.items():
            process.begin(folder, "write", "ws", name, "20")
        for name, process in processes.items():
            said, code = process.rest()
            assert code == 0, said
            assert said == [f"{name}-{number}" for number in range(20)]
    expected = {f"{name}-{number}" for name in processes for number in range(20)}
    assert kept_by_writers(folder / "ws") == expected
    with open_workspace(folder / "ws") as workspace, workspace.store.reading() as reader:
        assert reader.head().seq == 3 + len(expected)


# ── the calls of the system, those that the database makes among them


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forked]:
    library = tmp_path_factory.mktemp("faults") / "faults.so"
    source = ROOT / "tests" / "data" / "faults.c"
    if not shutil.which("gcc"):
        pytest.skip("no gcc: the set-up installs one; without it the calls of the system go untried")
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True, capture_output=True
    )
    with Forked(library) as process:
        yield process


def faulted(operation: Operation, base: Path, folder: Path, faulty: Forked, every: int) -> None:
    """End the process, or let the system refuse, at every so many calls that change a file."""
    prepared(base, folder)
    old = operation.look(folder / operation.target)
    said, code = faulty.run(folder, *operation.arguments, mode="system-count")
    assert code == 0, said
    steps = int(said[-1].removeprefix("steps "))
    new = operation.look(folder / operation.target)
    assert new != old
    seen = set()
    for number in sorted({*range(1, steps + 1, every), steps}):
        for mode in ("system-exit", "system-fail"):
            prepared(base, folder)
            said, code = faulty.run(folder, *operation.arguments, mode=mode, at=number)
            assert code in ({9} if mode == "system-exit" else {0, 1}), f"{mode} {number} of {steps}: {code}"
            found = operation.look(folder / operation.target)
            assert found in ((new,) if code == 0 else (old, new)), f"half there: {mode} {number} of {steps}"
            assert not found_problems(folder / "ws"), f"{mode} {number} of {steps}"
            seen.add(found == new)
    assert False in seen


WRITE = Operation(["write", "ws", "w", "1"], "ws", state)


@pytest.mark.parametrize("name", ["write", "backup"])
def test_a_call_of_the_system_that_fails_leaves_nothing_half_there(
    name: str, base: Path, tmp_path: Path, faulty: Forked
) -> None:
    faulted({"write": WRITE}.get(name, OPERATIONS[name]), base, tmp_path / "here", faulty, 4 if name == "write" else 16)


@pytest.mark.long
@pytest.mark.parametrize("name", [*OPERATIONS, "write a file too"])
def test_any_call_of_the_system_that_fails_leaves_nothing_half_there(
    name: str, base: Path, tmp_path: Path, faulty: Forked
) -> None:
    faulted(OPERATIONS.get(name, WRITE), base, tmp_path / "here", faulty, 1)


# ── real full disks and folders that cannot be written


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB, or skipped where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here; the injected failures cover it")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_real_full_disk_loses_nothing(base: Path, small_disk: Path) -> None:
    shutil.copytree(base / "ws", small_disk / "ws")
    kept: list[str] = []
    with pytest.raises(ProblemError) as stopped:
        write_until_it_stops(small_disk / "ws", kept)
    (found,) = stopped.value.problems
    assert found.code == "E901"
    assert "满" in found.message
    shutil.copytree(small_disk / "ws", small_disk.parent / "copy")
    assert kept
    assert set(kept) <= kept_by_writers(small_disk.parent / "copy")


def write_until_it_stops(folder: Path, kept: list[str]) -> None:
    with open_workspace(folder) as workspace:
        for number in range(10_000):
            write(workspace, f"w{number}")
            kept.append(f"w{number}")


@pytest.mark.parametrize(
    "command",
    [
        ["backup", "ws", "-o", "disk/new.zip"],
        ["restore", "old.zip", "disk/new"],
        ["export", "ws", "-o", "disk/new", "--no-papers"],
        ["import", "old", "disk/new"],
    ],
    ids=lambda c: c[0],
)
def test_a_full_disk_leaves_no_half_backup(
    command: list[str], base: Path, small_disk: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(base, folder := small_disk.parent / "here")
    (small_disk / "other").write_bytes(bytes(2 * 1024 * 1024 - 16 * 4096))
    monkeypatch.chdir(folder)
    (folder / "disk").symlink_to(small_disk)
    run = invoke("workspace", *command)
    assert run.code == 1
    assert "E901" in run.err
    assert "满" in run.err
    assert [path.name for path in small_disk.iterdir()] == ["other"]


def _without_privilege() -> None:
    """Give up what lets root write everywhere: kept by the program that is run next."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE


def unprivileged(code: str, folder: Path) -> str:
    """Return what Python code prints that cannot write what nobody may write."""
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "PATH": os.environ["PATH"]}
    run = subprocess.run([sys.executable, "-c", code, str(folder)], env=environment, capture_output=True, text=True,
                         check=False, preexec_fn=_without_privilege)  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture
def read_only(base: Path, tmp_path: Path) -> Iterator[Path]:
    """A workspace that cannot be written."""
    folder = Path(shutil.copytree(base / "ws", tmp_path / "read-only"))
    paths = (folder, *folder.rglob("*"))
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in paths:
        path.chmod(0o755)


_READ = """
import sys
from pathlib import Path
from support_workspace import found_problems, write, state
from engine.workspace.folder import open_workspace
from engine.problems import ProblemError
folder = Path(sys.argv[1])
print(state(folder)[0])
try:
    with open_workspace(folder) as workspace:
        write(workspace, "x")
except ProblemError as error:
    print(error.problems[0].render())
try:
    with open_workspace(folder) as workspace, workspace.store.writing(by="a", at="2024-01-15 09:00", action="x") as writer:
        from support_workspace import finding
        writer.put(finding("x"))
except ProblemError as error:
    print(error.problems[0].render())
"""


def test_a_workspace_that_cannot_be_written_is_read_and_says_so_when_written(base: Path, read_only: Path) -> None:
    expected = state(base / "ws")
    assert expected is not None
    out = unprivileged(_READ, read_only)
    assert out.startswith(expected[0]), out
    assert out.count("E901") == 2, out
    assert "没有权限" in out
    assert "只能读" in out
    assert state(read_only) == expected
    assert (read_only / DATABASE).read_bytes() == (base / "ws" / DATABASE).read_bytes()


def test_what_lies_in_the_log_is_not_passed_over_where_nothing_can_be_written(
    base: Path, tmp_path: Path, read_only: Path
) -> None:
    """A copy made while somebody wrote has a part of the database in its log: read without it, it would be an old one."""
    with open_workspace(base / "ws") as workspace, workspace.store.reading() as reader:
        head = reader.head()
    shutil.copytree(base / "ws", tmp_path / "ws")
    with open_workspace(tmp_path / "ws") as workspace:
        with workspace.store.writing(by="甲", at="2024-02-01 09:00", action="登记") as writer:
            writer.put(finding("J-1-9"))
        log = (tmp_path / "ws" / f"{DATABASE}-wal").read_bytes()
    assert log
    read_only.chmod(0o755)
    (read_only / f"{DATABASE}-wal").write_bytes(log)
    read_only.chmod(0o555)
    out = unprivileged(
        "import sys; from pathlib import Path; from support_workspace import found_problems; print(found_problems(Path(sys.argv[1])))",
        read_only,
    )
    assert "E901" in out, f"read as of {head}: {out}"
