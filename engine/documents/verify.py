"""A printed paper checked against what it carries: hashes, findings evaluated again, pages printed again.

Whoever holds this program can print another paper that is consistent in itself. Only a hash kept elsewhere (the paper
handed over, a register) shows that this file is the one that was printed then.
"""

from __future__ import annotations

import json
from pathlib import Path

from engine.documents.attachments import (
    CONTENT,
    MANIFEST,
    NAMES,
    SHORT,
    Attached,
    Hashes,
    content_bytes,
    made_by,
    manifest_bytes,
    with_files,
)
from engine.documents.carried import Carries, Data, carries_of, names_of, sm3_of, whole, word
from engine.documents.comparing import differences, unread_on
from engine.documents.gaps import gaps_of
from engine.documents.own_fonts import OwnFont, fonts_with
from engine.documents.page_marks import Hiding
from engine.documents.papers import record_pdf
from engine.documents.pdf_reading import ShownPdf, UnreadableError, carried_files, hiding_on, shown, signatures_in
from engine.documents.signatures import (
    MAX_SIGNATURES,
    NEEDED,
    UncheckedError,
    check_signatures,
    installed,
    read_roots,
)
from engine.documents.text import one_line
from engine.documents.verdict import signature_title
from engine.inspections.drawn import LABEL, carried_drawn
from engine.inspections.evidence import PHOTO, EvidenceFiles, read_evidence
from engine.inspections.opening import Recorded, recorded_of
from engine.library.files import Place
from engine.model.base import Conclusion
from engine.model.bureau import BureauFile
from engine.model.paper_check import PagesCompared, PaperCheck, SignatureCheck
from engine.model.record import DrawnSignature, RecordFile
from engine.problems import Mark, Problem, ProblemError, problem
from engine.reading import read_bytes
from engine.schema import validate

MAX_PAPER_BYTES = 64 * 1024 * 1024
_NO_RELEASE = {"E409", "E410", "E613", "E617"}
"""The release that the record names is not at hand: nothing can be said, either way."""
_MAX_REASONS = 20


def verify_paper(
    place: Place, path: Path, expect: str | None = None, evidence: Path | None = None,
    *, own: tuple[OwnFont, ...] = (), trust: Path | None = None,
) -> tuple[PaperCheck | None, list[Problem]]:  # fmt: skip
    """Return what checking the PDF found, or None and why it cannot be checked.

    expect: the hash known from elsewhere, SHA-256 or SM3 of record.json or its first 12 digits and more, in
    lower-case hexadecimal. evidence: the folder of the photographs, which an evidence list does not carry.
    own: the fonts at hand besides those of the program: a paper names its own by their hash, and is never asked where.
    trust: a file of root certificates; without it nothing is said about who signed. Raises ProblemError if the
    program cannot evaluate or print here.
    """
    file, problems = read_bytes(path, str(path), MAX_PAPER_BYTES)
    roots = None
    if trust is not None:
        roots, wrong = read_roots(trust)
        problems += wrong
    return (None, problems) if problems else verify_file(place, file, str(path), expect, evidence, roots, own)


def verify_file(
    place: Place,
    file: bytes,
    name: str,
    expect: str | None = None,
    evidence: Path | None = None,
    roots: tuple[bytes, ...] | None = None,
    own: tuple[OwnFont, ...] = (),
) -> tuple[PaperCheck | None, list[Problem]]:
    """Return what verify_paper does of a PDF that was read, and of root certificates as DER."""
    try:
        inside = carried_files(file)
        carries = carries_of(inside)
        check = _Check(place, file, carries, evidence, roots, own)
        found = check.run(inside)
    except UnreadableError as error:
        return None, [problem("E708", Mark(name), reason=str(error))]
    return (None, found) if found else (check.result(expect), [])


