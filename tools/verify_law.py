"""Check every citation of the rules against the law texts and record what was found.

    python tools/verify_law.py LAW_DIR          check, and write rules/laws/verification.json
    python tools/verify_law.py LAW_DIR --check  check only
    python tools/verify_law.py LAW_DIR --mutate check the tool: every citation with a wrong number must be reported

With --rules DIR it checks a bureau's own folder over the packaged rules, and writes DIR/laws/verification.json.

LAW_DIR holds articles.jsonl (one article of one version a line: instrument, article, paragraphs, text) and
instruments.yaml (id, effective_from, effective_to). A citation is

- verified: its version has a text, the article (paragraph, item) exists, the proof words stand in it, and together
  in no other article of that version;
- neighbour: the version in force has no text, but a neighbouring version of the instrument says so under the same
  number; it is printed as 待核;
- unverified: no number is claimed, or there is no text to check it against; it is printed as 待核.

Anything else is wrong: it is listed, nothing is written, and the exit code is 1.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import NamedTuple

import yaml

from engine.laws import chinese_number
from engine.library.check_law import citations, find_version
from engine.library.files import Place, place
from engine.library.load import VERIFICATION, load_library, verification_key
from engine.model.rules import Citation
from engine.writing import make_folder, write_atomically

_REFERENCE = re.compile(r"([0-9]+)(?:\.([0-9]+))?(?:\(([0-9]+)\))?\Z")
_ITEM = re.compile(r"[（(]([一二三四五六七八九十百]+)[)）]")


class Verdict(NamedTuple):
    """What was found about a citation: verified, neighbour, unverified or wrong, why, and the text's hash."""

    result: str
    reason: str
    sha256: str = ""


