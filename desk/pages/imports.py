"""Importing a ledger: drop a file, see how it is understood, answer what is asked, apply; each step on one page."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Final, TypeVar

from desk.answers import Answer, FileToKeep, GoTo, PageShown
from desk.jobs import Job
from desk.ledger_import import LedgerImport, kept_upload
from desk.pages.registering import opened_by
from desk.pages.remarks import name_of
from desk.steps import reasons_of, said
from desk.visit import Visit
from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError, without_hints
from engine.language import Text
from engine.operations.house.directory import open_units
from engine.operations.imports.row import IDENTITY_ANSWER
from engine.rules.questions import asked_title
from engine.workflow.model import Workflow
from presentation.import_findings import ImportFindings
from presentation.import_words import HOWS, NOTES, OUTCOMES, UNREAD, WHYS, every_field, field_title

_LONGEST_NAME: Final = 50
KIND: Final = "import"
ROWS: Final = 100
"""Lines of each list on the page; the marked copy has all."""
REWRITE: Final = Text(
    "write the text without it; where it must stand, insist on it in a correction",
    "改写为不含该信息的文字；确须保留的，更正时选“仍要写入”",
)
"""What answers a question about a text in which it could be read who somebody is."""
Each = TypeVar("Each")
_NONE: Final = frozenset({"", "-", "不是", "none"})
"""What is typed for a column that is no field."""


def imports_page(visit: Visit) -> Answer:
    """Show the form for a file, and the imports of the officer that are open."""
    return _start(visit, refused=None, status=HTTPStatus.OK)


def upload(visit: Visit) -> Answer:
    """Keep the file that was sent, and try it out."""
    try:
        job, subject = _kept(visit)
    except (BadValueError, NotFoundError, RefusedError) as refused:
        return _start(visit, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    visit.background.start(visit, job, subject.try_out)
    return GoTo(to=job.address)


def _kept(visit: Visit) -> tuple[Job, LedgerImport]:
    """Keep the file that was sent.

    Raises:
        RefusedError: If the officer may take nothing in, or has too much begun.
        BadValueError: If there is no file, or it is empty.
        NotFoundError: If there is no such workflow.
    """
    _may_import(visit)
    sent, workflow = visit.asked.files.get("file", ()), visit.asked.one("workflow")
    if len(sent) != 1 or not sent[0].content:
        raise BadValueError(Text("choose a file that is not empty", "请选择一个非空的文件"))
    if workflow not in visit.ledger.workflows.names():
        raise NotFoundError(Text("there is no such kind of case", "没有这种事项"))
    name, jobs = name_of(sent[0]), visit.background.jobs
    subject = LedgerImport(file=kept_upload(jobs.folder, name, sent[0].content), name=name, workflow=workflow)
    called = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"  # seen by who sent it; never journaled
    job = Job(officer=visit.officer, kind=KIND, title=Text(f"Import: {called}", f"导入：{called}"), subject=subject)
    jobs.keep(job)
    return job, subject


def import_page(visit: Visit) -> Answer:
    """Show how far an import has come, how it is understood, or what came of it."""
    job, subject = _asked(visit)
    return _page(visit, job, subject, refused=None, status=HTTPStatus.OK)


def go_on(visit: Visit) -> Answer:
    """Do what a button of the page says: try again with the answers, apply, mark, or give it up."""
    job, subject = _asked(visit)
    asked = visit.asked.one("_do")
    if asked == "cancel":
        visit.background.jobs.cancel(job)
        return GoTo(to=job.address)
    if asked == "end":
        visit.background.jobs.end(job)
        return GoTo(to="/import" if not job.is_under_way else job.address)
    try:
        job.refuse_twice()
        if asked == "mark":
            _refuse_ended(subject)
            visit.background.start(visit, job, subject.mark)
            return GoTo(to=job.address)
        _refuse_ended(subject)
        changed = _answered(visit, subject)
        if asked == "apply":
            _refuse_unready(visit, subject, changed=changed)
            visit.background.start(visit, job, subject.apply)
        else:
            visit.background.start(visit, job, subject.try_out)
    except (BadValueError, RefusedError) as refused:
        return _page(visit, job, subject, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return GoTo(to=job.address)


def give_marked(visit: Visit) -> Answer:
    """Give the marked copy."""
    _, subject = _asked(visit)
    if not subject.marked:
        raise NotFoundError(Text("there is no marked copy", "没有标注副本"))
    stem = subject.name.rpartition(".")[0] or subject.name
    return FileToKeep(name=f"{stem}.marked.xlsx", content=subject.marked)


def _asked(visit: Visit) -> tuple[Job, LedgerImport]:
    """Return the import that the address names.

    Raises:
        NotFoundError: If the officer has none of that key.
    """
    job = visit.background.jobs.job(visit.officer, KIND, visit.asked.path["key"])
    assert isinstance(job.subject, LedgerImport), "the kind says so"
    return job, job.subject


def _may_import(visit: Visit) -> None:
    """Refuse who may open no case at all, so could take in no row.

    Raises:
        RefusedError: If so.
    """
    if not opened_by(visit):
        raise RefusedError(
            Text("you may register nothing, so there is nothing to import", "您没有登记权限，不能导入台账")
        )


def _refuse_ended(subject: LedgerImport) -> None:
    """Refuse to go on with what was imported: its file is destroyed.

    Raises:
        RefusedError: If so.
    """
    if subject.is_applied:
        raise RefusedError(
            Text("it is imported already; its file was destroyed", "已导入，上传的文件已销毁；如需再次导入请重新上传")
        )


def _refuse_unready(visit: Visit, subject: LedgerImport, *, changed: bool) -> None:
    """Refuse to apply what nobody has looked at as it would be.

    Raises:
        RefusedError: If answers were changed since the trial, nothing can be taken, or masking was not agreed to.
    """
    found = subject.found
    if changed or found is None:
        raise RefusedError(
            Text(
                "answers were changed; try it out again, look at it, then import",
                "答复有改动：请先“按答复重新预演”，核对后再导入",
            )
        )
    if not _good(found):
        raise RefusedError(Text("no row can be taken yet", "目前没有可导入的行"))
    if found.masked and not visit.asked.one("agree"):
        raise RefusedError(
            Text(
                "some texts show who somebody is: agree that they go in masked, or change them in the ledger",
                "有文字可看出身份：请勾选同意隐去后导入，或先修改台账",
            )
        )


def _answered(visit: Visit, subject: LedgerImport) -> bool:
    """Keep what was answered in the form, and say whether it differs from what was tried out.

    Raises:
        BadValueError: If what was typed names no field.
    """
    asked, answers = visit.asked, subject.answers
    workflow = visit.ledger.workflows.latest(subject.workflow)
    headings = dict(answers.headings)
    for each in _headings(workflow, subject):
        typed = asked.one(str(each["input"]))
        if str(each["input"]) in asked.form and typed != each["title"]:
            headings[str(each["text"])] = _field_called(workflow, typed, str(each["text"]))
    before = (answers.headings, answers.unit, answers.constants, answers.add_units, answers.link)
    constants = {each.name: asked.one(f"c-{each.name}") for each in subject.wanted} | {
        name: asked.one(f"c-{name}") for name in answers.constants
    }
    answers.headings = headings
    answers.constants = {name: value for name, value in constants.items() if value}
    answers.unit = asked.one("unit")
    answers.add_units, answers.link = bool(asked.one("add_units")), bool(asked.one("link"))
    # Linking comes after the import, so that a trial says the same with it and without.
    return before[:4] != (answers.headings, answers.unit, answers.constants, answers.add_units)


def _field_called(workflow: Workflow, typed: str, heading: str) -> str:
    """Return the field that was typed for a heading; empty for none.

    Raises:
        BadValueError: If there is no such field.
    """
    if typed in _NONE:
        return ""
    for name in every_field(workflow):
        title = field_title(workflow, name)
        if typed in {name, title.en, title.zh}:
            return name
    raise BadValueError(
        Text(
            f"“{heading}”: there is no field “{typed}”; choose one of the list",
            f"“{heading}”：没有字段“{typed}”，请从列表中选择",
        )
    )


def _start(visit: Visit, *, refused: QinglingError | None, status: HTTPStatus) -> PageShown:
    """Return the page with the form for a file."""
    if refused is None:
        _may_import(visit)
    latest = visit.ledger.workflows.latest
    kinds = sorted(opened_by(visit), key=lambda each: -len(latest(each[0]).transitions))
    values = {
        "said": [] if refused is None else said(reasons_of(refused), ()),
        "kinds": kinds,
        "open": [(each.address, each.title, stands(each)) for each in _jobs(visit)],
    }
    return PageShown(template="import_start.html", values=values, status=status)


_STATES: Final = {
    "idle": Text("waits", "等待"),
    "waiting": Text("waits for its turn", "排队中"),
    "running": Text("under way", "处理中"),
    "done": Text("ready to be looked at", "完成，待查看"),
    "refused": Text("cannot go on yet", "需处理"),
    "cancelled": Text("cancelled", "已取消"),
}
"""How a work stands, in words."""


def stands(job: Job) -> Text:
    """Return how a work stands, in words; one that is cancelled goes on to its next step."""
    return Text("being cancelled", "正在取消") if job.is_under_way and job.is_cancelled else _STATES[job.state]


def _jobs(visit: Visit) -> list[Job]:
    """Return the officer's imports that are open."""
    return [each for each in visit.background.jobs.of(visit.officer) if each.kind == KIND]


