"""Workspaces for tests, and a process that writes into one: counted, ended at a step, or killed.

`python tests/support_workspace.py` reads requests, a line of JSON each (Forked), and does each in a process of its own
that has everything loaded; the steps are those of tests/support_writing.py and of the database. It is told the arguments
of a command, or `write FOLDER NAME COUNT`.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect
from support import ROOT
from support_writing import Steps, stepped

from engine.model.base import Grade
from engine.model.bureau import BureauFile, Station
from engine.model.workspace import Inspection, KeptFinding, RegisteredSite
from engine.problems import ProblemError
from engine.workspace.folder import Workspace, begin_workspace, open_workspace
from engine.workspace.kept_files import digests, keep
from engine.workspace.store import Store
from engine.workspace.verifying import verify_workspace

BUREAU = BureauFile(
    kind="bureau", authority="合肥市瑶海区市场监督管理局",
    stations=(Station(name="城东所", block="瑶1"), Station(name="城西所", block="瑶2")),
)  # fmt: skip
ACTING = {"by": "张伟", "at": "2024-01-15 09:00"}
RECORD = b"kind: record\n"
PDF = b"%PDF-1.7 \xe7\xac\x94\xe5\xbd\x95"
PHOTO = b"\xff\xd8\xff\xe0 photo"


def begun(folder: Path) -> Path:
    """Return a new workspace."""
    begin_workspace(folder, BUREAU, "2024", **ACTING)
    return folder


def filled(folder: Path) -> Path:
    """Return a workspace with a site, its inspection with two files, and a finding with its evidence."""
    begun(folder)
    with open_workspace(folder) as workspace:
        files = {"record": keep(workspace.files, RECORD), "inspection_record": keep(workspace.files, PDF)}
        with workspace.store.writing(action="登记", **ACTING) as writer:
            writer.put(RegisteredSite(id="S-1", name="=甲药店", site_type="retail-pharmacy", unit="城东所",
                                      credit_code="91340100MA2TEST123", identity={"address": "长江路 1 号"}))  # fmt: skip
            writer.put(Inspection(id="J-1", campaign="2024", site="S-1", unit="城东所"))
        with workspace.store.writing(action="归档", why="检查完毕", **ACTING) as writer:
            writer.put(Inspection(id="J-1", campaign="2024", site="S-1", unit="城东所", state="final", files=files))
            writer.put(finding("J-1-1", keep(workspace.files, PHOTO)))
    return folder


def finding(key: str, *evidence: str) -> KeptFinding:
    """Return a finding with evidence."""
    return KeptFinding(id=key, inspection="J-1", site="S-1", unit="城东所", rule="expired-stock.expired", grade=Grade.CRITICAL,
                       sentence="货架上有过期药品", found="2024-01-15", evidence=evidence)  # fmt: skip


def write(workspace: Workspace, key: str) -> None:
    """Keep a file and a finding that names it, and say so when it is kept."""
    digest = keep(workspace.files, f"evidence of {key}".encode())
    with workspace.store.writing(action="登记", **ACTING) as writer:
        writer.put(finding(key, digest))
    os.write(1, f"{key}\n".encode())


def state(folder: Path) -> tuple[str, frozenset[str]] | None:
    """Return the end of the trail and every kept file of a workspace that is whole, None if there is no folder."""
    if not folder.exists():
        return None
    with open_workspace(folder) as workspace:
        found = verify_workspace(workspace)
        assert not found.problems, "\n".join(p.render() for p in found.problems)
        lying = frozenset(digests(workspace.files))
    return str(found.head), lying - set(found.orphans)


def found_problems(folder: Path, **options: Any) -> list[str]:
    """Return the problems of a workspace as printed, whether it opens or not."""
    try:
        with open_workspace(folder) as workspace:
            return [p.render() for p in verify_workspace(workspace, **options).problems]
    except ProblemError as error:
        return [p.render() for p in error.problems]


class DatabaseSteps(Steps):
    """Steps of writing files, and every statement, commit and copy of the database."""

    def install(self, put: Callable[[Any, str, Any], None]) -> None:
        """Put the wrapped functions in the place of the real ones by put(module, name, function)."""
        super().install(put)
        put(tempfile, "mkdtemp", self._before("mkdtemp", tempfile.mkdtemp))
        put(Store, "copy", self._before("copy", Store.copy))
        for name in ("do_execute", "do_execute_no_params", "do_executemany"):
            put(DefaultDialect, name, self._before("sql", getattr(DefaultDialect, name)))
        put(DefaultDialect, "do_commit", self._commit(DefaultDialect.do_commit))

    def _commit(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any) -> None:
            self.step("commit")
            function(*arguments)
            self.step("committed")

        return stepped


def full(at: int) -> Callable[[int, str], None]:
    """Fail at one step as a full disk does; what comes after a commit cannot fail."""

    def act(number: int, name: str) -> None:
        if number != at or name == "committed":
            return
        if name in ("sql", "commit", "copy"):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        raise OSError(errno.ENOSPC, "No space left on device")

    return act


class Forked:
    """A process that does each request in a copy of itself: begun once, so that hundreds of requests are quick."""

    def __init__(self, preload: Path | None = None) -> None:
        command = [sys.executable, str(Path(__file__))]
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | ({"LD_PRELOAD": str(preload)} if preload else {})
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *told: object) -> None:
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()

    def begin(self, folder: Path, *arguments: str, mode: str = "run", at: int = 0) -> int:
        """Begin a request in a folder; return its process."""
        assert self._process.stdin is not None
        request = {"folder": str(folder), "arguments": arguments, "mode": mode, "at": at}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        word, _, number = self.line().partition(" ")
        assert word == "process"
        return int(number)

    def line(self) -> str:
        """Return the next line that was said."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        assert line.endswith("\n"), "the process that forks has ended"
        return line.strip()

    def rest(self) -> tuple[list[str], int]:
        """Return what else is said until the request has ended, and its exit code; negative: the signal."""
        lines = []
        while not (line := self.line()).startswith("ended "):
            lines.append(line)
        return lines, int(line.removeprefix("ended "))

    def run(self, folder: Path, *arguments: str, mode: str = "run", at: int = 0) -> tuple[list[str], int]:
        """Do a request to its end."""
        self.begin(folder, *arguments, mode=mode, at=at)
        return self.rest()


