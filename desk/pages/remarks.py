"""What is added to a case beside its steps: notes, corrections, files, signatures."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from desk.answers import Answer, FileToKeep, GoTo, PageShown
from desk.case_shown import entries_shown, title_of
from desk.fields import Fields, brought
from desk.pages.cases import case_refused
from desk.signing import refuse_unsigned
from desk.steps import reasons_of, said
from desk.visit import SentFile, Visit, whole_number
from engine.errors import BadFileError, BadValueError, QinglingError, RefusedError
from engine.language import Text
from engine.operations.cases import signatures
from engine.operations.cases.attachments import write_out
from engine.operations.cases.casework import amend, attach, note
from engine.operations.cases.commit import Outcome
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import IdentitySeenError
from engine.operations.ledger.overtaken import OvertakenError
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.system.whole_files import make_folder

CAUGHT: Final = (BadValueError, BadFileError, RefusedError, OvertakenError)
"""What a form says again, with what was typed."""


def write_note(visit: Visit) -> Answer:
    """Write a remark into the journal of a case."""
    words = visit.asked.one("words")
    return _done(visit, lambda case: note(_seen(visit, case, words=words), case.number, words).case)


def attach_files(visit: Visit) -> Answer:
    """Keep files with a case."""
    sent = visit.asked.files.get("file", ())

    return _done(visit, lambda case: keep_files(visit, case, sent))


def keep_files(visit: Visit, case: Case, sent: Sequence[SentFile], *, about: str = "") -> Case:
    """Keep files with a case, each for itself, and return the case after it.

    Args:
        about: What stands before the name of each.

    Raises:
        QinglingError: If one is not kept; it says how many before it were.
    """
    if not sent:
        raise BadValueError(Text("choose a file", "请选择文件"))
    folder = visit.files_folder
    make_folder(folder, mode=0o700)
    after = case
    named = [(f"{about} {name_of(each)}".strip(), each) for each in sent]
    allowed = [visit.looked_through(words={"title": name}) for name, _ in named]  # all, before one is kept
    for kept, ((name, each), acting) in enumerate(zip(named, allowed, strict=True)):
        with TemporaryDirectory() as place:
            file = Path(place, "sent")
            file.write_bytes(each.content)
            try:
                after = attach(acting, case.number, file, folder=folder, title=name).case
            except QinglingError as error:
                if kept:
                    raise _kept_some(error, name, kept) from error
                raise
    return after


def give_file(visit: Visit) -> Answer:
    """Give a file that is kept with a case."""
    digest = visit.asked.path["digest"]
    case = visit.case(Deed.PRINT, visit.asked.path["number"], file=digest[:16])
    with TemporaryDirectory() as place:
        target = Path(place, "kept")
        kept = write_out(visit.ledger, case.number, digest, folder=visit.files_folder, target=target)
        return FileToKeep(name=kept.name, content=target.read_bytes())


def sign(visit: Visit) -> Answer:
    """Give what is asked of the officer on a case."""
    only = visit.asked.one("only") or None

    def give(case: Case) -> Case:
        refuse_unsigned(visit)
        signatures.give(_seen(visit, case), case.number, only=only)
        return visit.ledger.case(case.number)

    return _done(visit, give)


def decline(visit: Visit) -> Answer:
    """Decline what is asked of the officer on a case."""
    reason, only = visit.asked.one("reason"), visit.asked.one("only") or None

    def refuse(case: Case) -> Case:
        signatures.decline(_seen(visit, case, reason=reason), case.number, reason=reason, only=only)
        return visit.ledger.case(case.number)

    return _done(visit, refuse)


def amend_page(visit: Visit) -> Answer:
    """Show the form of a correction, with what the case holds."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    return _form(visit, case, given=_held(visit, case), refused=None, status=HTTPStatus.OK)


