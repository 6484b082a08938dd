"""The papers of an inspection printed from its kept record; what prints as final is kept beside it."""

from __future__ import annotations

from pathlib import Path

from engine.documents.attachments import SHORT, attach
from engine.documents.gaps import gaps_of
from engine.documents.own_fonts import read_profile
from engine.documents.papers import record_pdf
from engine.documents.printing import PaperPrinted
from engine.inspections.evidence import EvidenceFiles
from engine.inspections.opening import open_record
from engine.library.files import Place
from engine.problems import ProblemError, problem
from engine.workspace.folder import Workspace
from engine.workspace.kept_files import keep, path_of
from engine.workspace.record_evidence import kept_evidence
from engine.workspace.register import Who
from engine.workspace.settings import bureau_of
from engine.workspace.visits import inspection_of
from engine.writing import write_atomically


def print_kept(
    workspace: Workspace, place: Place, inspection: str, document: str, target: Path, who: Who,
    bureau_file: Path | None = None,
) -> PaperPrinted:  # fmt: skip
    """Write a paper of the kept record of an inspection and return what is to be known about it.

    A paper that is no draft is kept under its name, once: the record of a sealed inspection always prints the same.
    bureau_file: a profile instead of the workspace's, for its fonts. Raises ProblemError, then nothing is written.
    """
    with workspace.store.reading() as reader:
        visit, bureau = inspection_of(reader, inspection), bureau_of(reader)
    if "record" not in visit.files:
        todo = "先用 visits record 收记录"
        raise ProblemError([problem("E834", id=inspection, state="还没有记录", step="印文书", todo=todo)])
    recorded, problems = open_record(place, path_of(workspace.files, visit.files["record"]))
    (given, own), wrong = read_profile(bureau_file)
    if recorded is None or wrong:
        raise ProblemError([*problems, *wrong])
    profile = given or bureau
    files: EvidenceFiles | None = None
    if document == "evidence-list":
        files, wrong = kept_evidence(workspace.files, visit.evidence, recorded.record)
        if wrong:
            raise ProblemError(wrong)
    attached = attach(recorded, document, profile, own)
    content = record_pdf(recorded, document, profile, attached, files, own=own)
    gaps = gaps_of(recorded, document, profile)
    write_atomically(target, content)
    if not gaps:
        name, digest = document.replace("-", "_"), keep(workspace.files, content)
        with workspace.store.writing(by=who.by, at=who.at, action=f"印文书 {inspection}", why=who.why) as writer:
            visit = inspection_of(writer, inspection)
            if visit.files.get(name) != digest:
                writer.put(visit.model_copy(update={"files": visit.files | {name: digest}}))
    notes = [f"定稿前须补正：{gap}" for gap in gaps]
    return PaperPrinted(bool(gaps), (*notes, f"内容校验 {attached.hashes.sha256[:SHORT]}"))
