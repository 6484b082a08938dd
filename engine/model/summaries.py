"""Summaries of a campaign: rules/summaries/<summary>.yaml says which parts one has and what fills them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.model.base import ClauseId, Field_, Model, Name, Text


class Written(Model):
    """A part that a person writes."""

    type: Literal["written"]
    title: Text
    prompts: tuple[Text, ...] = ()
    """要写什么，一行一条；印成方括号里的提示。"""


class OfFigures(Model):
    """Sentences and a small table of figures."""

    type: Literal["figures"]
    title: Text
    table: Name
    sentences: tuple[Text, ...] = ()
    """花括号里写栏目，如 {visits}；{visits.period} 是本期。有空白的数的句子不印。"""
    columns: tuple[Field_, ...] = ()
    """列成小表的栏目。"""
    prompts: tuple[Text, ...] = ()


class OfProblems(Model):
    """Open problems: which kinds were found most, how many are not settled."""

    type: Literal["problems"]
    title: Text
    most: int = Field(default=8, ge=1, le=50)
    """最多列几类。"""
    prompts: tuple[Text, ...] = ()


class OfCases(Model):
    """Typical cases: those marked in the ledger; without any, the gravest findings to choose from."""

    type: Literal["cases"]
    title: Text
    most: int = Field(default=5, ge=1, le=50)
    prompts: tuple[Text, ...] = ()


class OfPictures(Model):
    """A list of pictures and videos kept as evidence."""

    type: Literal["pictures"]
    title: Text
    prompts: tuple[Text, ...] = ()


SummaryPart = Annotated[Written | OfFigures | OfProblems | OfCases | OfPictures, Field(discriminator="type")]


class SummaryFile(Model):
    """rules/summaries/<summary>.yaml."""

    summary: Name
    title: Text
    parts: tuple[SummaryPart, ...] = Field(min_length=1, max_length=20)
    clauses: tuple[ClauseId, ...] = ()
