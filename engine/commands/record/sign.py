"""chunfeng record sign: a final paper signed with a certificate."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from engine.commands.console import keep_existing, reported, step, stop_on, wrong_use
from engine.commands.options import Moment, force_option, output_option, rules_option

_MAX_PASSWORD_BYTES = 4096


@click.command(
    help="用证书文件（.pfx、.p12）给正式的文书加电子签名。先核对文书，草稿和改动过的文件不签；打印时的内容一字不动，"
    "签名追加在文件末尾，页面上不显示。不联网，不加时间戳。几个人依次签：后一人签前一人签好的文件。",
    short_help="用证书给正式的文书加电子签名（选装）。",
    epilog="没有证书是常态：打印后手写签名，再用 record attach --what 签字件扫描 登记扫描件。需要另装 pyHanko；"
    "国密（SM2）证书请用 UKey 自带的软件签名。",
)
@click.argument("paper", type=click.Path(dir_okay=False, path_type=Path), metavar="文书.pdf")
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="文件",
    help="带私钥的证书文件（PKCS#12）。",
)
@click.option(
    "--password-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件",
    help="密码写在这个文件的第一行；不写则提示输入，输入时不显示。",
)
@click.option("--at", type=Moment(), metavar="时间", help='签名时间（北京时间），例如 "2024-01-31 09:30"；不写为现在。')
@click.option(
    "--evidence",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="目录",
    help="照片原件所在的文件夹，给印有照片的证据清单签名时用。",
)
@output_option(required=True)
@force_option
@rules_option
def command(
    paper: Path,
    certificate: Path,
    password_file: Path | None,
    at: datetime | None,
    evidence: Path | None,
    target: Path,
    force: bool,
    rules: Path | None,
) -> None:
    """Write the signed PDF (library: engine.documents.signing.sign_paper)."""
    from engine.days import BEIJING
    from engine.documents.signatures import installed, not_installed
    from engine.documents.signing import sign_paper
    from engine.library.files import place
    from engine.writing import write_atomically

    if target.suffix.lower() != ".pdf":
        wrong_use(f"{target} 的结尾应为 .pdf")
    if target.resolve() == paper.resolve():
        wrong_use(f"{target} 就是要签的文书，请另取文件名")
    now = datetime.now(BEIJING)
    if at is not None and at > now + timedelta(days=1):
        wrong_use(f"--at 比本机的时间（{now:%Y-%m-%d %H:%M}）晚一天以上：不能签将来的时间；本机时间不对的，请先校正")
    keep_existing(target, force)
    if not installed():
        stop_on([not_installed()])
    password = _password(password_file)
    step("正在核对文书……")
    with reported():
        signed, problems = sign_paper(
            place(rules), paper, certificate, password, at or now, evidence
        )  # fmt: skip
        stop_on(problems)
        assert signed is not None
        write_atomically(target, signed.pdf)
    signature = signed.signature
    when = signature.time.replace("T", " ")[:16]
    click.echo(f"{target}：电子签名 {signed.number}　{signature.signer}　{when}　证书由“{signature.issuer}”签发")
    click.echo("  签名时间由本机给出，没有时间戳；收到的人用 verify --trust 根证书 核对")


def _password(file: Path | None) -> str:
    """Return the password, asked for or read; it goes nowhere else."""
    from engine.reading import read_bytes

    if file is None:
        return str(click.prompt("证书文件的密码", hide_input=True, default="", show_default=False, err=True))
    raw, problems = read_bytes(file, str(file), _MAX_PASSWORD_BYTES)
    stop_on(problems)
    try:
        return raw.decode("utf-8-sig").splitlines()[0] if raw else ""
    except UnicodeDecodeError:
        wrong_use(f"{file} 不是 UTF-8 文本")