class Law:
    """The law texts of a folder."""

    def __init__(self, folder: Path) -> None:
        self.texts: dict[str, dict[int, dict]] = {}
        with (folder / "articles.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if record.get("article_suffix") is None:
                    self.texts.setdefault(record["instrument"], {})[record["article"]] = record
        listed = yaml.safe_load((folder / "instruments.yaml").read_text(encoding="utf-8"))
        self.versions = {entry["id"]: entry for entry in listed}

    def verdict(self, citation: Citation) -> Verdict:
        """Return what the texts say about the citation."""
        if citation.cite not in self.versions:
            return Verdict("wrong", "法律文本中没有这个版本")
        if citation.article is None:
            return Verdict("unverified", "未见原文，未定条")
        if self._has(citation.cite, citation.article):
            return self._against(citation, citation.cite)
        if self.versions[citation.cite]["completeness"] == "full text":
            return Verdict("wrong", "该版本没有这一条")
        name = citation.cite.split("@")[0]
        for other in sorted(v for v in self.texts if v.split("@")[0] == name and v != citation.cite):
            if self._has(other, citation.article) and self._against(citation, other).result == "verified":
                sha = self._sha(other, citation.article)
                return Verdict("neighbour", f"当期版本没有文本，按 {other} 同条号文本核对", sha)
        return Verdict("wrong", "当期版本没有文本，相邻版本同条号文本也不符")

    def _against(self, citation: Citation, version: str) -> Verdict:
        number, paragraph, item = _parts(citation.article or "")
        part = _part(self.texts[version][number]["paragraphs"], paragraph, item)
        if part is None:
            return Verdict("wrong", "该条没有所引的款、项，或有多款含该项而未指明款")
        words = [_plain(word) for word in citation.proof]
        missing = [word for word in words if word not in _plain(part)]
        if missing:
            return Verdict("wrong", f"条文里没有 “{'”、“'.join(missing)}”")
        others = [
            n for n, r in self.texts[version].items() if n != number and all(w in _plain(r["text"]) for w in words)
        ]
        if others:
            return Verdict("wrong", f"proof 也出现在第 {'、'.join(map(str, others))} 条，不能说明是这一条")
        return Verdict("verified", "", self._sha(version, citation.article or ""))

    def _has(self, version: str, article: str) -> bool:
        return _parts(article)[0] in self.texts.get(version, {})

    def _sha(self, version: str, article: str) -> str:
        return hashlib.sha256(self.texts[version][_parts(article)[0]]["text"].encode()).hexdigest()


def _parts(article: str) -> tuple[int, int | None, int | None]:
    found = _REFERENCE.match(article)
    assert found, article
    number, paragraph, item = found.groups()
    return int(number), int(paragraph) if paragraph else None, int(item) if item else None


def _part(paragraphs: list[str], paragraph: int | None, item: int | None) -> str | None:
    """Return the text of the paragraph or item referred to, None if there is none or it is ambiguous."""
    grouped: list[list[str]] = []
    for text in paragraphs:
        if _ITEM.match(text.strip()) and grouped:
            grouped[-1].append(text)
        else:
            grouped.append([text])
    if paragraph is not None:
        if paragraph > len(grouped):
            return None
        grouped = [grouped[paragraph - 1]]
    if item is None:
        return "\n".join(text for group in grouped for text in group)
    wanted = [t for group in grouped for t in group[1:] if _ITEM.match(t.strip()).group(1) == chinese_number(item)]
    return wanted[0] if len(wanted) == 1 else None


def _plain(text: str) -> str:
    """Without blanks, full-width digits as ASCII: sources differ in these."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def verify(folder: Path, at: Place) -> tuple[dict, list[str]]:
    """Return the content of the verification file and the complaints, one line each."""
    law = Law(folder)
    library = load_library(at)
    rows: dict[str, dict[str, str]] = {}
    complaints: list[str] = []
    for placed in citations(library):
        citation = placed.citation
        version = find_version(library, citation.cite)
        where = f"{placed.mark.path}:{placed.mark.line}: {citation.cite} {citation.article}"
        if version is None:
            complaints.append(f"{where}: rules/laws 中没有这个版本")
            continue
        listed = law.versions.get(citation.cite, {})
        dates = [str(version.start), str(version.end) if version.end else None]
        if [listed.get("effective_from"), listed.get("effective_to")] != dates:
            complaints.append(f"{where}: 施行日期 {dates} 与法律文本 {listed.get('effective_from')} 不同")
        verdict = law.verdict(citation)
        if verdict.result == "wrong":
            complaints.append(f"{where}: {verdict.reason}")
            continue
        rows[verification_key(citation.cite, citation.article, citation.proof)] = {
            "from": str(version.start), "reason": verdict.reason, "result": verdict.result, "sha256": verdict.sha256,
            "until": str(version.end or ""),
        }  # fmt: skip
    return {"citations": dict(sorted(rows.items()))}, complaints


def mutations(citation: Citation) -> list[Citation]:
    """Return the citation with other article, paragraph and item numbers: none of them may pass."""
    if citation.article is None:
        return []
    number, paragraph, item = _parts(citation.article)
    tail = citation.article.removeprefix(str(number))
    wrong = [f"{n}{tail}" for n in (number - 1, number + 1, number + 7) if n > 0]
    if paragraph:
        wrong.append(f"{number}.{paragraph + 1}" + (f"({item})" if item else ""))
    if item:
        wrong.append(f"{number}" + (f".{paragraph}" if paragraph else "") + f"({item + 1})")
    return [citation.model_copy(update={"article": article}) for article in wrong]


def report_mutations(folder: Path, at: Place) -> int:
    """Print how many mutated citations were reported; return 1 if any passed."""
    law, tried, passed = Law(folder), 0, []
    for placed in citations(load_library(at)):
        for mutated in mutations(placed.citation):
            tried += 1
            if law.verdict(mutated).result != "wrong":
                passed.append(f"{mutated.cite} {placed.citation.article} → {mutated.article}")
    print(f"mutated citations: {tried}, reported {tried - len(passed)}")
    print("\n".join(sorted(set(passed))))
    return 1 if passed else 0


def main(arguments: list[str]) -> int:
    """Run the tool; return its exit code."""
    if not arguments or arguments[0].startswith("-"):
        print(__doc__)
        return 2
    layer = Path(arguments[arguments.index("--rules") + 1]) if "--rules" in arguments[:-1] else None
    at = place(layer)
    if "--mutate" in arguments:
        return report_mutations(Path(arguments[0]), at)
    content, complaints = verify(Path(arguments[0]), at)
    for complaint in complaints:
        print(complaint)
    counts: dict[str, int] = {}
    for row in content["citations"].values():
        counts[row["result"]] = counts.get(row["result"], 0) + 1
    print(f"citations: {len(content['citations'])}, " + ", ".join(f"{k} {v}" for k, v in sorted(counts.items())))
    if complaints:
        return 1
    if "--check" not in arguments:
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        target = at.write_target(VERIFICATION) if layer else at.root / VERIFICATION
        make_folder(target.parent)
        write_atomically(target, text.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
