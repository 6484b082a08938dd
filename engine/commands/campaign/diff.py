"""chunfeng campaign diff: what changed from one campaign to another."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.console import (
    keep_inputs,
    reported,
    show_list,
    step_of_typesetting,
    stop_on,
    wrong_use,
)
from engine.commands.options import list_options, rules_option


@click.command(
    help="比较两次行动的检查项目，按意思比，不按文字比：新增、方案新列入、收紧、放宽、限值或条件改变、问法改变、等级改变、"
    "依据改变、适用范围改变、措辞改变、编号改变、方案不再列入、废止，按单位类型列出。草案也可以比。"
    "已发布的写行动的名称（现行规则版本），要指定规则版本的写成 2024@前几位。"
    "--format pdf 打印成培训用的说明，xlsx 每处变化一行。",
    short_help="比较两次行动的检查项目，可打印成培训说明。",
    epilog="例：chunfeng campaign diff 2019 2024 --format pdf -o 培训说明.pdf",
)
@click.argument("before", metavar="原来的行动")
@click.argument("after", metavar="现在的行动")
@click.option("--site-type", metavar="单位类型", help="只比这一种单位的，例如 retail-pharmacy。")
@list_options
@rules_option
def command(
    before: str, after: str, site_type: str | None, output: str, target: Path | None, rules: Path | None
) -> None:
    """Print the comparison (library: engine.campaigns.difference.campaign_difference).

    The note for training is made by engine.documents.training_note.training_note_pdf.
    """
    from engine.campaigns.difference import campaign_difference
    from engine.documents.training_note import (
        HEADER,
        difference_rows,
        difference_text,
        headline,
        title_of,
        training_note_pdf,
    )
    from engine.library.files import place
    from engine.writing import write_atomically

    if output in ("pdf", "xlsx") and target is None:
        wrong_use(f"{output} 请用 -o 写明文件名")
    if target is not None:
        keep_inputs(target, rules)
    found, problems = campaign_difference(place(rules), before, after, site_type)
    stop_on(problems, "json" if output == "json" else "text")
    assert found is not None
    with reported():
        if output == "pdf" and target is not None:
            step_of_typesetting()
            write_atomically(target, training_note_pdf(found))
            click.echo(f"{target}：{headline(found.counts)}")
        elif output == "text":
            text = difference_text(found)
            if target is None:
                click.echo(text)
            else:
                write_atomically(target, f"{text}\n".encode())
        else:
            data = {"kind": "difference", "schema": 1, **found.model_dump(mode="json", by_alias=True)}
            rows, words = difference_rows(found), (headline(found.counts),)
            show_list(
                title_of(found),
                HEADER,
                rows,
                data,
                output=output,
                target=target,
                day=found.after.period.start,
                words=words,
            )