def _serve() -> None:
    import engine.commands.workspace.backup
    import engine.workspace.archives
    import engine.workspace.backups  # noqa: F401 - loaded before it forks

    for line in sys.stdin:
        request = json.loads(line)
        ready, go = os.pipe()
        process = os.fork()
        if not process:
            os.close(go)
            os.read(ready, 1)  # until the process was named
            os._exit(_child(request))
        os.write(1, f"process {process}\n".encode())
        os.close(go)
        os.close(ready)
        _, status = os.waitpid(process, 0)
        os.write(1, f"ended {os.waitstatus_to_exitcode(status)}\n".encode())


def _child(request: dict[str, Any]) -> int:
    os.chdir(request["folder"])
    try:
        if request["mode"].startswith("system-"):
            _armed(request)
        else:
            stepped(request["mode"], request["at"], DatabaseSteps, lambda: _run(request["arguments"]))
    except SystemExit as stop:
        return int(stop.code or 0)
    except ProblemError:
        return 1
    except BaseException:
        import traceback

        traceback.print_exc()
        return 70
    finally:
        sys.stdout.flush()
    return 0


def _armed(request: dict[str, Any]) -> None:
    """Run with tests/data/faults.c loaded: its steps are the calls of the system, those of the database among them."""
    faults = ctypes.CDLL(None)
    faults.fault_arm(request["at"], request["mode"] == "system-fail")
    try:
        _run(request["arguments"])
    finally:
        if request["mode"] == "system-count":
            os.write(1, f"steps {faults.fault_count()}\n".encode())


def _run(arguments: list[str]) -> None:
    from engine.commands import main

    if arguments[0] != "write":
        sys.argv = ["chunfeng", *arguments]
        main()
        return
    with open_workspace(Path(arguments[1])) as workspace:
        for number in range(int(arguments[3])):
            write(workspace, f"{arguments[2]}-{number}")


if __name__ == "__main__":
    _serve()
