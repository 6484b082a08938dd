"""docs/GUIDE.zh-CN.md as one page for any browser, its pictures inside: `python -m tools.guide_page TARGET.html`."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from engine.writing import make_folder, write_atomically

GUIDE = Path(__file__).parent.parent / "docs" / "GUIDE.zh-CN.md"
_STYLE = """\
body{max-width:52em;margin:1.5em auto;padding:0 1em;font:16px/1.7 "Noto Sans CJK SC","Source Han Sans SC",\
"Microsoft YaHei","WenQuanYi Micro Hei",sans-serif;color:#111;background:#fff}
h1,h2,h3{line-height:1.3}h2{margin-top:2em;border-bottom:2px solid #333}h3{margin-top:1.8em}
pre{padding:.7em 1em;overflow-x:auto;font:15px/1.5 "Noto Sans Mono CJK SC","WenQuanYi Zen Hei Mono",NSimSun,monospace;\
border:1px solid #999;background:#f5f5f5}pre.screen{background:#111;color:#eee}
code{background:#eee;padding:0 .2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.2em .6em}
table.keys{width:100%}table.keys td:first-child{width:40%;font-weight:bold}
img{max-width:100%;border:1px solid #999}nav a{display:inline-block;margin-right:1em;line-height:2}nav b{display:block}
@media print{body{max-width:none}h3,pre,img{break-inside:avoid}h3{break-after:avoid}}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_BLOCKS = re.compile(
    r"(?ms)^```(?P<kind>\w*)\n(?P<fenced>.*?)^```$|^(?P<level>#{1,3}) (?P<heading>.+?)$"
    r"|^(?P<table>\|.*?)(?=\n\n|\Z)|^(?P<list>- .*?)(?=\n\n|\Z)|^(?P<text>\S.*?)(?=\n\n|\n```|\Z)"
)


def page(source: Path = GUIDE) -> str:
    """Return the guide as HTML. It takes the Markdown that the guide uses, and stops at a picture that is not there."""
    text = source.read_text(encoding="utf-8")
    blocks = list(_BLOCKS.finditer(text))
    title = next(block["heading"] for block in blocks if block["heading"])
    links = "".join(_link(number, block) for number, block in enumerate(blocks))
    body: list[str] = []
    for number, block in enumerate(blocks):
        body.append(_block(block, number, source.parent))
        if block["level"] == "#":
            body.append(f"<nav>{links}</nav>")
    policy = f"<meta http-equiv='Content-Security-Policy' content=\"{_POLICY}\">"
    width = "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    head = f"<meta charset='utf-8'>{width}{policy}<title>{escape(title)}</title>"
    return (
        f"<!DOCTYPE html>\n<html lang='zh-CN'><head>{head}<style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _link(number: int, block: re.Match[str]) -> str:
    """Return the link to a part, which begins a line, or to a task of it; "" for all else."""
    if block["level"] not in ("##", "###"):
        return ""
    link = f'<a href="#b{number}">{escape(block["heading"])}</a>'
    return f"<b>{link}</b>" if block["level"] == "##" else link


def _block(block: re.Match[str], number: int, folder: Path) -> str:
    if block["kind"] == "keys":
        return f"<table class='keys'>{''.join(_keys(block['fenced']))}</table>"
    if block["fenced"] is not None:
        return f"<pre class='{block['kind']}'>{escape(block['fenced'].rstrip())}</pre>"
    if block["heading"]:
        size = len(block["level"])
        return f"<h{size} id='b{number}'>{_inline(block['heading'], folder)}</h{size}>"
    if block["table"]:
        return f"<table>{''.join(_rows(block['table'], folder))}</table>"
    if block["list"]:
        items = re.split(r"(?m)^- ", block["list"])[1:]
        return f"<ul>{''.join(f'<li>{_inline(_joined(item), folder)}</li>' for item in items)}</ul>"
    return f"<p>{_inline(_joined(block['text']), folder)}</p>"


def _keys(lines: str) -> Iterator[str]:
    """Yield what is typed and what stands on the screen then, a row each."""
    for line in lines.splitlines():
        typed, _, words = re.sub(r"(?<=⏎) +| {2,}", "\t", line, count=1).partition("\t")
        yield f"<tr><td>{escape(typed)}</td><td>{escape(words)}</td></tr>"


def _rows(lines: str, folder: Path) -> Iterator[str]:
    for number, line in enumerate(lines.splitlines()):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if set(cells) != {"---"}:
            kind = "td" if number else "th"
            yield f"<tr>{''.join(f'<{kind}>{_inline(cell, folder)}</{kind}>' for cell in cells)}</tr>"


def _joined(text: str) -> str:
    """Return the lines of a paragraph as one: between Chinese characters there is no space."""
    return re.sub(r"(?<=[ -~])\s*\n\s*(?=[ -~])", " ", text.strip()).replace("\n", "")


def _inline(text: str, folder: Path) -> str:
    html = escape(text, quote=False)
    html = re.sub(r"!\[(.*?)\]\((.*?)\)", lambda found: _picture(folder / found[2], found[1]), html)
    html = re.sub(r"\[(.*?)\]\((https?:.*?)\)", r'<a href="\2">\1</a>', html)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", html)


def _picture(path: Path, words: str) -> str:
    content = base64.b64encode(path.read_bytes()).decode("ascii")
    return f'<img alt="{words}" src="data:image/png;base64,{content}">'


def main() -> None:
    """Write the page."""
    target = Path(sys.argv[1])
    make_folder(target.parent)
    write_atomically(target, page().encode())


if __name__ == "__main__":
    main()
