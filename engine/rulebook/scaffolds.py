"""Beginnings of a rule and of a site type: they pass rules check, and say 待填 where people must fill in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from engine.library.check import check_library
from engine.library.check_law import find_version
from engine.library.check_names import not_found
from engine.library.check_open import TO_FILL
from engine.library.files import Place
from engine.library.load import Library, load_library
from engine.library.resolve import rules_of
from engine.model.rules import PriorityFile, SiteTypeFile
from engine.problems import Mark, Problem, ProblemError, errors, problem
from engine.schema import validate
from engine.source import Document, parse
from engine.writing import make_folder, write_atomically

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CODE = re.compile(r"[A-Z]{2}")
FIRST_OF_OWN = 90
"""Numbers from here on are those of items that every site type has, such as 回头看."""


class Scaffold(NamedTuple):
    """Files to write, by their paths in a rules folder, and the printed code that was given."""

    files: tuple[tuple[str, str], ...]
    code: str


def new_rule(
    library: Library, id_: str, site_type: str, clauses: tuple[str, ...] = ()
) -> tuple[Scaffold | None, list[Problem]]:
    """Return the files with a new rule at a site type, or None and why not.

    The rule stands at the end of its priority, which is made if there is none, and so is the section of the list. Its
    code is the next free one. It rests on the instrument that most duties of the priority rest on, no article claimed.
    The library must have no error (engine.library.check.check_library).
    """
    problems = list(_wrong_rule(library, id_, site_type, clauses))
    code = "" if problems else _next_code(library, site_type)
    if problems or not code:
        full = [problem("E939", name=id_, reason=f"{site_type} 的编号已经用完", todo="请合并项目")]
        return None, problems or full
    priority = id_.split(".")[0]
    loaded = library.priorities.get(priority)
    text = _source(loaded.document) if loaded is not None else _new_priority(priority)
    indent = loaded.document.mark(("rules", 0)).column - 3 if loaded is not None else 2
    text += "".join(f"{' ' * indent}{x}\n" for x in _rule_lines(library, id_, site_type, code, clauses))
    files = [(f"rules/priorities/{priority}.yaml", text)]
    kind = library.site_types[site_type]
    if not any(priority in section.priorities for section in kind.value.sections):
        title = loaded.value.title if loaded is not None else f"{TO_FILL}：栏目名称"
        files.append((f"checklists/{site_type}.yaml", _with_section(kind.document, title, priority)))
    return _checked(library, files, code)


def new_site_type(library: Library, name: str, code: str = "") -> tuple[Scaffold | None, list[Problem]]:
    """Return the file of a new kind of site, or None and why not.

    code: two capitals; without it one that is free is made from the name. It has no items until rules name it.
    """
    used = {loaded.value.code: n for n, loaded in library.site_types.items()}
    problems = []
    if not _NAME.fullmatch(name):
        todo = "应为小写英文单词，用连字符相连，例如 vending-kiosk"
        problems.append(problem("E939", name=name, reason="名称的写法不对", todo=todo))
    if name in library.site_types or name in library.broken:
        problems.append(problem("E939", name=name, reason="已经有了", todo="请另取名称"))
    code = code or ("" if problems else _free_code(name, set(used)))
    if code and not _CODE.fullmatch(code):
        problems.append(problem("E939", name=code, reason="代码的写法不对", todo="应为两个大写字母，例如 KI"))
    elif code in used:
        problems.append(problem("E939", name=code, reason=f"{used[code]} 用的就是这个代码", todo="请另取代码"))
    if problems:
        return None, problems
    return _checked(library, [(f"checklists/{name}.yaml", _site_type_text(name, code))], code)


class Begun(NamedTuple):
    """Files that were written, and the printed code that was given."""

    written: tuple[str, ...]
    code: str


def begin_rule(at: Place, id_: str, site_type: str, clauses: tuple[str, ...] = ()) -> Begun:
    """Write the beginning of a rule into the layer, as new_rule makes it. Raises ProblemError."""
    library = _whole(at)
    return _begun(library, *new_rule(library, id_, site_type, clauses))


def begin_site_type(at: Place, name: str, code: str = "") -> Begun:
    """Write the beginning of a site type into the layer, as new_site_type makes it. Raises ProblemError."""
    library = _whole(at)
    return _begun(library, *new_site_type(library, name, code))


def _whole(at: Place) -> Library:
    at.write_target("rules")
    library = load_library(at)
    if wrong := errors(check_library(library)):
        raise ProblemError(wrong)
    return library


def _begun(library: Library, made: Scaffold | None, problems: list[Problem]) -> Begun:
    if made is None:
        raise ProblemError(problems)
    return Begun(write_scaffold(library, made), made.code)


def write_scaffold(library: Library, made: Scaffold) -> tuple[str, ...]:
    """Write the files into the layer and return their paths. Raises ProblemError."""
    written = []
    for relative, text in made.files:
        target = library.place.write_target(relative)
        make_folder(target.parent)
        write_atomically(target, text.encode())
        written.append(str(target))
    return tuple(written)


def _wrong_rule(library: Library, id_: str, site_type: str, clauses: tuple[str, ...]) -> Iterator[Problem]:
    if not _ID.fullmatch(id_):
        todo = "应为 “主题.名称”，小写英文单词用连字符相连，例如 cold-chain.spare-battery"
        yield problem("E939", name=id_, reason="编号的写法不对", todo=todo)
    taken = {rule.id for _, _, rule in rules_of(library)}
    taken |= {f.id for _, _, rule in rules_of(library) for f in rule.further}
    if library.escalations is not None:
        taken |= {e.id for e in library.escalations.value.escalations}
    if id_ in taken:
        yield problem("E939", name=id_, reason="已经有了", todo="编号一经使用不得重用，请另取")
    if site_type not in library.site_types:
        yield not_found(Mark(""), site_type, "单位类型", library.site_types)
    known = {c.id for loaded in library.clauses.values() for c in loaded.value.clauses}
    yield from (not_found(Mark(""), clause, "方案条款", known) for clause in clauses if clause not in known)
    released = {n[:4] for n, c in library.campaigns.items() if c.value.status == "released" and n in library.clauses}
    for clause in clauses:
        if clause in known and clause[2:6] in released:
            todo = "先不写 --clause 建立，再在 layer.yaml 的 changes 里写明从哪次行动起由这一条要求"
            yield problem("E939", name=id_, reason=f"{clause} 属于已经发布的行动，加上去就改了它", todo=todo)


def _next_code(library: Library, site_type: str) -> str:
    """Return the code after the last of the site type, below those that every type has; empty if none is free."""
    prefix = library.site_types[site_type].value.code
    numbers = {
        int(rule.applies_to[site_type].code[3:]) for _, _, rule in rules_of(library) if site_type in rule.applies_to
    }
    last = max((n for n in numbers if n < FIRST_OF_OWN), default=0)
    free = [n for n in range(1, FIRST_OF_OWN) if n not in numbers]
    number = last + 1 if last + 1 < FIRST_OF_OWN else next(iter(free), 0)
    return f"{prefix}-{number:02}" if number else ""


def _rule_lines(library: Library, id_: str, site_type: str, code: str, clauses: tuple[str, ...]) -> list[str]:
    return [
        f"- id: {id_}",
        f"  check: {TO_FILL}：{id_} 检查什么，写成 “是” 就是符合的样子",
        "  answer: {type: yes_no}",
        "  applies_to:",
        f"    {site_type}: {{code: {code}}}",
        "  finding_if: answer = 否",
        f"  finding: {TO_FILL}：{id_} 发现的事实，检查人员的补充在这里：{{note}}",
        f"  grade: minor  # {TO_FILL}：一般 minor、主要 major、严重 critical",
        f"  method: {TO_FILL}：怎样检查",
        f"  evidence: {TO_FILL}：留什么证据",
        "  dispositions: [order-correction]",
        "  basis:",
        "    duty:",
        f"      - {{cite: {_usual_law(library, id_, site_type)}, article: null}}  # {TO_FILL}：条号和条文里的几个字",
        f"  clauses: [{', '.join(clauses)}]",
        f"  note: {TO_FILL}：为什么增加",
        "  cases:",
        "    - {answer: 是, finds: nothing}",
        f"    - {{answer: 否, finds: {id_}}}",
        "    - {finds: unknown}",
    ]


def _usual_law(library: Library, id_: str, site_type: str) -> str:
    """Return the version in force of the instrument that most duties of the priority (of the type, of all) rest on."""
    counts: list[Counter[str]] = [Counter(), Counter(), Counter()]
    for priority, _, rule in rules_of(library):
        for citation in rule.basis.duty:
            version = find_version(library, citation.cite)
            if version is None or version.end is not None:
                continue
            counts[2][citation.cite] += 1
            if site_type in rule.applies_to and (not citation.sites or site_type in citation.sites):
                counts[1][citation.cite] += 1
                counts[0][citation.cite] += priority == id_.split(".")[0]
    chosen = next(c for c in counts if any(c.values()))
    return min(chosen, key=lambda cite: (-chosen[cite], cite))


def _new_priority(priority: str) -> str:
    head = "# yaml-language-server: $schema=../schemas/priority.json\n"
    return f"{head}priority: {priority}\ntitle: {TO_FILL}：主题名称\nrules:\n"


def _site_type_text(name: str, code: str) -> str:
    return f"""\
