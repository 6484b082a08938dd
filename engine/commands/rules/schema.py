"""chunfeng rules schema: the JSON Schemas that editors complete and check YAML with."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import reported
from engine.commands.options import rules_option


@click.command(help="列出或写出各种 YAML 文件的 JSON Schema，供编辑器补全和检查。")
@click.argument("kind", required=False, metavar="[种类]")
@click.option("--write", is_flag=True, help="写入 --rules 目录下的 schemas。")
@rules_option
def command(kind: str | None, write: bool, rules: Path | None) -> None:
    """Print the kinds, one schema, or write them all (library: engine.rulebook.schemas)."""
    from engine.library.files import place
    from engine.rulebook.schemas import schema_texts
    from engine.writing import make_folder, write_atomically

    texts = schema_texts()
    if write:
        with reported():
            folder = place(rules).write_target("rules/schemas")
            make_folder(folder)
            for name, text in texts.items():
                write_atomically(folder / f"{name}.json", text.encode())
        click.echo(f"{folder}：{len(texts)} 个")
    elif kind is None:
        click.echo("\n".join(texts))
    elif kind in texts:
        click.echo(texts[kind], nl=False)
    else:
        raise click.UsageError(f"没有种类 “{kind}”，可用：{'、'.join(texts)}")
