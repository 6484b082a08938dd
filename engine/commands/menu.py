"""chunfeng menu: the numbered Chinese menu, which also opens when no command is given at a terminal."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from engine.commands.console import laid_out, wrong_use
from engine.commands.keyboard import keyboard


@click.command(
    help="打开中文菜单：不用记命令，键入数字就能办。每办一项，都显示所用的命令。在终端窗口里只写 chunfeng 也打开它。",
    short_help="打开中文菜单，键入数字办理。",
)
def command() -> None:
    """Open it (library: engine.menu.dialogue.serve)."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        wrong_use("菜单要在终端窗口里用，不接受管道或文件里的内容；各命令见 chunfeng --help")
    from engine.menu.dialogue import serve
    from engine.menu.sitting import Sitting
    from engine.menu.tree import TOP

    click.echo(f"文件都在这个文件夹里读写：\n{Path.cwd()}")
    if _holds_the_program(Path.cwd()):
        click.echo("注意：程序就在这个文件夹里，换新版本时会整个删去，资料不要放在这里。")
        click.echo("  请用桌面图标打开（键入一次 ./chunfeng-desktop）；已经写在这里的，删前移出。")
    gc.enable()  # many commands run in one process
    serve(Sitting(_Terminal()), TOP)


def _holds_the_program(folder: Path) -> bool:
    """Return whether a folder is that of an unpacked bundle, which goes when a new version comes."""
    from engine.library.files import program_root

    return program_root().resolve().is_relative_to(folder.resolve() / "app" / "packages")


class _Terminal:
    """The front of a sitting: lines on the screen, lines from the keyboard, commands of this program."""

    def say(self, text: str = "") -> None:
        for line in text.split("\n"):
            click.echo(laid_out(line))

    def ask(self, prompt: str) -> str:
        with keyboard() as typed:
            try:
                return typed.line(laid_out(prompt) + " ")
            except OSError as error:  # the terminal is gone
                raise EOFError from error

    def run(self, arguments: Sequence[str]) -> int:
        from engine.commands import run

        return run(list(arguments))
