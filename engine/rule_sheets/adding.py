"""New items from rows without a number: a whole rule with its own cases, or the cells that are missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from engine.days import parse_day
from engine.expressions.evaluate import shift
from engine.expressions.nodes import Type
from engine.expressions.scope import type_of
from engine.library.check_law import find_version
from engine.model.questions import AnswerSpec, Choice, Choices, Readings, YesNo
from engine.problems import problem
from engine.rule_sheets.citations import citation_of
from engine.rule_sheets.columns import ITEMS
from engine.rule_sheets.comparing import Change
from engine.rule_sheets.entries import priority_path
from engine.rule_sheets.limits import MOVED, STEPS, Limit, condition_of, tidy
from engine.rule_sheets.reading import Line
from engine.rule_sheets.values import GONE, clauses_of, value_of, wrong
from engine.rule_sheets.words import ANSWER_TYPES, NO, flat, one_line
from engine.rule_sheets.writing import Done, Writer
from engine.splicing import written

ASKED = ("yes_no", "number", "count", "sample", "date", "choice", "choices", "readings")
"""Answer types that a row can describe."""
NEEDED = ("priority", "check", "answer", "op", "finding", "grade", "sites", "law", "method", "dispositions")
CASE_DAY = date(2024, 1, 15)
"""The day of inspection of cases that name none."""
_HIGHEST_CODE = 99


class Adder:
    """Makes rules of new rows; codes and ids that it gives are not given twice."""

    def __init__(self, writer: Writer) -> None:
        self.writer, self.state = writer, writer.state
        library = self.state.library
        rules = [rule for loaded in library.priorities.values() for rule in loaded.value.rules]
        self._codes = {a.code for rule in rules for a in rule.applies_to.values()}
        self._ids = {rule.id for rule in rules} | {f.id for rule in rules for f in rule.further}

    def add(self, change: Change) -> str | None:
        """Write the rule of a new row; return a remark if it stands there already."""
        line = change.line
        there = self._there(line)
        if there is not None:
            return f"{line.mark('check').cell}：已有这个项目（{there}），没有再加；要改请重新导出"
        rule = self._rule(line)
        if rule is None:
            return None
        file = priority_path(str(rule["id"]).split(".")[0])
        text = self.writer.text(file)
        text.append(("rules",), _yaml(rule))
        rules = text.at(("rules",))
        assert isinstance(rules, list)
        codes = "；".join(a["code"] for a in rule["applies_to"].values())
        done = Change(line, "added", "", f"{codes} {rule['check']}", None)
        self.writer.draft.done.append(Done(done, ("rules", len(rules) - 1), file))
        return None

    def _there(self, line: Line) -> str | None:
        """Return the codes of a rule that has been made of this row before."""
        check = one_line(line.cells.get("check", ""))
        sites = set(self.state.sites.read(line.cells.get("sites", ""))[0])
        for entry in self.state.rows[ITEMS.key].values():
            if check and entry.cells["check"] == check and sites <= set(entry.sites):
                return entry.cells["codes"]
        return None

    def _rule(self, line: Line) -> dict[str, Any] | None:
        problems = self.writer.draft.problems
        count = len(problems)
        missing = [key for key in NEEDED if not line.cells.get(key)]
        for key in missing:
            problems.append(problem("E917", line.mark(key), column=line.sheet.column(key).title))
        priority = self._priority(line) if "priority" not in missing else None
        sites = self._sites(line) if "sites" not in missing else ()
        answer = self._answer(line) if "answer" not in missing else None
        keys = ("check", "finding", "grade", "red_line", "method", "evidence", "dispositions")
        values = {k: self._value(line, k, sites) for k in (*keys, *(("scope",) if sites else ())) if k not in missing}
        clauses = clauses_of(line, line.cells.get("clauses", ""), self.state)
        problems += [clauses.problem] if clauses.problem else []
        duty = self._duty(line) if "law" not in missing else []
        condition = self._condition(line, answer) if answer is not None and "op" not in missing else None
        if flat(line.cells.get("asked", "")) == NO:
            problems.append(wrong(line, "asked", "新项目不能写“否”", "不要这个项目就清空这一行"))
        if len(problems) > count or priority is None or answer is None or condition is None:
            return None
        codes = self._new_codes(line, sites)
        if codes is None:
            return None
        id_ = self._id(priority, codes[sites[0]])
        optional = {k: v for k, v in (("only_if", values.get("scope")), ("red_line", values.get("red_line")),
                                      ("evidence", values.get("evidence"))) if v not in (None, GONE)}  # fmt: skip
        rule: dict[str, Any] = {
            "id": id_, "check": values["check"], "answer": answer[1],
            "applies_to": {site: {"code": codes[site]} for site in sites},
            **({"only_if": optional["only_if"]} if "only_if" in optional else {}),
            "finding_if": condition[0], "finding": values["finding"], "grade": values["grade"],
            **({"red_line": True} if optional.get("red_line") else {}),
            "method": values["method"], **({"evidence": optional["evidence"]} if "evidence" in optional else {}),
            "dispositions": values["dispositions"], "basis": {"duty": duty},
            **({"clauses": clauses.value} if clauses.value else {}),
            "cases": _cases(answer[0], condition[1], id_, self._day(duty)),
        }  # fmt: skip
        return rule

    def _day(self, duty: Sequence[Mapping[str, Any]]) -> date:
        """Return the day on which the cases are: where no duty is in force on the usual one, the campaign's first."""
        library = self.state.library
        versions = [v for each in duty if (v := find_version(library, each["cite"])) is not None]
        if any(v.start <= CASE_DAY and (v.end is None or v.end > CASE_DAY) for v in versions):
            return CASE_DAY
        return library.campaigns[self.state.campaign].value.period.start

    def _value(self, line: Line, key: str, sites: tuple[str, ...]) -> Any:
        found = value_of(line, key, line.cells.get(key, ""), self.state, sites)
        if found.problem is not None:
            self.writer.draft.problems.append(found.problem)
        return found.value

    def _priority(self, line: Line) -> str | None:
        found, unknown = self.state.priorities.read(line.cells["priority"])
        if unknown or len(found) != 1:
            known = "、".join(self.state.priorities.known)
            self.writer.draft.problems.append(
                wrong(line, "priority", f"没有主题 “{line.cells['priority']}”", f"可用：{known}")
            )
            return None
        return found[0]

    def _sites(self, line: Line) -> tuple[str, ...]:
        found, unknown = self.state.sites.read(line.cells["sites"])
        if unknown or not found:
            known = "；".join(self.state.sites.known)
            shown = "、".join(unknown) or line.cells["sites"]
            self.writer.draft.problems.append(wrong(line, "sites", f"没有单位类型 “{shown}”", f"可用：{known}"))
        return found

    def _answer(self, line: Line) -> tuple[AnswerSpec, dict[str, Any]] | None:
        problems = self.writer.draft.problems
        found, _ = ANSWER_TYPES.read(line.cells["answer"])
        if len(found) != 1 or found[0] not in ASKED:
            words = "、".join(w for w, kind in ANSWER_TYPES.known.items() if kind in ASKED)
            problems.append(wrong(line, "answer", f"不能用 “{line.cells['answer']}”", f"新项目可用：{words}"))
            return None
        kind = found[0]
        data: dict[str, Any] = {"type": kind}
        if kind in ("choice", "choices"):
            pieces = line.cells.get("options", "").replace(";", "；").replace("\n", "；").split("；")
            data["options"] = [piece.strip() for piece in pieces if piece.strip()]
            if len(data["options"]) < 2:
                problems.append(wrong(line, "options", "至少要有两个选项", "用分号隔开，例如 在岗；不在岗"))
                return None
        unit = line.cells.get("unit", "")
        if kind in ("number", "readings") and not unit:
            problems.append(problem("E917", line.mark("unit"), column=line.sheet.column("unit").title))
            return None
        if unit and kind in ("number", "readings", "count", "sample"):
            data["unit"] = unit
        try:
            spec: AnswerSpec = TypeAdapter(AnswerSpec).validate_json(json.dumps(data))
        except ValidationError:
            key = "options" if "options" in data else "unit"
            problems.append(
                wrong(line, key, f"不能这样写：“{line.cells.get(key, '')}”", "选项各不相同，最多 40 字；单位最多 8 字")
            )
            return None
        return spec, data

    def _duty(self, line: Line) -> list[dict[str, Any]]:
        found = []
        for row in line.cells["law"].split("\n"):
            law, article, proof, *rest = (*[p.strip() for p in row.replace("|", "｜").split("｜")], "", "")
            cells = {"law": law, "article": article, "proof": proof}
            if any(rest):
                self.writer.draft.problems.append(
                    wrong(line, "law", f"“{row}” 写了多于三段", "写作：文书 版本｜条号｜原文里的几个字")
                )
            values, problems = citation_of(line, cells, self.state, None, "law")
            self.writer.draft.problems += problems
            found.append(values)
        return found

    def _condition(self, line: Line, answer: tuple[AnswerSpec, dict[str, Any]]) -> tuple[str, Limit] | None:
        spec = answer[0]
        picked = tuple(p.strip() for p in line.cells.get("picked", "").replace(";", "；").split("；") if p.strip())
        limit = Limit("", tidy(line.cells["op"]), line.cells.get("low", ""), line.cells.get("high", ""), picked)
        table = isinstance(spec, Readings)
        kind = Type("number", "读数", spec.unit) if isinstance(spec, Readings) else type_of(spec, "")
        text, complaints = condition_of("reading" if table else "answer", kind, limit)
        self.writer.draft.problems += [wrong(line, column, reason, todo) for column, reason, todo in complaints]
        if complaints:
            return None
        return (f"any(answer, {text})" if table else text), limit

    def _new_codes(self, line: Line, sites: Sequence[str]) -> dict[str, str] | None:
        typed = [p for p in flat(line.cells.get("codes", "")).upper().replace("、", ";").split(";") if p.strip()]
        given = {code.strip()[:2]: code.strip() for code in typed}
        codes: dict[str, str] = {}
        for site in sites:
            prefix = self.state.library.site_types[site].value.code
            codes[site] = given.pop(prefix, "") or self._next(prefix)
            taken = codes[site] in self._codes
            if taken or len(codes[site]) != 5:
                reason = f"{codes[site]} 已有" if taken else f"“{codes[site]}” 不是印刷编号"
                self.writer.draft.problems.append(wrong(line, "codes", reason, "请换一个，或空着由程序取下一个号"))
                return None
        if given:
            shown = "、".join(given.values())
            self.writer.draft.problems.append(
                wrong(line, "codes", f"{shown} 不属于所选的单位类型", "请改编号或单位类型")
            )
            return None
        self._codes |= set(codes.values())
        return codes

    def _next(self, prefix: str) -> str:
        highest = max((int(c[3:]) for c in self._codes if c.startswith(f"{prefix}-")), default=0)
        return f"{prefix}-{highest + 1:02}" if highest < _HIGHEST_CODE else f"{prefix}-{highest + 1}"

    def _id(self, priority: str, code: str) -> str:
        name = f"{priority}.{code.lower()}"
        number = 1
        while name in self._ids:
            number += 1
            name = f"{priority}.{code.lower()}-{number}"
        self._ids.add(name)
        return name


