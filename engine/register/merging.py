"""Two entries of the register for one site, and two for two."""

from __future__ import annotations

from datetime import date

from engine.model.workspace import RegisteredSite
from engine.problems import ProblemError, problem


def merged_pair(
    keep: RegisteredSite, drop: RegisteredSite, day: date, why: str
) -> tuple[RegisteredSite, RegisteredSite]:
    """Return the kept site with what it lacked, and the other one closed on that day and pointing to it.

    Raises ProblemError if either is merged already, or they are one entry.
    """
    reason = ""
    if keep.id == drop.id:
        reason = "是同一个编号"
    elif keep.merged_into or drop.merged_into:
        gone = keep if keep.merged_into else drop
        reason = f"{gone.id} 已经并入 {gone.merged_into}"
    elif keep.site_type != drop.site_type:
        reason = "单位类型不同，一家单位的两种业务分别登记"
    if reason:
        raise ProblemError([problem("E836", first=keep.id, second=drop.id, reason=reason)])
    kept = keep.model_copy(
        update={
            "credit_code": keep.credit_code or drop.credit_code,
            "unit": keep.unit or drop.unit,
            "identity": drop.identity | keep.identity,
            "attributes": drop.attributes | keep.attributes,
            "chain": keep.chain or drop.chain,
            "areas": tuple(dict.fromkeys((*keep.areas, *drop.areas))),
            "focus": drop.focus | keep.focus,
        }
    )
    note = f"{drop.note}；并入 {keep.id} {keep.name}：{why}".lstrip("；")
    return kept, drop.model_copy(update={"closed": drop.closed or day, "merged_into": keep.id, "note": note})


def distinct_pair(one: RegisteredSite, other: RegisteredSite) -> tuple[RegisteredSite, RegisteredSite]:
    """Return both sites, each knowing that it is not the other. Raises ProblemError if they are one entry."""
    if one.id == other.id:
        raise ProblemError([problem("E836", first=one.id, second=other.id, reason="是同一个编号")])
    return _not(one, other.id), _not(other, one.id)


def _not(site: RegisteredSite, other: str) -> RegisteredSite:
    return site.model_copy(update={"distinct": tuple(sorted({*site.distinct, other}))})