def write_correction(visit: Visit) -> Answer:
    """Correct what was changed in the form, or show it again with what was typed."""
    asked = visit.asked
    case = visit.case(Deed.READ, asked.path["number"])
    if asked.one("_fill"):
        name, _, value = asked.one("_fill").partition(":")
        return _form(visit, case, given={**asked.form, name: (value,)}, refused=None, status=HTTPStatus.OK)
    workflow, reason = visit.ledger.rules_of(case).workflow, asked.one("_reason")
    before = _held(visit, case)
    values = {
        name: value
        for name, value in brought(workflow, asked.form, names=before, whole=True).items()
        if tuple(asked.form.get(name, ())) != before[name] and not (value == "" and not before[name])
    }
    try:
        seen = whole_number(asked.one("_seen"), least=1, most=999_999_999)
        acting = visit.looked_through(workflow, values, as_seen=(case.number, seen), words={"reason": reason})
        outcome = amend(acting, case.number, values, reason=reason)
    except CAUGHT as refused:
        late = isinstance(refused, OvertakenError)
        status = HTTPStatus.CONFLICT if late else HTTPStatus.UNPROCESSABLE_ENTITY
        return _form(visit, visit.ledger.case(case.number), given=asked.form, refused=refused, status=status)
    return _back(outcome)


def name_of(sent: SentFile) -> str:
    """Return the name of a file that was sent, without folders and signs that nobody sees."""
    plain = sent.name.replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in plain if each.isprintable()).strip()[:200] or "file"


def _kept_some(error: QinglingError, name: str, kept: int) -> RefusedError:
    """Return why a file was not kept, with how many before it were: each is kept for itself."""
    said = error.sentence
    return RefusedError(
        Text(
            f"files kept: {kept}; {name} and those after it are not: {said.en}",
            f"已保存 {kept} 个文件；{name} 及其后的文件未保存：{said.zh}",
        )
    )


def _done(visit: Visit, deed: Callable[[Case], Case]) -> Answer:
    """Do something with a case and go back to it, or show the case with why it may not be and what was typed."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    try:
        after = deed(case)
    except CAUGHT as refused:
        return case_refused(visit, refused)
    return GoTo(to=f"/case/{case.number}?done={after.revision}")


def _seen(visit: Visit, case: Case, **words: str) -> Acting:
    """Return the context of a deed on a case as its page showed it."""
    seen = whole_number(visit.asked.one("_seen"), least=1, most=999_999_999)
    return visit.looked_through(as_seen=(case.number, seen), words=words)


def _back(outcome: Outcome) -> GoTo:
    """Return the way back to a case, and to what was just done."""
    row = outcome.case.revision if outcome.repeated is None else outcome.repeated.seq
    return GoTo(to=f"/case/{outcome.case.number}?done={row}")


def _held(visit: Visit, case: Case) -> dict[str, tuple[str, ...]]:
    """Return the fields that can be corrected, with what the case holds as a form has it; nothing of what is sealed."""
    rules, veiled = visit.ledger.rules_of(case), visit.ledger.naming.veiled
    found: dict[str, tuple[str, ...]] = {}
    for each in rules.workflow.fields.values():
        if not each.amend or each.gathers is not None:
            continue
        value = None if each.name in rules.sealed else case.fields.get(each.name)
        several = value if isinstance(value, list) else [] if value is None else [value]
        found[each.name] = tuple(veiled(_written(one)) for one in several)
    return found


def _written(value: object) -> str:
    """Return a stored value as a form has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fields(visit: Visit, case: Case) -> Fields:
    """Return what makes the inputs for a case."""
    return Fields(visit.acting, visit.ledger.rules_of(case), unit=case.unit, case=case)


def _form(
    visit: Visit, case: Case, *, given: Mapping[str, tuple[str, ...]], refused: QinglingError | None, status: HTTPStatus
) -> PageShown:
    """Return the form of a correction."""
    rules = visit.ledger.rules_of(case)
    since = refused.since if isinstance(refused, OvertakenError) else ()
    reasons = [] if refused is None or since else list(reasons_of(refused))
    fields = _fields(visit, case)
    inputs = fields.inputs(_held(visit, case), required=frozenset(), given=given, reasons=reasons)
    values = {
        "number": case.number,
        "title": title_of(visit, case),
        "inputs": inputs,
        "reason": visit.asked.one("_reason"),
        "said": said(reasons, [each.name for each in inputs]),
        "changed": entries_shown(visit, rules.workflow, since),
        "insists": isinstance(refused, IdentitySeenError),
        "seen": case.revision,
    }
    return PageShown(template="amend.html", values=values, status=status)
