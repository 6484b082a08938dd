"""Write which article of a newer version has the words of an article of an older one: rules/laws/concordance.json.

    python tools/concordance.py LAW_DIR          check, and write
    python tools/concordance.py LAW_DIR --check  check only

LAW_DIR holds articles.jsonl, instruments.yaml (see verify_law.py) and concordance.csv: for an article of one version
the article of another that is most alike, and the next, each with a similarity from 0 to 1. Each row is held against
the texts: both articles must exist (else nothing is written and the exit code is 1), and the best match is sought
again with a measure of our own, the share of common pairs of characters; where that finds another article, or the
next is as near, the row says agreed: false. Versions of one instrument that follow each other, have full texts and
no row there are compared with our measure alone (source: computed). A match is a proposal: words may move while the
meaning changes, and a paragraph or an item is never matched.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import yaml

from engine.library.concordance import CONCORDANCE
from engine.library.files import place
from engine.library.load import load_library
from engine.model.rules import InstrumentVersion
from engine.writing import write_atomically

LEAST = 0.3
"""Below this the nearest article is no successor: its words are gone."""
Texts = dict[str, dict[int, str]]


def rows(folder: Path) -> tuple[list[dict], list[str]]:
    """Return the rows in the order of version and article, and the complaints, one line each."""
    texts, full = _texts(folder)
    grams = {cite: {n: _pairs(text) for n, text in articles.items()} for cite, articles in texts.items()}
    versions = {name: loaded.value.versions for name, loaded in load_library(place()).instruments.items()}
    known = {f"{name}@{v.version}" for name, listed in versions.items() for v in listed}
    found, complaints, paired = [], [], set()
    with (folder / "concordance.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            old = line["old_instrument"], int(line["old_article"])
            new = line["new_instrument"], int(line["best_match_article"])
            paired.add((old[0], new[0]))
            if missing := [f"{c} 第 {n} 条" for c, n in (old, new) if n not in texts.get(c, {})]:
                complaints.append(f"concordance.csv: 没有 {'、'.join(missing)} 的文本")
            elif {old[0], new[0]} <= known and float(line["similarity"]) >= LEAST:
                best = _nearest(grams, old, new[0])[0][1]
                near = float(line["similarity"]) - float(line["second_similarity"] or 0) < 0.05
                found.append(_row(texts, old, new, float(line["similarity"]), best == new[1] and not near, "listed"))
    for old_cite, new_cite in _following(versions):
        if {old_cite, new_cite} <= full and (old_cite, new_cite) not in paired:
            for article in texts[old_cite]:
                (score, best), (next_, _) = _nearest(grams, (old_cite, article), new_cite)
                if score >= LEAST:
                    pair = (old_cite, article), (new_cite, best)
                    found.append(_row(texts, *pair, round(score, 2), score - next_ >= 0.05, "computed"))
    return sorted(found, key=lambda r: (r["from"], r["article"], r["to"])), complaints


def _following(versions: dict[str, tuple[InstrumentVersion, ...]]) -> Iterator[tuple[str, str]]:
    for name, listed in sorted(versions.items()):
        for earlier, later in pairwise(listed):
            yield f"{name}@{earlier.version}", f"{name}@{later.version}"


def _texts(folder: Path) -> tuple[Texts, set[str]]:
    """Return the texts of the articles by version and number, and the versions whose texts are whole."""
    texts: Texts = {}
    with (folder / "articles.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record.get("article_suffix") is None:
                texts.setdefault(record["instrument"], {})[record["article"]] = record["text"]
    listed = yaml.safe_load((folder / "instruments.yaml").read_text(encoding="utf-8"))
    return texts, {entry["id"] for entry in listed if entry["completeness"] == "full text"}


def _pairs(text: str) -> Counter[str]:
    plain = re.sub(r"\W", "", text)
    return Counter(plain[i : i + 2] for i in range(len(plain) - 1))


def _nearest(grams: dict[str, dict[int, Counter[str]]], old: tuple[str, int], new: str) -> list[tuple[float, int]]:
    """Return the two articles of the new version that are most alike, with the share of common pairs."""
    own = grams[old[0]][old[1]]
    scored = [(2 * (own & g).total() / max(1, own.total() + g.total()), n) for n, g in grams[new].items()]
    return sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:2]


def _row(
    texts: Texts, old: tuple[str, int], new: tuple[str, int], similarity: float, agreed: bool, source: str
) -> dict:
    return {
        "from": old[0], "article": old[1], "to": new[0], "successor": new[1], "similarity": similarity,
        "agreed": agreed, "source": source,
        "sha256": [hashlib.sha256(texts[cite][n].encode()).hexdigest()[:16] for cite, n in (old, new)],
    }  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run the tool; return its exit code."""
    if not arguments or arguments[0].startswith("-"):
        print(__doc__)
        return 2
    found, complaints = rows(Path(arguments[0]))
    print("\n".join([*complaints, f"rows: {len(found)}, agreed {sum(r['agreed'] for r in found)}"]))
    if complaints:
        return 1
    if "--check" not in arguments:
        lines = ",\n".join(" " + json.dumps(row, ensure_ascii=False) for row in found)
        write_atomically(place().root / CONCORDANCE, f'{{"articles": [\n{lines}\n]}}\n'.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