def _yaml(rule: Mapping[str, Any]) -> str:
    """Return a rule as the rules are written: a key a line, citations and cases in brackets."""
    lines = []
    for key, value in rule.items():
        if key == "applies_to":
            lines += ["applies_to:", *(f"  {site}: {written(a)}" for site, a in value.items())]
        elif key == "basis":
            lines += ["basis:", "  duty:", *(f"    - {written(c)}" for c in value["duty"])]
        elif key == "cases":
            lines += ["cases:", *(f"  - {written(c)}" for c in value)]
        else:
            lines.append(f"{key}: {written(value, flow=isinstance(value, (dict, list)))}")
    return "\n".join(lines)


def _cases(spec: AnswerSpec, limit: Limit, id_: str, day: date) -> list[dict[str, Any]]:
    """Return tests of a condition: answers on both sides of its limits, or every option."""
    if isinstance(spec, (YesNo, Choice, Choices)):
        options = ("是", "否") if isinstance(spec, YesNo) else spec.options
        picked = [flat(p) for p in limit.picked]
        outside = "不是" in limit.op
        found = [(o, (flat(o) in picked) != outside) for o in options]
        cases = [
            {"answer": [o] if isinstance(spec, Choices) else o, "finds": id_ if bad else "nothing"} for o, bad in found
        ]
    else:
        tried = _days(limit, day) if spec.type == "date" else _numbers(spec, limit)
        cases = [{"answer": _answered(spec, value), "finds": id_ if bad else "nothing"} for value, bad in tried]
    cases += [{"answer": "不适用", "finds": "nothing"}, {"finds": "unknown"}]
    return cases if day == CASE_DAY else [{"date": day, **case} for case in cases]