def _page(
    visit: Visit, job: Job, subject: LedgerImport, *, refused: QinglingError | None, status: HTTPStatus
) -> PageShown:
    """Return the page of an import."""
    values: dict[str, object] = {
        "title": job.title,
        "address": job.address,
        "is_under_way": job.is_under_way,
        "is_cancelled": job.state == "cancelled",
        "stands": stands(job),
        "done": job.done,
        "expected": max(job.expected, job.done, 1),
        "said": [] if refused is None else said(reasons_of(refused), ()),
        "refused": None if job.refused is None else without_hints(job.refused),
    }
    if job.is_under_way or job.state == "cancelled":
        return PageShown(template="work.html", values=values, status=status)
    workflow = visit.ledger.workflows.latest(subject.workflow)
    values |= {
        "workflow": subject.workflow,
        "headings": _headings(workflow, subject),
        "fields_": [field_title(workflow, each) for each in every_field(workflow)],
        "answers": subject.answers,
        "units": [(each.code, each.name) for each in open_units(visit.ledger)],
        "wants_unit": subject.wants_unit or bool(subject.answers.unit),
        "constants": _constants(workflow, subject),
        "found": None if subject.found is None else _found(subject, subject.found, workflow),
        "is_applied": subject.is_applied,
        "has_marked": bool(subject.marked),
    }
    return PageShown(template="import.html", values=values, status=status)