# yaml-language-server: $schema=../schemas/site-type.json
site_type: {name}
code: {code}
title: {TO_FILL}：单位类型的名称
lead: {TO_FILL}：由谁牵头监管
identity:
  - {{id: credit_code, label: 统一社会信用代码}}
  - {{id: legal_person, label: 法定代表人}}
  - {{id: head, label: 负责人}}
  - {{id: contact, label: 联系人及电话}}
  - {{id: registered_address, label: 注册地址}}
  - {{id: address, label: 实际经营地址}}
  - {{id: station, label: 所属市场监管所}}
  - {{id: supervisor, label: 责任监管员}}
  - {{id: area, label: 重点区域}}
  - {{id: status, label: 登记状态}}
  - {{id: licence, label: 许可证编号}}  # {TO_FILL}：许可证还是备案凭证
attributes:
  prior: {{label: 上年度检查有问题, absent: 上年度检查没有问题}}
  region: {{label: 在重点区域, absent: 不在重点区域, assumed: absent}}
  unlicensed: {{label: 没有许可或备案, absent: 有许可或备案, present: 没有许可或备案，改查无证经营, assumed: absent}}
sections:
  - {{title: 主体资格, priorities: [licensing]}}  # {TO_FILL}：栏目和主题
"""


def _free_code(name: str, used: set[str]) -> str:
    letters = [word[0].upper() for word in name.split("-")] + [c.upper() for c in name if c.isalpha()]
    made = [a + b for i, a in enumerate(letters) for b in letters[i + 1 :]]
    every = [chr(65 + n // 26) + chr(65 + n % 26) for n in range(26 * 26)]
    return next(code for code in [*made, *every] if code not in used)


def _source(document: Document) -> str:
    return "\n".join(document.lines).rstrip("\n") + "\n"


def _with_section(document: Document, title: str, priority: str) -> str:
    """Return the site type's text with one more section behind the last."""
    lines = list(document.lines)
    sections = document.data["sections"]  # type: ignore[index]
    start = document.mark(("sections", len(sections) - 1)).line
    indent = document.mark(("sections", 0)).column - 3
    end = start
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" " * (indent + 1))):
        end += 1
    lines.insert(end, f"{' ' * indent}- {{title: {title}, priorities: [{priority}]}}")
    return "\n".join(lines) + "\n"


def _checked(library: Library, files: list[tuple[str, str]], code: str) -> tuple[Scaffold | None, list[Problem]]:
    """Return the scaffold if its files can be read; a file written in an unusual way is not added to."""
    for relative, text in files:
        model = SiteTypeFile if relative.startswith("checklists/") else PriorityFile
        document, problems = parse(text, library.place.shown(relative))
        found = validate(document, model)[1] if document is not None else []
        if problems or found:
            todo = "请用文本编辑器照 docs/rule-language.md 的样子加"
            reason = f"{library.place.shown(relative)} 的写法特别，加不进去"
            return None, [problem("E939", name=code, reason=reason, todo=todo)]
    return Scaffold(tuple(files), code), []
