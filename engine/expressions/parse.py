"""Text to condition. A hand-written descent parser: the language is small and messages must name the place."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple, NoReturn, cast, get_args

from engine.expressions.nodes import (
    Aggregate,
    And,
    Answered,
    Between,
    Compare,
    CompareOp,
    Condition,
    Difference,
    Flag,
    In,
    Literal_,
    Node,
    Not,
    Operand,
    Or,
    Quantified,
    Ref,
    Shift,
    Span,
)

MAX_NESTING = 30

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<date>\d{4}-\d{2}-\d{2})
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<text>'[^']*'|"[^"]*")
    |(?P<op><=|>=|!=|=|<|>)
    |(?P<punct>[()\[\],.+-])
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<word>[^\W\d_][\w]*)
    """,
    re.VERBOSE,
)
_KEYWORDS = {"and", "or", "not", "in", "between", "true", "false"}
_STEPS = {"day": "days", "days": "days", "month": "months", "months": "months", "year": "years", "years": "years"}
_FULL_WIDTH = dict(zip("＜＞＝（），‘’“”", "<>=(),''\"\"", strict=True)) | {"≤": "<=", "≥": ">=", "≠": "!="}


class ConditionError(Exception):
    """A condition that cannot be read: what is wrong, what to do, and where in the text."""

    def __init__(self, reason: str, todo: str, span: Span) -> None:
        super().__init__(reason)
        self.reason, self.todo, self.span = reason, todo, span


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def parse(text: str) -> Condition:
    """Return the condition written in the text; raise ConditionError with the place if it is not one.

    Conditions do not change: the same text, which several site types share, is read once.
    """
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.position = 0
        self.depth = 0

    def whole(self) -> Condition:
        result = self._or()
        if self._peek().kind != "end":
            self._fail(f"“{self._peek().text}” 处多出内容", "请检查 and、or 和括号")
        return result

    def _or(self) -> Condition:
        return self._chain(self._and, "or", Or)

    def _and(self) -> Condition:
        return self._chain(self._not, "and", And)

    def _chain(self, inner, word: str, build: type[And] | type[Or]) -> Condition:  # type: ignore[no-untyped-def]
        parts = [inner()]
        while self._take("name", word):
            parts.append(inner())
        if len(parts) == 1:
            return cast(Condition, parts[0])
        return build(tuple(parts), (parts[0].span[0], parts[-1].span[1]))

    def _not(self) -> Condition:
        start = self._peek().start
        if self._take("name", "not"):
            self._deeper()
            part = self._not()
            self.depth -= 1
            return Not(part, (start, part.span[1]))
        return self._comparison()

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            self._fail("条件嵌套过深", "请拆成几条")

    def _comparison(self) -> Condition:
        opening = self._peek()
        if opening.text == "(" and (grouped := self._group()) is not None:
            return grouped
        left = self._sum()
        token = self._peek()
        if not isinstance(left, (Ref, Literal_, Shift, Difference, Aggregate)):
            return left
        if token.kind == "op":
            self.position += 1
            right = self._operand()
            return Compare(left, cast(CompareOp, token.text), right, (left.span[0], right.span[1]))
        if self._take("name", "in"):
            return self._in(left)
        if self._take("name", "not"):
            self._expect("name", "in", "not 之后应为 in")
            inside = self._in(left)
            return Not(inside, inside.span)
        if self._take("name", "between"):
            low = self._operand()
            self._expect("name", "and", "between 之后应写 “下限 and 上限”")
            high = self._operand()
            return Between(left, low, high, (left.span[0], high.span[1]))
        if isinstance(left, Ref):
            return Flag(left, left.span)
        self._fail("缺少比较（如 = 、< 、in）", "请写成 “名称 比较 数值”")

    def _group(self) -> Condition | None:
        """Read “( condition )”, or return None and stay put when the bracket belongs to a sum."""
        saved = self.position
        self.position += 1
        self._deeper()
        try:
            inner = self._or()
            if self._take("punct", ")") and self._peek().kind not in {"op"} and self._peek().text not in {"+", "-"}:
                self.depth -= 1
                return inner
        except ConditionError as error:
            if not _is_sum_like(self.tokens, saved):
                raise error
        self.depth -= 1
        self.position = saved
        return None

    def _in(self, left: Operand) -> In:
        self._expect("punct", "[", "in 之后应为方括号，例如 in [在岗, 不在岗]")
        options: list[Literal_] = []
        while True:
            option = self._operand()
            if not isinstance(option, Literal_):
                self._fail("方括号里只能写数值或选项", "例如 in [在岗, 不在岗]", option.span)
            options.append(option)
            if not self._take("punct", ","):
                break
        end = self._expect("punct", "]", "缺少右方括号 ]")
        return In(left, tuple(options), (left.span[0], end.end))

    def _operand(self) -> Operand:
        node = self._sum()
        if not isinstance(node, (Ref, Literal_, Shift, Difference, Aggregate)):
            self._fail("这里应为数值、日期、选项或名称", "请检查比较的右边", node.span)
        return node

    def _sum(self) -> Node:
        left = self._term()
        while self._peek().text in {"+", "-"} and self._peek().kind == "punct":
            sign = 1 if self._next().text == "+" else -1
            if not isinstance(left, (Ref, Literal_, Shift, Difference, Aggregate)):
                self._fail("条件不能相加减", "加减只用于日期", left.span)
            left = self._shift_or_difference(left, sign)
        return left

    def _shift_or_difference(self, left: Operand, sign: int) -> Operand:
        amount = self._peek()
        after = self.tokens[min(self.position + 1, len(self.tokens) - 1)]
        if amount.kind == "number" and after.text in _STEPS:
            if not amount.text.isdigit():
                self._fail("天数、月数、年数应为整数", "例如 + 30 days")
            self.position += 2
            step = cast(Literal["days", "months", "years"], _STEPS[after.text])
            return Shift(left, sign * int(amount.text), step, (left.span[0], after.end))
        if sign > 0:
            self._fail("加号后应为天数、月数或年数", "例如 inspection.date + 30 days")
        right = self._term()
        if not isinstance(right, (Ref, Literal_, Shift)):
            self._fail("减号后应为日期，或天数、月数、年数", "例如 inspection.date - 1 year", right.span)
        return Difference(left, right, (left.span[0], right.span[1]))

    def _term(self) -> Node:
        token = self._next()
        span = (token.start, token.end)
        if token.kind == "punct" and token.text == "(":
            self._deeper()
            inner = self._sum()
            self._expect("punct", ")", "缺少右括号 )")
            self.depth -= 1
            return inner
        if token.kind == "punct" and token.text == "-" and self._peek().kind == "number":
            number = self._next()
            return Literal_(-_number(number.text), (token.start, number.end))
        if token.kind == "number":
            return Literal_(_number(token.text), span)
        if token.kind == "date":
            return Literal_(self._date(token), span)
        if token.kind == "text":
            return Literal_(token.text[1:-1], span)
        if token.kind == "word":
            return Literal_(token.text, span)
        if token.kind == "name" and token.text in {"true", "false"}:
            return Literal_(token.text == "true", span)
        if token.kind == "name" and token.text not in _KEYWORDS:
            return self._call(token) if self._peek().text == "(" else self._name(token)
        if token.kind != "end":
            self.position -= 1
        self._fail("条件不完整" if token.kind == "end" else f"“{token.text}” 不能写在这里", "请检查写法")

    def _date(self, token: _Token) -> date:
        try:
            return date.fromisoformat(token.text)
        except ValueError:
            self._fail(f"{token.text} 不是存在的日期", "请核对", (token.start, token.end))

    def _name(self, token: _Token) -> Ref:
        if not self._take("punct", "."):
            if token.text == "answer":
                return Ref("answer", "", span=(token.start, token.end))
            return Ref("column", token.text, span=(token.start, token.end))
        part = self._next()
        if part.kind not in {"name", "word"}:
            self._fail("小数点后应为名称", "例如 site.cold")
        span = (token.start, part.end)
        known = {"site", "row", "detail", "inspection", "this"}
        if token.text not in known:
            self._fail(f"不认识的名称 “{token.text}.{part.text}”", f"可用：{'、'.join(sorted(known))}", span)
        return Ref(
            cast(Literal["site"], token.text),
            "" if token.text == "detail" else part.text,
            part.text if token.text == "detail" else "",
            span,
        )

    def _call(self, name: _Token) -> Node:
        self._expect("punct", "(", "缺少左括号 (")
        self._deeper()
        handler = {
            "any": self._quantified, "all": self._quantified, "count": self._aggregate, "sum": self._aggregate,
            "answered": self._answered, "unanswered": self._answered, "answer": self._other_answer,
            "finding": self._finding, "earlier": self._finding, "findings": self._findings,
        }.get(name.text)  # fmt: skip
        if handler is None:
            self._fail(
                f"不认识的函数 “{name.text}”",
                "可用：any、all、count、sum、answered、unanswered、answer、finding、earlier、findings",
                (name.start, name.end),
            )
        node = handler(name.text)
        end = self._expect("punct", ")", "缺少右括号 )")
        self.depth -= 1
        return replace(node, span=(name.start, end.end))

    def _rows(self) -> Ref:
        node = self._term()
        if isinstance(node, Ref) and node.kind == "answer":
            return node
        self._fail("第一个参数应为 answer 或 answer('…')", "例如 any(answer, reading > 8)", node.span)

    def _quantified(self, op: str) -> Node:
        rows = self._rows()
        self._expect("punct", ",", f"{op} 需要两个参数：表和条件")
        return Quantified(cast(Literal["any", "all"], op), rows, self._or())

    def _aggregate(self, op: str) -> Node:
        rows = self._rows()
        column = None
        if op == "sum":
            self._expect("punct", ",", "sum 需要栏目名称")
            column = self._expect("name", None, "sum 的第二个参数应为栏目名称").text
        where = self._or() if self._take("punct", ",") else None
        return Aggregate(cast(Literal["count", "sum"], op), rows, column, where)

    def _answered(self, op: str) -> Node:
        node = self._term()
        if not isinstance(node, Ref):
            self._fail(f"{op} 的参数应为名称", "例如 answered(detail.valid_until)", node.span)
        return Answered(node, op == "answered")

    def _other_answer(self, _: str) -> Node:
        name = self._string("answer 的参数应为加引号的规则编号")
        part = self._string("第二个参数应为加引号的名称") if self._take("punct", ",") else ""
        return Ref("detail" if part else "answer", name, part)

    def _finding(self, op: str) -> Node:
        return Ref(cast(Literal["finding"], op), self._string(f"{op} 的参数应为加引号的规则编号"))

    def _findings(self, _: str) -> Node:
        parts = []
        while self._peek().kind == "name":
            key = self._next()
            if key.text not in {"grade", "priority", "red_line"}:
                self._fail(f"findings 不认识 “{key.text}”", "可用：grade、priority、red_line", (key.start, key.end))
            self._expect("op", "=", "应写成 grade = critical 的样子")
            value = self._next()
            parts.append(f"{key.text}={value.text.strip(chr(39) + chr(34))}")
            if not self._take("punct", ","):
                break
        return Ref("count", ",".join(sorted(parts)) or "all")

    def _string(self, message: str) -> str:
        return self._expect("text", None, message).text[1:-1]

    def _peek(self) -> _Token:
        return self.tokens[self.position]

    def _next(self) -> _Token:
        token = self.tokens[self.position]
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def _take(self, kind: str, text: str) -> bool:
        token = self._peek()
        if token.kind == kind and token.text == text:
            self.position += 1
            return True
        return False

    def _expect(self, kind: str, text: str | None, message: str) -> _Token:
        token = self._peek()
        if token.kind != kind or (text is not None and token.text != text):
            self._fail(message, "请检查写法")
        return self._next()

    def _fail(self, reason: str, todo: str, span: Span | None = None) -> NoReturn:
        token = self._peek()
        raise ConditionError(reason, todo, span or (token.start, max(token.end, token.start + 1)))


def _is_sum_like(tokens: list[_Token], opening: int) -> bool:
    """Return whether the bracket at this position closes right before a comparison or a sign."""
    depth = 0
    for index in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[index].text, 0) if tokens[index].kind == "punct" else 0
        if depth == 0:
            after = tokens[index + 1]
            return after.kind == "op" or after.text in {"+", "-", "in", "between"}
    return False


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _tokens(text: str) -> list[_Token]:
    result = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            char = text[position]
            half = _FULL_WIDTH.get(char)
            todo = f"请改成半角的 {half}" if half else "请删去或加引号"
            raise ConditionError(f"不能使用字符 “{char}”", todo, (position, position + 1))
        kind = found.lastgroup or ""
        if kind != "space":
            result.append(_Token(kind, found.group(), position, found.end()))
        position = found.end()
    result.append(_Token("end", "结尾", len(text), len(text)))
    return result


assert set(get_args(CompareOp)) == {"=", "!=", "<", "<=", ">", ">="}
