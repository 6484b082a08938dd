"""A warm Typst: `python -m benchmarks.documents.typst_worker NUMBER OF FOLDER` compiles its share of the sites."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import typst
from pypdf import PdfReader

from benchmarks.documents.blanks import planned
from engine.documents.anchors import code_of
from engine.documents.checklist_view import checklist_context
from engine.documents.fonts import font_folder
from engine.documents.marks import Mark
from engine.documents.qr import qr_svg
from engine.model.checklist import Checklist

SOURCE = Path(__file__).with_name("checklist.typ")


def told(line: Any) -> str:
    """Return a line of the checklist as text."""
    return "".join(f"{p.sign}{p.label}" if isinstance(p, Mark) else p for p in line)


def data_of(checklist: Checklist, pages: int) -> dict[str, Any]:
    """Return what the template prints for a checklist of so many pages."""
    c: Any = checklist_context(checklist)
    rows = [
        {
            "title": section["title"],
            "rows": [
                {
                    "code": row["code"], "check": row["check"], "grade": row["grade"], "answer": told(row["answer"]),
                    "method": f"{row['method']}；取证：{row['evidence']}〔{row['clauses'] or '日常项目'}〕",
                    "details": told(row["details"]),
                }
                for row in section["rows"]
            ],
        }
        for section in c["sections"]
    ]  # fmt: skip
    tables = [
        {
            "title": f"{table['label']}　{table['title']}",
            "instructions": table["instructions"] + "。".join(table["legend"]),
            "wide": table["wide"], "widths": [3, *(float(width) for _, width in table["columns"])],
            "columns": ["序", *(label for label, _ in table["columns"])],
            "cells": [
                cell
                for number, cells in enumerate(table["rows"], 1)
                for cell in (str(number), *(told(line) for line, _ in cells))
            ],
        }
        for table in c["tables"]
    ]  # fmt: skip
    return {
        "title": c["title"], "campaign": c["campaign"], "full_title": c["full_title"], "id": c["id"], "lock": c["lock"],
        "identity": identity_of(checklist), "when": told(c["when"]), "attributes": told(c["attributes"]),
        "basis": f"{c['plan']}；{'；'.join(c['focus'])}。监管事权：{c['lead']}。投诉举报电话 {c['hotline']}。",
        "notes": "填写：是 = 符合。打 ☑ 或 √ 均可；没有检查的留空，不涉及的选“不适用”。" + "".join(c["notes"]),
        "sections": rows, "omitted": [[o.code, o.check, o.reason] for o in c["omitted"]],
        "strip": told(c["strip"]),
        "signing": ["检查人员（签名、证号）", "检查人员（签名、证号）", "被检查单位人员", "日期"],
        "tables": tables,
        "law": [[r["code"], "；".join(r["duty"]), "；".join(r["liability"]) or "—"] for r in c["law"]],
        "codes": codes_of(checklist, pages),
    }  # fmt: skip


def identity_of(checklist: Checklist) -> list[list[str]]:
    """Return the head of the checklist as rows of four cells."""
    site = checklist.site
    cells = ["单位名称", site.name]
    cells += [text for i in checklist.type.identity_of(site) for text in (i.label, site.identity.get(i.id, ""))]
    cells += [""] * (-len(cells) % 4)
    return [cells[at : at + 4] for at in range(0, len(cells), 4)]


def codes_of(checklist: Checklist, pages: int) -> list[str]:
    """Return the QR code of each page as SVG; what names its size in units is nothing Typst needs."""
    return [qr_svg(code_of(checklist, page)).decode() for page in range(1, pages + 1)]


def count(content: bytes) -> int:
    """Return the pages of a PDF."""
    return len(PdfReader(io.BytesIO(content)).pages)


def main(number: int, of: int, folder: Path) -> None:
    """Compile every site of the share when told to; the data of a scope is made once, as ours lays it out once."""
    folder.mkdir()
    route = planned()
    compiler = typst.Compiler(str(SOURCE), font_paths=[str(font_folder())], ignore_system_fonts=True)
    checklists = [route.plan(visited)[0] for visited in route.sites[number::of]]
    scopes: dict[str, tuple[dict[str, Any], int]] = {}
    for checklist in checklists:
        assert checklist is not None
        if checklist.id not in scopes:
            data = data_of(checklist, 40)
            pages = count(compiler.compile(format="pdf", sys_inputs={"data": json.dumps(data)}))
            scopes[checklist.id] = (data, pages)
    print(json.dumps({}), flush=True)
    for _ in sys.stdin:
        written = pages_made = 0
        for at, checklist in enumerate(checklists):
            assert checklist is not None
            data, pages = scopes[checklist.id]
            own = {"identity": identity_of(checklist), "codes": codes_of(checklist, pages)}
            content = compiler.compile(format="pdf", sys_inputs={"data": json.dumps(data | own)})
            (folder / f"{at}.pdf").write_bytes(content)
            written += len(content)
            pages_made += pages
        print(json.dumps({"bytes": written, "pages": pages_made}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
