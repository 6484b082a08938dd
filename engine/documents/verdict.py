"""What checking a paper found, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from engine.documents.attachments import SHORT
from engine.model.base import Conclusion
from engine.model.paper_check import PagesCompared, PaperCheck, SignatureCheck


def check_text(check: PaperCheck) -> str:
    """Return the conclusions in Chinese for a terminal, each with its reasons."""
    lines = []
    for conclusion in check.conclusions:
        lines.append(f"{conclusion.label}：{_means(check, conclusion)}")
        if conclusion is Conclusion.INCONSISTENT:
            lines += [f"  {number}. {reason}" for number, reason in enumerate(check.reasons, 1)]
    for number, signature in enumerate(check.signatures, 1):
        lines.append(f"{signature_title(number, signature)}　{'；'.join(_said_of(signature))}")
    lines += [f"注意：{note}" for note in check.notes]
    lines.append(f"内容校验 {check.sha256[:SHORT]}　规则版本 {check.lock[:SHORT]}　{check.made_by}")
    lines.append(f"  SHA-256 {check.sha256}")
    if check.sm3 is not None:
        lines.append(f"  SM3     {check.sm3}")
    return "\n".join(lines)


def _means(check: PaperCheck, conclusion: Conclusion) -> str:
    """Return in Chinese what a conclusion says of this paper, and no more than was compared."""
    if conclusion is Conclusion.CONFIRMED:
        return "；".join(check.confirmed_by)
    if conclusion is Conclusion.CONSISTENT and check.pages is PagesCompared.TEXT:
        return _BY_TEXT
    return _MEANS[conclusion]


def signature_title(number: int, signature: SignatureCheck) -> str:
    """Return in Chinese which signature it is and whose."""
    return f"电子签名 {number}（{signature.signer or '签名人不明'}）"


def _said_of(signature: SignatureCheck) -> Iterator[str]:
    """Yield in Chinese what was found of a signature, and what was not asked."""
    if signature.intact is not None:
        yield "内容与签名时相同" if signature.intact else "签名不成立"
    if signature.covers:
        yield "盖住整个文件" if signature.whole else "其后文件有追加"
        yield f"声称的签名时间 {signature.time.replace('T', ' ')[:16] or '没有写明'}"
    if signature.issuer:
        yield f"证书由“{signature.issuer}”签发，{_TRUST[signature.trusted]}"
    yield from signature.notes


_TRUST = {None: "未核对签发机构（--trust）", True: "上溯到所给的根证书，是否吊销没有核对", False: "签发机构不可信"}
_BY_TEXT = "附件的校验值、按规则版本重新判定的问题，都与文件相同；页面文字相同，图形未核对（印制它的程序版本不同）"
_MEANS = {
    Conclusion.CONSISTENT: "附件的校验值、按规则版本重新判定的问题、按附件重新打印的每一页，都与文件相同",
    Conclusion.INCONSISTENT: "文件改动过，或者不是给出的校验值所指的那一份",
    Conclusion.NO_EVIDENCE: "没有给出校验值（--expect）或根证书（--trust）。附件、校验值和页面可以一起重做，"
    "自制的证书也能签名，请与当事人手中纸质文书页脚或台账上的“内容校验”核对",
}
