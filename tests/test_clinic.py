"""The clinic's sample: devices, a second finding beside a red line, what is passed on, recurrence."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import evaluated, sample

from engine.library.files import Place


def test_the_clinic_gives_what_an_inspector_would_find(tmp_path: Path, packaged: Place) -> None:
    evaluation = evaluated(sample("clinic-2024"), tmp_path, packaged)
    assert [(f.code, f.id, f.grade.value, f.red_line) for f in evaluation.findings] == [
        ("ZS-10", "cold-chain.mixed-storage", "minor", False),
        ("ZS-11", "high-risk-devices.expired-devices", "critical", True),
        ("ZS-17", "follow-up.relapse", "critical", False),
    ]
    by_id = {f.id: f for f in evaluation.findings}
    devices = by_id["high-risk-devices.expired-devices"]
    assert {f"{c.cite} {c.article}" for c in devices.liability} == {"medical-device-regulation@2021 86(3)"}
    assert "35 件" in devices.sentence
    storage = by_id["cold-chain.mixed-storage"]
    assert "牛奶 2 盒" in storage.sentence
    assert [c.cite for c in storage.duty] == ["drug-administration-law@2019"], "GSP binds sellers, not clinics"
    assert "待核" in storage.liability[0].text
    assert "治疗车内有过期的一次性使用无菌注射器 20 件" in by_id["follow-up.relapse"].sentence


@pytest.mark.parametrize("result", [None, "未整改", "反弹"])
def test_a_recurrence_is_told_once(result: str | None, tmp_path: Path, packaged: Place) -> None:
    """What the follow-up table already calls 反弹 is not told a second time as a recurrence."""
    sheet = sample("clinic-2024")
    sheet["answers"]["follow-up"][0]["result"] = result
    evaluation = evaluated(sheet, tmp_path, packaged)
    found = {f.id: f for f in evaluation.findings}
    assert ("follow-up.relapse" in found) == (result == "反弹")
    assert ("escalation.recurrence" in found) == (result != "反弹")
    if result != "反弹":
        parents = [evaluation.findings[n - 1].id for n in found["escalation.recurrence"].parents]
        assert parents == ["high-risk-devices.expired-devices"]


def test_the_same_rule_has_its_own_grade_at_a_clinic(tmp_path: Path, packaged: Place) -> None:
    sheet = sample("clinic-2024")
    sheet["answers"]["trace"][0]["invoice"] = "否"
    found = next(f for f in evaluated(sheet, tmp_path, packaged).findings if f.code == "ZS-04")
    assert found.id == "channel-legality.purchase-vouchers"
    assert found.grade == "major"
    assert {c.cite for c in found.duty} == {"drug-operation-use-measures@2023"}