class _Check:
    """One file being checked: the reasons against it, and what is to be known beside."""

    def __init__(
        self,
        place: Place,
        file: bytes,
        carries: Carries,
        evidence: Path | None,
        roots: tuple[bytes, ...] | None,
        own: tuple[OwnFont, ...],
    ) -> None:
        self.place, self.file, self.carries, self.evidence, self.roots = place, file, carries, evidence, roots
        self.names = names_of(carries.data.get("fonts"))
        self.own = fonts_with(own, self.names)
        self.reasons: list[str] = []
        self.notes: list[str] = []
        self.signatures: list[SignatureCheck] = []
        self.draft = False
        self.pages = PagesCompared.NOT

    def run(self, inside: list[tuple[str, bytes]]) -> list[Problem]:
        """Collect the reasons; return problems instead if the release is not at hand."""
        self._signed()
        self._names([name for name, _ in inside])
        self._hashes()
        recorded, bureau, missing = self._opened()
        if recorded is None:
            return [] if self.reasons else missing
        self.draft = bool(gaps_of(recorded, word(self.carries.data.get("document")), bureau))
        self._signers(recorded.record)
        drawn, wrong = carried_drawn(self._of_record("drawn_signatures"), recorded.record)
        if wrong:  # nothing is made of images that this program did not print
            self.reasons += wrong
            return []
        if drawn:
            self.notes.append(f"文书印有{LABEL}（{'、'.join(each.name for each in drawn)}），不能证明由本人签署")
        self._same_content(recorded, bureau, drawn)
        files, missing = self._photos(recorded)
        if self.own is None:
            named = "、".join(dict.fromkeys(word(file)[:60] for file, _ in self.names.values()))
            missing = [*missing, problem("E751", fonts=named)]
        if not missing:
            self._same_pages(recorded, bureau, files, drawn)
        return [] if self.reasons else missing

    def result(self, expect: str | None) -> PaperCheck:
        """Return the conclusions, those of the hash from elsewhere with them."""
        data, found = self.carries.data, self.carries.hashes
        confirmed_by = self._confirmed_by(expect)
        if expect is None and self.roots is None:
            outside = [Conclusion.NO_EVIDENCE]
        else:
            outside = [] if self.reasons else [Conclusion.CONFIRMED]
        inside = Conclusion.INCONSISTENT if self.reasons else Conclusion.CONSISTENT
        return PaperCheck(
            document=word(data.get("document")), draft=self.draft, lock=word(data.get("lock")),
            made_by=word(data.get("made_by")), sha256=found.sha256, sm3=found.sm3,
            signatures=tuple(self.signatures), conclusions=(inside, *outside), confirmed_by=confirmed_by,
            pages=self.pages, reasons=tuple(self.reasons[:_MAX_REASONS]), notes=tuple(self.notes),
        )  # fmt: skip

    def _confirmed_by(self, expect: str | None) -> tuple[str, ...]:
        """Return what from outside agrees with the file, nothing if anything does not; note or give the reasons."""
        own, confirmed = self.carries.hashes, []
        if expect is not None and any(each is not None and each.startswith(expect) for each in own):
            if self.reasons:
                self.notes.append("附件与给出的校验值相同，但文件的其他部分不是按附件打印的样子")
            confirmed.append("附件的校验值就是给出的校验值")
        elif expect is not None:
            self.reasons.append(f"与外部凭据不同：给出的校验值是 {expect[:SHORT]}…，附件的是 {own.sha256[:SHORT]}…")
        if self.roots is not None:
            names = dict.fromkeys(s.signer for s in self.signatures if s.trusted and not s.reasons)
            if names:
                confirmed.append(f"{'、'.join(names)} 的电子签名完好，证书由所给的根证书签发")
            else:
                self.reasons.append("与外部凭据不同：没有一个完好的电子签名能上溯到所给的根证书（--trust）")
        return () if self.reasons else tuple(confirmed)

    def _signed(self) -> None:
        """Check the electronic signatures, each against the bytes that it covers."""
        count = signatures_in(self.file)
        if count > MAX_SIGNATURES:
            self.reasons.append(f"电子签名有 {count} 个，多于 {MAX_SIGNATURES} 个，没有核对")
        elif count and not installed():
            self.notes.append(f"文件有电子签名 {count} 个，没有核对：没有安装 pyHanko，或者它不能用（{NEEDED}）")
        elif count:
            try:
                self.signatures = check_signatures(self.file, self.roots)
            except UncheckedError as error:
                self.reasons.append(str(error))
        for number, signature in enumerate(self.signatures, 1):
            self.reasons += [f"{signature_title(number, signature)}：{reason}" for reason in signature.reasons]

    def _signers(self, record: RecordFile) -> None:
        """Note who signed twice, and who is not named in the record: a root signs certificates for many people."""
        visit = record.visit
        people = (*visit.inspectors, *visit.joint, *visit.present, *((visit.witness,) if visit.witness else ()))
        known = {person.name.strip() for person in people} | {visit.recorder.strip(), record.authority.strip()}
        keys = [signature.certificate for signature in self.signatures if signature.certificate]
        if len(set(keys)) < len(keys):
            self.notes.append("有同一张证书签了不止一次：不能算作几个人签名")
        strangers = dict.fromkeys(s.signer for s in self.signatures if s.signer and s.signer not in known)
        if strangers:
            self.notes.append(f"签名人 {'、'.join(strangers)} 不是记录中的人员或执法机关")

    def _same_when_signed(self, printed: ShownPdf, hiding: list[Hiding] | None) -> None:
        """Compare what lay there when each signature was made: it must have been this paper, not another one."""
        for number, signature in enumerate(self.signatures, 1):
            if signature.whole or not signature.covers:
                continue
            found, title = len(self.reasons), signature_title(number, signature)
            part = self.file[: signature.covers]
            try:
                if [each for each in carried_files(part) if each[0] == CONTENT] != [(CONTENT, self.carries.content)]:
                    self.reasons.append(f"签名时文件里的 {CONTENT} 与现在的不同")
                self.reasons += self._differences(part, shown(part, len(printed.pages)), printed, hiding)
            except UnreadableError:
                self.reasons.append("签名时的文件读不出来")
            self.reasons[found:] = [f"{title}：签名时的文件，{reason}" for reason in self.reasons[found:]]

    def _names(self, names: list[str]) -> None:
        for name in NAMES:
            if names.count(name) != 1:
                self.reasons.append(f"附件 {name} 应有一个，实有 {names.count(name)} 个")
        others = [one_line(name)[:40] for name in names if name not in NAMES]
        if others:
            self.reasons.append(f"文件里另有不是打印时放入的附件：{'、'.join(others)}")

    def _hashes(self) -> None:
        """Compare the content with the hashes in the manifest."""
        try:
            entry = json.loads(self.carries.manifest)["files"][0]
            said = (entry["sha256"], entry["sm3"])
        except (ValueError, KeyError, IndexError, TypeError, RecursionError):
            self.reasons.append(f"附件 {MANIFEST} 无法读取")
            return
        own = self.carries.hashes
        if said[0] != own.sha256:
            self.reasons.append(f"{CONTENT} 的 SHA-256 与 {MANIFEST} 中的不同")
        if own.sm3 is None:
            self.notes.append("本机的 OpenSSL 没有 SM3，没有核对 SM3")
        elif said[1] is not None and said[1] != own.sm3:
            self.reasons.append(f"{CONTENT} 的 SM3 与 {MANIFEST} 中的不同")

    def _opened(self) -> tuple[Recorded | None, BureauFile | None, list[Problem]]:
        """Return the record evaluated again and the bureau's profile; None and problems if the release is missing."""
        data = self.carries.data
        bureau: BureauFile | None = None
        problems: list[Problem] = []
        if data.get("bureau") is not None:
            bureau, problems = validate(Data(CONTENT, data["bureau"]), BureauFile)
        recorded, wrong = recorded_of(self.place, Data(CONTENT, data.get("record")))
        problems += wrong
        missing = [p for p in problems if p.code in _NO_RELEASE]
        self.reasons += [f"附件中的记录不能成立：{p.message}" for p in problems if p.code not in _NO_RELEASE]
        return (None if problems else recorded), bureau, missing

    def _of_record(self, key: str) -> object:
        """Return what the content says under a key that only the record of the inspection may have."""
        data = self.carries.data
        return data.get(key) if data.get("document") == "inspection-record" else None

    def _same_content(self, recorded: Recorded, bureau: BureauFile | None, drawn: tuple[DrawnSignature, ...]) -> None:
        """Compare the files with what the record gives when it is evaluated and written again."""
        carries, document = self.carries, word(self.carries.data.get("document"))
        maker = whole(carries.data.get("made_by"))
        if carries.data.get("findings") != recorded.evaluation.model_dump(mode="json"):
            self.reasons.append("附件中的问题（findings）与按规则版本重新判定的结果不同")
        elif content_bytes(recorded, document, bureau, self.names, drawn, maker=maker) != carries.content:
            self.reasons.append(f"附件 {CONTENT} 不是程序写出的样子")
        own = carries.hashes
        written = [
            manifest_bytes(recorded, document, carries.content, Hashes(own.sha256, sm3)) for sm3 in sm3_of(carries)
        ]
        if carries.manifest not in written and not self.reasons:
            self.reasons.append(f"附件 {MANIFEST} 不是程序写出的样子")

    def _photos(self, recorded: Recorded) -> tuple[EvidenceFiles | None, list[Problem]]:
        """Return the files of an evidence list with photographs, or why its pages cannot be printed again."""
        lines = recorded.record.evidence
        photos = [e.number for e in lines if e.what == PHOTO and e.file.strip()]
        if self.carries.data.get("document") != "evidence-list" or not photos:
            return None, []
        if self.evidence is None:
            return None, [problem("E740", numbers="、".join(photos))]
        return read_evidence(self.evidence, recorded.record)

    def _same_pages(
        self,
        recorded: Recorded,
        bureau: BureauFile | None,
        files: EvidenceFiles | None,
        drawn: tuple[DrawnSignature, ...],
    ) -> None:
        """Compare the file with the paper printed again from what it carries."""
        carries, document = self.carries, word(self.carries.data.get("document"))
        attached: Attached = with_files(recorded, carries.manifest, carries.content)
        own = self.own or ()
        try:
            again = record_pdf(recorded, document, bureau, attached, files, own=own, drawn=drawn)
            if files is not None and self.file != again:  # the paper does not say how many photographs a page has
                other = record_pdf(recorded, document, bureau, attached, files, photos_per_page=6, own=own)
                again = other if shown(self.file, 1).total == shown(other, 1).total else again
        except ProblemError as error:
            self.reasons += [p.message for p in error.problems if p.code in ("E703", "E707")]
            if not self.reasons:
                raise
            return
        if self.file == again:
            self.pages = PagesCompared.BYTES
            return
        if self.file.startswith(again):
            self.notes.append("文件在打印之后追加了内容（例如电子签名），打印时的部分没有改动")
        else:
            self.notes.append("文件在打印之后另存或改写过，不是打印时的字节")
        self._as_printed(again, made_by(carries.content.decode(errors="replace"), own))

    def _as_printed(self, again: bytes, maker: str) -> None:
        """Compare the file, and what lay there at each signature, with the paper printed again by this maker."""
        printed = shown(again)
        given = shown(self.file, len(printed.pages))
        said = self.carries.data.get("made_by")
        hiding = None if said == maker else hiding_on(again)
        drawn = [page.drawing for page in given.pages] == [page.drawing for page in printed.pages]
        self.pages = PagesCompared.DRAWING if hiding is None or drawn else PagesCompared.TEXT
        if hiding is not None:
            other = f"打印本文书的程序和字体（{word(said)}）与现在的（{maker}）不同"
            self.notes.append(
                f"{other}，但每一页画的都相同" if drawn else
                f"{other}：只比较了文字和图像，查了有没有遮盖、隐去文字的内容；线条和字形没有核对，分页不同也会报不一致"
            )  # fmt: skip
        self.reasons += self._differences(self.file, given, printed, hiding)
        self.notes += unread_on(given)
        self._same_when_signed(printed, hiding)

    @staticmethod
    def _differences(file: bytes, given: ShownPdf, printed: ShownPdf, hiding: list[Hiding] | None) -> list[str]:
        pair = None if hiding is None else (hiding_on(file, len(hiding)), hiding)
        return list(differences(given, printed, pair))
