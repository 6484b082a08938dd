"""Papers sent to the printer by the system's command: from the command line and from the menu; without one it is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support_documents import Invoke
from test_menu import Script

from engine.documents.printer import send_to_printer
from engine.menu.dialogue import serve
from engine.menu.sitting import Sitting
from engine.menu.tree import TOP

PDF = b"%PDF-1.7\n%%EOF\n"
NAMES = ("检查表 城东所.pdf", "-d 药店.pdf", "--.pdf", "$HOME `id`;'\".pdf")
FAKE = """\
#!/bin/sh
# A spooler that notes what it was told, a line a word, and the locale in which it was told.
{{ for word in "$@"; do printf '%s\\n' "$word"; done; printf 'LC_ALL=%s\\n\\n' "$LC_ALL"; }} >>'{log}'
printf '%s\\n' '{says}'
exit {code}
"""


class Spooler:
    """A fake lp or lpr, the only program on the path, and what it was told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._log = folder, folder / "log"
        folder.mkdir()
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setenv("LC_ALL", "zh_CN.GBK")

    def install(self, name: str, says: str = "", code: int = 0) -> None:
        program = self.folder / name
        program.write_text(FAKE.format(log=self._log, says=says, code=code), encoding="utf-8")
        program.chmod(0o755)

    def told(self) -> list[list[str]]:
        """Return the words of each call."""
        if not self._log.exists():
            return []
        return [call.split("\n") for call in self._log.read_text(encoding="utf-8").removesuffix("\n\n").split("\n\n")]


@pytest.fixture
def spooler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spooler:
    made = Spooler(tmp_path / "bin", monkeypatch)
    work = tmp_path / "药 剂 科"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in NAMES:
        Path(name).write_bytes(PDF)
    return made


def test_every_name_reaches_lp_as_it_is(spooler: Spooler, invoke: Invoke) -> None:
    """In UTF-8 whatever the locale, as one word, and never to be taken for an option: the path is whole."""
    spooler.install("lp", "request id is HP-7 (1 file(s))")
    spooler.install("lpr")
    run = invoke("print", "--printer", "HP_二楼", "--copies", "2", "--", *NAMES)
    assert run.code == 0, run.said
    expected = [
        ["-t", name, "-d", "HP_二楼", "-n", "2", str(Path.cwd() / name), "LC_ALL=zh_CN.UTF-8"] for name in NAMES
    ]
    assert spooler.told() == expected
    shown = [f"{name}：已送打印机（request id is HP-7 (1 file(s))）" for name in NAMES]
    assert run.said.splitlines() == shown


def test_lpr_serves_where_there_is_no_lp(spooler: Spooler, invoke: Invoke) -> None:
    spooler.install("lpr")
    run = invoke("print", NAMES[0])
    assert run.said.splitlines() == [f"{NAMES[0]}：已送打印机"]
    assert spooler.told() == [["-T", NAMES[0], "-#", "1", str(Path(NAMES[0]).absolute()), "LC_ALL=zh_CN.UTF-8"]]


def test_without_a_printing_command_it_says_what_to_do(spooler: Spooler, invoke: Invoke) -> None:
    run = invoke("print", NAMES[0])
    assert run.code == 1
    assert "E981 这台电脑上没有打印命令" in run.said
    assert "双击打开 PDF" in run.said


def test_what_the_spooler_refuses_is_told_and_ends_the_sending(spooler: Spooler, invoke: Invoke) -> None:
    spooler.install("lp", "lp: 错误 - 没有可用的默认目的地。", 1)
    run = invoke("print", NAMES[0], NAMES[3])
    assert run.code == 1
    assert "E982 打印机没有接受，lp 的答复：lp: 错误 - 没有可用的默认目的地。" in run.said
    assert "设置—打印机" in run.said
    assert len(spooler.told()) == 1


def test_nothing_is_sent_unless_every_file_is_a_pdf(spooler: Spooler, invoke: Invoke) -> None:
    spooler.install("lp")
    Path("表.xlsx").write_bytes(b"PK\x03\x04")
    run = invoke("print", NAMES[0], "表.xlsx", "没有.pdf", ".")
    assert run.code == 1
    assert [line.split()[1] for line in run.said.splitlines() if " E" in line] == ["E101", "E101", "E980"]
    assert spooler.told() == []


def test_a_spooler_that_hangs_or_cannot_start_is_given_up(spooler: Spooler, monkeypatch: pytest.MonkeyPatch) -> None:
    (spooler.folder / "lp").write_text("no program", encoding="utf-8")
    (spooler.folder / "lp").chmod(0o755)
    (problem,) = send_to_printer([Path(NAMES[0])])[1]
    assert problem.code == "E982"
    (spooler.folder / "lp").write_text("#!/bin/sh\nwhile :; do :; done\n", encoding="utf-8")
    monkeypatch.setattr("engine.documents.printer.WAIT", 0.2)
    (problem,) = send_to_printer([Path(NAMES[0])])[1]
    assert "没有答复" in problem.message


# ── from the menu


class Working(Script):
    """A front that runs what the menu chose."""

    def __init__(self, typed: list[str], invoke: Invoke, writes: Callable[[list[str]], None]) -> None:
        super().__init__(typed)
        self._invoke, self._writes = invoke, writes

    def run(self, arguments: object) -> int:
        code = super().run(arguments)  # type: ignore[arg-type]
        if self.ran[-1][0] == "print":
            run = self._invoke(*self.ran[-1])
            self.shown.append(run.said)
            return run.code
        self._writes(self.ran[-1])
        return code


def written(arguments: list[str]) -> None:
    """Write what a command would have written, its content left out."""
    Path(arguments[arguments.index("-o") + 1]).write_bytes(PDF)


CHECKLIST = ["1", "1", "2024", "药店", "", "20240115"]


def test_a_paper_that_was_just_made_is_printed_from_the_menu(spooler: Spooler, invoke: Invoke) -> None:
    spooler.install("lp")
    front = Working([*CHECKLIST, "1", "-城东 所", "Ｐ", "p", "", "0", "0"], invoke, written)
    serve(Sitting(front), TOP)
    assert front.ran[1:] == [["print", "--", "-城东 所.pdf"]] * 2
    assert [call[1] for call in spooler.told()] == ["-城东 所.pdf"] * 2
    assert "$ chunfeng print -- '-城东 所.pdf'" in front.shown
    assert sum("键入 p 送打印机" in line for line in front.shown) == 3


def test_what_is_no_pdf_is_not_offered_to_the_printer(spooler: Spooler, invoke: Invoke) -> None:
    front = Working([*CHECKLIST, "表格", "", "p", "0"], invoke, written)
    serve(Sitting(front), TOP)
    assert not any("送打印机 >" in line for line in front.shown)
    assert len(front.ran) == 1


def test_papers_that_are_there_are_printed_from_the_menu(spooler: Spooler, invoke: Invoke) -> None:
    spooler.install("lp")
    front = Working(["1", "送打印机", "4", "全部", "3", "", "", "0", "0"], invoke, written)
    serve(Sitting(front), TOP)
    assert sorted(call[1] for call in spooler.told()) == sorted(NAMES)
    assert all(call[2:4] == ["-n", "3"] for call in spooler.told())


def test_without_a_printer_the_menu_says_so_and_goes_on(spooler: Spooler, invoke: Invoke) -> None:
    front = Working([*CHECKLIST, "1", "", "p", "", "0", "0"], invoke, written)
    serve(Sitting(front), TOP)
    assert any("没有打印命令" in line for line in front.shown)
    assert front.shown[-1] == "再见。"
