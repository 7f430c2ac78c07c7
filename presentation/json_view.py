"""Cases, steps and journal rows as JSON, for scripts; names and words of it stay as they are."""

import json

from engine.journal.chain import JournalEntry
from engine.operations.imports.file_label import label_of
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import veiled
from engine.rules.case import Case, Count, NextStep
from presentation.case_view import iso


def case_json(ledger: Ledger, case: Case) -> dict[str, object]:
    """Return a case for scripts."""
    return {
        "number": case.number or None,
        "workflow": case.workflow,
        "version": case.version,
        "state": case.state,
        "clearance": Count(case.clearance).name.lower(),
        "unit": case.unit,
        "dated_on": case.dated_on,
        "opened_at": iso(ledger, case.opened_at),
        "changed_at": iso(ledger, case.changed_at),
        "revision": case.revision,
        "fields": {name: _veiled(ledger, value) for name, value in case.fields.items()},
    }


def _veiled(ledger: Ledger, value: object) -> object:
    """Return a value, in a text of which cases are masked that are hidden from who reads."""
    return ledger.naming.veiled(value) if isinstance(value, str) else value


def entry_json(ledger: Ledger, entry: JournalEntry) -> dict[str, object]:
    """Return a journal row for scripts; the file that a row of an older version names stands by its label."""
    body = json.loads(veiled(ledger.reader, entry.body))
    if isinstance(body.get("file"), dict):
        body["file"] = label_of(body["file"])
    return {
        "case": entry.case or None,
        "seq": entry.seq,
        "at": iso(ledger, entry.at),
        "by": entry.by,
        "kind": entry.kind,
        "from": entry.from_state,
        "to": entry.to_state,
        "clearance": Count(entry.clearance).name.lower(),
        "body": body,
        "hash": entry.hash,
    }


def step_json(step: NextStep) -> dict[str, object]:
    """Return a possible step for scripts."""
    return {
        "trigger": step.trigger,
        "title": str(step.title),
        "to": step.target,
        "by": list(step.by),
        "missing": [str(each) for each in step.missing],
    }
