"""The command line: one module a command, found by listing this folder; each is a library call plus printing."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from engine import __version__
from engine.commands.console import prepare_console, show_problems
from engine.exit_codes import ExitCode
from engine.problems import ProblemError, of_system


class Commands(click.Group):
    """A group whose commands are the modules of a folder, imported when they are asked for."""

    def __init__(self, name: str, *, folder: Path, package: str, **kwargs: Any) -> None:
        super().__init__(name, options_metavar="[选项]", subcommand_metavar="命令 [参数]…", **kwargs)
        self._folder, self._package = folder, package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, sorted."""
        modules = {path.stem for path in self._folder.glob("*.py")} | {
            p.parent.name for p in self._folder.glob("*/__init__.py")
        }
        return sorted(name.replace("_", "-") for name in modules - _NOT_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command of this name, None if there is none."""
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"{self._package}.{name.replace('-', '_')}").command
        if not isinstance(command, Commands):
            command.options_metavar = "[选项]"
        return command


_NOT_COMMANDS = {"__init__", "console", "keyboard", "options"}


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"chunfeng {__version__}")
        ctx.exit()


cli = Commands(
    "chunfeng",
    folder=Path(__file__).parent,
    package=__name__,
    help="春风：按行动方案生成检查表，根据答案提出问题和依据，打印现场检查笔录。",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[
        click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="显示版本号。"
        )
    ],
)


def main() -> None:
    """Run the command line: exit 0 nothing found, 1 findings or problems, 2 wrong use. Nothing given: the menu."""
    gc.disable()  # a command ends soon: looking for cycles costs a fifth of its time and frees next to nothing
    prepare_console()
    arguments = sys.argv[1:]
    if not arguments and all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        arguments = ["menu"]
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code, as main has them."""
    try:
        code = cli.main(args=arguments, prog_name="chunfeng", standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        return ExitCode.WRONG_USE
    except ProblemError as found:
        show_problems(found.problems)
        return ExitCode.PROBLEMS
    except OSError as refused:
        if refused.filename is None:  # a pipe, the terminal
            raise
        show_problems([of_system(refused)])
        return ExitCode.PROBLEMS
    except click.Abort:
        click.echo("已中止，没有写出文件。", err=True)
        return ExitCode.PROBLEMS
    return code if isinstance(code, int) else ExitCode.CLEAN