def _answered(spec: AnswerSpec, value: Any) -> Any:
    return {"answer": value, "drawn": value + 5} if spec.type == "sample" else value


def _numbers(spec: AnswerSpec, limit: Limit) -> list[tuple[int | float, bool]]:
    whole = spec.type in ("count", "sample")
    limits = [
        float(tidy(text).removesuffix(tidy(getattr(spec, "unit", "")))) for text in (limit.low, limit.high) if text
    ]
    tried = sorted(
        {n + step for n in limits for step in (-1, 0, 1)} | ({sum(limits) / 2} if len(limits) == 2 else set())
    )
    values = [int(n) if n == int(n) else n for n in tried if not whole or (n >= 0 and n == int(n))]
    return [(value, _holds(limit.op, value, limits)) for value in values]


def _days(limit: Limit, inspected: date) -> list[tuple[date, bool]]:
    limits = [day_of(tidy(text), inspected) for text in (limit.low, limit.high) if text]
    tried = sorted({day + timedelta(days=step) for day in limits for step in (-1, 0, 1)})
    return [(day, _holds(limit.op, day, limits)) for day in tried]


def _holds(op: str, value: Any, limits: Sequence[Any]) -> bool:
    low, high = limits[0], limits[-1]
    tests: dict[str, Callable[[], bool]] = {
        "大于上限": lambda: value > high, "晚于上限": lambda: value > high,
        "达到或超过上限": lambda: value >= high, "不早于上限": lambda: value >= high,
        "小于下限": lambda: value < low, "早于下限": lambda: value < low,
        "小于或等于下限": lambda: value <= low, "不晚于下限": lambda: value <= low,
        tidy("超出下限～上限"): lambda: value < low or value > high,
        tidy("在下限～上限之内"): lambda: low <= value <= high,
    }  # fmt: skip
    return tests[op]()


def day_of(typed: str, inspected: date) -> date:
    """Return the day of a limit that _wanted has accepted, for an inspection on that day."""
    day = parse_day(typed)
    moved = MOVED.match(typed)
    if day is not None or moved is None or moved[2] is None:
        return day or inspected
    step = STEPS[moved[3]]
    found = shift(inspected, int(moved[2]) * (1 if moved[1] == "后" else -1), step)
    return found or inspected
