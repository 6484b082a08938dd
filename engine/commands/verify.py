"""chunfeng verify: a printed paper checked against what it carries."""

from __future__ import annotations

import re
from pathlib import Path

import click

from engine.commands.console import print_json, reported, step, stop_on, wrong_use
from engine.commands.options import bureau_option, format_option, rules_option
from engine.exit_codes import ExitCode


@click.command(
    help="核对打印好的文书（PDF）：附件的校验值、按规则版本重新判定的问题、按附件重新打印的每一页，是否都与文件相同；"
    "有电子签名的，签名是否完好。不联网。内部一致返回 0，不一致返回 1。",
    short_help="核对打印好的文书是否改动过。",
    epilog="内部一致不等于真实：附件、校验值和页面可以一起重做。要与当事人手中的纸质文书或台账核对，用 --expect。"
    "谁都可以自制证书签名：不给 --trust，签名不能证明是谁签的。",
)
@click.argument("paper", type=click.Path(dir_okay=False, path_type=Path), metavar="文书.pdf")
@click.option(
    "--expect",
    metavar="校验值",
    help="从别处得知的校验值：纸质文书页脚的“内容校验”（12 位），或台账上的 SHA-256、SM3。",
)
@click.option(
    "--evidence",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="目录",
    help="照片原件所在的文件夹，核对印有照片的证据清单时用。",
)
@bureau_option("印文书时用了其中 fonts 的字体的，核对时也要给出")
@click.option(
    "--trust",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件",
    help="信任的根证书（PEM 或 DER）：要求至少有一个完好的电子签名由它签发。不查证书是否吊销。",
)
@format_option
@rules_option
def command(
    paper: Path, expect: str | None, evidence: Path | None, bureau_file: Path | None, trust: Path | None, output: str,
    rules: Path | None,
) -> None:  # fmt: skip
    """Print the conclusions (library: engine.documents.verify.verify_paper, engine.documents.verdict.check_text)."""
    known = re.sub(r"\s", "", expect).lower() if expect is not None else None
    if known is not None and not re.fullmatch(r"[0-9a-f]{12,64}", known):
        wrong_use("--expect 应为 12 到 64 位的校验值（数字和字母 a—f），例如文书页脚的“内容校验”")

    from engine.documents.own_fonts import read_profile
    from engine.documents.verdict import check_text
    from engine.documents.verify import verify_paper
    from engine.library.files import place
    from engine.model.base import Conclusion

    (_, own), problems = read_profile(bureau_file)
    stop_on(problems, output)
    step("正在重新判定和排版……")
    with reported(output):
        check, problems = verify_paper(place(rules), paper, known, evidence, own=own, trust=trust)
    stop_on(problems, output)
    assert check is not None
    if output == "json":
        print_json({"kind": "paper-check", "schema": 1, **check.model_dump(mode="json")})
    else:
        click.echo(check_text(check))
    inconsistent = Conclusion.INCONSISTENT in check.conclusions
    raise click.exceptions.Exit(ExitCode.PROBLEMS if inconsistent else ExitCode.CLEAN)