def _headings(workflow: Workflow, subject: LedgerImport) -> list[dict[str, object]]:
    """Return how each heading is understood; of several sheets the same heading stands once."""
    found: dict[str, dict[str, object]] = {}
    for sheet in subject.sheets:
        for each in sheet.headings:
            if not each.text or each.text in found:
                continue
            found[each.text] = {
                "input": f"h{len(found)}",
                "sheet": sheet.name,
                "letter": each.letter,
                "text": each.text,
                "title": "" if each.field is None else str(field_title(workflow, each.field)),
                "how": without_hints(HOWS[each.how]),
                "is_unsure": each.how in {"asked", "unmatched", "guessed"},
                "perhaps": [str(field_title(workflow, name)) for name in each.candidates]
                or ([] if each.proposal is None else [str(field_title(workflow, each.proposal))]),
                "samples": each.samples,
            }
    return list(found.values())


def _constants(workflow: Workflow, subject: LedgerImport) -> list[Mapping[str, object]]:
    """Return the fields that may be said once for all rows, with what was said."""
    names = dict.fromkeys([*(each.name for each in subject.wanted), *subject.answers.constants])
    return [
        {
            "name": name,
            "title": workflow.fields[name].title,
            "typed": subject.answers.constants.get(name, ""),
            "choices": [(each.value, each.title) for each in workflow.fields[name].choices],
        }
        for name in names
        if name in workflow.fields
    ]


def _good(found: ImportFindings) -> int:
    """Return how many rows can be taken."""
    return found.counts.total() - found.refused


def _found(subject: LedgerImport, found: ImportFindings, workflow: Workflow) -> Mapping[str, object]:
    """Return what an import found, as it is shown."""
    reading = subject.reading
    assert reading is not None, "both are kept together"
    skipped = Counter(each.why for each in reading.skipped)
    unread = {each.at: UNREAD for each in reading.skipped if each.why == "unread"}
    return {
        "counts": [(OUTCOMES[name], found.counts[name]) for name in OUTCOMES],
        "good": _good(found),
        "refused": found.refused,
        "questioned": found.questioned,
        "to_be_marked": found.to_be_marked,
        "skipped": [(WHYS[why], count) for why, count in skipped.items()],
        "notes": [(NOTES.get(kind, kind), count) for kind, count in reading.notes.items()],
        "problems": _cut(
            (each.at, _title(workflow, each.field), without_hints(each.wrong), without_hints(each.right))
            for each in found.problems
        ),
        "more_problems": max(len(found.problems) - ROWS, 0),
        "questions": _cut(
            (places[0], len(places), asked_title(workflow, name), Text(*why), _answer(answer))
            for (name, _, why, answer), places in found.asked_of.items()
        ),
        "more_questions": max(len(found.asked_of) - ROWS, 0),
        "masked": _cut((each.at, _title(workflow, each.field), Text(*each.why)) for each in found.masked),
        "units": list(found.met.units.items()),
        "officers": _cut(found.met.officers.items()),
        "shortened": _cut((name, code, rows) for (name, code), rows in found.met.shortened.items()),
        "twins": _cut(
            (
                found.called(number),
                [(found.called(each.name), each.why) for each in twins],
                found.links.get(number),
            )
            for number, twins in found.twins.items()
        ),
        "two": _cut((at, _title(workflow, name)) for at, name in found.two.items()),
        "wanting": [(_title(workflow, name), len(places), places[0]) for name, places in found.wanting.items()],
        "marks": [without_hints(each) for each in found.original_marks.lines()],
        "besides": _cut((unread | found.named | found.left_out).items()),
        "first": [(at, OUTCOMES[outcome], number) for at, (outcome, number) in found.first.items()],
    }


def _answer(answer: tuple[str, str]) -> Text:
    """Return what would answer a question, as it is done at the desk."""
    said = Text(*answer)
    return REWRITE if (said.en, said.zh) == (IDENTITY_ANSWER.en, IDENTITY_ANSWER.zh) else without_hints(said)


def _title(workflow: Workflow, name: str) -> Text:
    """Return what a field of a row is called; nothing for the row as a whole."""
    return field_title(workflow, name) if name else Text("", "")


def _cut(lines: Iterable[Each]) -> Sequence[Each]:
    """Return as many lines as a page shows."""
    return list(islice(lines, ROWS))
