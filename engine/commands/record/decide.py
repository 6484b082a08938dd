"""chunfeng record decide: findings of a record confirmed or rejected by named people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.console import pairs_of, reported, stop_on, wrong_use
from engine.commands.options import Day

_WORDS = ("确认", "不认定")


@click.command(
    help="逐条决定记录里程序拟出的问题：序号=确认 或 序号=不认定；不写序号则列出各个问题。写进记录的只有这几处，"
    "其余内容和注释都不动。",
    short_help="逐条确认或不认定记录里的问题。",
    epilog="例：chunfeng record decide 记录.yaml 1=确认 2=确认 --by 张伟 --by 刘洋　　"
    "chunfeng record decide 记录.yaml 3=不认定 --by 张伟 --by 刘洋 --why 已核对发票",
)
@click.argument("record", type=click.Path(dir_okay=False, path_type=Path), metavar="记录.yaml")
@click.argument("words", nargs=-1, metavar="[序号=决定]…")
@click.option("--by", "people", multiple=True, metavar="姓名", help="由谁决定（两名检查人员，各写一次）。")
@click.option("--why", default="", metavar="理由", help="不认定的理由，必须写。")
@click.option("--on", "day", type=Day(), metavar="日期", help="何时决定；不写就是今天。")
@click.option("--due", type=Day(), metavar="日期", help="确认的问题要求何时改正。")
@click.option("--sentence", "sentences", multiple=True, metavar="序号=文字", help="改写打印的事实描述。可写多次。")
@click.option("--authority", default="", metavar="全称", help="同时填执法机关全称。")
@click.option("--number", default="", metavar="编号", help="同时填文书编号。")
def command(
    record: Path, words: tuple[str, ...], people: tuple[str, ...], why: str, day: date | None, due: date | None,
    sentences: tuple[str, ...], authority: str, number: str,
) -> None:  # fmt: skip
    """Write the decisions (library: engine.inspections.deciding.decide)."""
    from engine.days import today
    from engine.inspections.deciding import Decision, decide

    if not (words or sentences or authority or number):
        _list(record)
        return
    decided = _numbered(words)
    wrong = [word for word in decided.values() if word not in _WORDS]
    if wrong:
        wrong_use(f"“{wrong[0][:20]}” 请写成 1=确认 或 1=不认定 的样子")
    decisions: dict[int, Decision] = {n: "confirmed" if w == "确认" else "rejected" for n, w in decided.items()}
    people = tuple(name.strip() for given in people for name in given.replace("、", ",").replace("，", ",").split(","))
    if words and not all(people or ("",)):
        wrong_use("请用 --by 写明由谁决定，每人写一次")
    with reported():
        written, problems = decide(
            record, decisions, by=people, why=why.strip(), day=str(day or today()), due=str(due) if due else None,
            sentences=_numbered(sentences), authority=authority.strip(), number=number.strip(),
        )  # fmt: skip
        stop_on(problems)
    assert written is not None
    left_open = [str(f.number) for f in written.findings if f.status == "proposed"]
    told = f"还有问题 {'、'.join(left_open)} 没有决定" if left_open else "问题都已决定"
    done = [f"决定 {len(decisions)} 个"] if decisions else []
    done += [f"描述 {len(sentences)} 处"] if sentences else []
    click.echo(f"{record}：写入{'、'.join(done) or '抬头'}，{told}")


def _numbered(values: tuple[str, ...]) -> dict[int, str]:
    """Return what stands behind each number; end with exit code 2 if one is no number or stands twice."""
    found: dict[int, str] = {}
    for left, right in pairs_of(values):
        if not (left.strip().isascii() and left.strip().isdecimal() and len(left) < 7):
            wrong_use(f"“{left[:20]}” 不是问题的序号，请写成 1=… 的样子")
        if int(left) in found:
            wrong_use(f"问题 {int(left)} 写了两次")
        found[int(left)] = right.strip()
    return found


def _list(record: Path) -> None:
    """Print the findings with what was decided."""
    from engine.inspections.opening import read_record

    with reported():
        _, read, problems = read_record(record)
        stop_on(problems)
    assert read is not None
    words = {"proposed": "待确认", "confirmed": "确认", "rejected": "不认定"}
    for finding in read.findings:
        by = f"（{'、'.join(finding.by)}）" if finding.by else ""
        click.echo(f"{finding.number}. {words[finding.status]}{by}　{finding.sentence}")
    click.echo(f"{record}：问题 {len(read.findings)} 个")
