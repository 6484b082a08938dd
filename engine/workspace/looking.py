"""Which items a past campaign asked and which of them found something, as its workspace keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from engine.campaigns.to_do import Looked
from engine.inspections.opening import read_record
from engine.library.load import Library
from engine.library.resolve import rules_of
from engine.model.workspace import Inspection, KeptFinding
from engine.problems import ProblemError
from engine.register.life import is_counted
from engine.workspace.folder import Workspace, open_workspace
from engine.workspace.kept_files import path_of
from engine.workspace.settings import campaign_of

NOT_CHECKED = "未查"


def looked_at(folders: Sequence[Path], library: Library) -> tuple[Looked, ...]:
    """Return what each workspace says of its sealed inspections, by campaign. Nothing is written.

    An item counts as asked where the sealed record has an answer to it or to the table that it is taken from.
    Raises ProblemError if a folder is no workspace, or a record in it cannot be read.
    """
    found = []
    for folder in folders:
        with open_workspace(folder) as workspace:
            found.append(_looked(workspace, library))
    return tuple(sorted(found, key=lambda each: each.campaign))


def _looked(workspace: Workspace, library: Library) -> Looked:
    questions: dict[str, dict[str, set[str]]] = {}
    rule_of: dict[str, str] = {}
    for _, _, rule in rules_of(library):
        rule_of |= dict.fromkeys([rule.id, *(further.id for further in rule.further)], rule.id)
        for site_type, application in rule.applies_to.items():
            named = questions.setdefault(site_type, {}).setdefault(rule.id, set())
            named |= {application.code, rule.id, rule.answer_from or application.code}
    asked: Counter[str] = Counter()
    with workspace.store.reading() as reader:
        campaign = campaign_of(reader)
        inspections = [i for i in reader.all(Inspection) if is_counted(i) and "record" in i.files]
        rules = {rule_of.get(finding.rule, finding.rule) for finding in reader.all(KeptFinding)}
    for inspection in inspections:
        _, record, problems = read_record(path_of(workspace.files, inspection.files["record"]))
        if record is None:
            raise ProblemError(problems)
        answered = {name for name, answer in record.answers.items() if answer not in (None, "", NOT_CHECKED)}
        asked.update(id_ for id_, names in questions.get(record.site_type, {}).items() if names & answered)
    return Looked(campaign, dict(asked), frozenset(rules))
