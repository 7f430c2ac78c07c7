"""Letters about a case: what one says as far as it is known, what it lacks, its sample, and its issue."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from desk.answers import Answer, FileToKeep, GoTo, PageShown
from desk.case_shown import title_of
from desk.fields import Input
from desk.steps import reasons_of, said
from desk.visit import Visit, whole_number
from documents.letters.kinds import LetterKind
from engine.errors import BadFileError, BadValueError, NotFoundError, QinglingError, Reason, RefusedError, without_hints
from engine.language import Text
from engine.operations.cases.lookup import kept_of
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import IdentitySeenError
from engine.operations.ledger.overtaken import OvertakenError
from engine.operations.letters.issue import issue, may_issue
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.system.whole_files import make_folder
from presentation.letter_book import letters_of
from presentation.letter_prepared import PreparedLetter, prepared

_NAMES: Final = "_names"
"""Names of those reported that the letter must shorten, one in a line."""
_NO_NAMES: Final = "_no_names"
"""Words that are no names."""
_CAUGHT: Final = (BadValueError, BadFileError, RefusedError, OvertakenError)
_PARTED: Final = {
    "lines": Text("several: each on a line of its own, or parted by a semicolon", "多项的每项一行，或用“；”分隔"),
    "paragraphs": Text("each paragraph on a line of its own", "每段一行"),
}
"""How what is parted in a letter is written."""


def letters_for(visit: Visit, case: Case) -> list[tuple[str, Text]]:
    """Return the letters that the officer may issue about a case as it stands: name and title."""
    asked_by = f"letters {visit.officer} {visit.acting.today}"
    return kept_of(visit.ledger, case, asked_by, lambda: _letters_for(visit, case))


def _letters_for(visit: Visit, case: Case) -> list[tuple[str, Text]]:
    """Return what `letters_for` does, of the house as it stands."""
    found = []
    for each in letters_of(visit.ledger).kinds.values():
        if not each.fits_case(case.workflow, case.fields) or (each.states and case.state not in each.states):
            continue
        try:
            may_issue(visit.acting, case, each.by)
        except RefusedError:
            continue
        found.append((each.name, each.title))
    return found


def letter_page(visit: Visit) -> Answer:
    """Show what a letter says and what it lacks."""
    kind, case = _asked(visit)
    return _form(visit, kind, case, refused=None, status=HTTPStatus.OK)


def write_letter(visit: Visit) -> Answer:
    """Give the sample of a letter, or issue it with a number and keep it with the case."""
    kind, case = _asked(visit)
    try:
        seen = whole_number(visit.asked.one("_seen"), least=1, most=999_999_999)
        given, workflow = _given(visit, kind), visit.ledger.rules_of(case).workflow
        besides = "\n".join(words for name, words in given.items() if name not in workflow.fields)
        acting = visit.looked_through(workflow, given, as_seen=(case.number, seen), words={"words": besides})
        ready = _prepared(visit, acting, kind, case)
        if visit.asked.one("_sample"):
            return FileToKeep(name=f"{kind.title.zh}（样稿）.docx", content=ready.sample())
        _refuse_gaps(ready)
        folder = visit.files_folder
        make_folder(folder, mode=0o700)
        letter, _ = issue(acting, case, ready.facts.letter, make=ready.paper, folder=folder)
    except _CAUGHT as refused:
        late = isinstance(refused, OvertakenError)
        status = HTTPStatus.CONFLICT if late else HTTPStatus.UNPROCESSABLE_ENTITY
        return _form(visit, kind, visit.ledger.case(case.number), refused=refused, status=status)
    return GoTo(to=f"/case/{case.number}?done={letter.seq}")


def _asked(visit: Visit) -> tuple[LetterKind, Case]:
    """Return which letter is asked for, about which case.

    Raises:
        NotFoundError: If there is no such letter about it.
    """
    case = visit.case(Deed.PRINT, visit.asked.path["number"], letter=visit.asked.path["kind"])
    kind = letters_of(visit.ledger).kinds.get(visit.asked.path["kind"])
    if kind is None or not kind.fits(case.workflow):
        raise NotFoundError(Text("there is no such letter about this case", "本件没有这种文书"))
    return kind, case


def _given(visit: Visit, kind: LetterKind) -> dict[str, str]:
    """Return what was typed, by value."""
    return {name: words for name in kind.values if (words := visit.asked.one(name))}


def _prepared(visit: Visit, acting: Acting, kind: LetterKind, case: Case) -> PreparedLetter:
    """Return a letter made ready, with what was typed before what is known.

    Raises:
        QinglingError: If it may not be issued, or a value cannot be.
    """
    return prepared(
        acting,
        case,
        kind,
        _given(visit, kind),
        names=visit.asked.one(_NAMES).split(),
        no_names=visit.asked.one(_NO_NAMES).split(),
    )


def _refuse_gaps(ready: PreparedLetter) -> None:
    """Refuse a letter that lacks something, or may name who must not be named.

    Raises:
        RefusedError: If so; all is named.
    """
    kind = ready.kind
    reasons = [*(_lacking(kind, each) for each in ready.draft.missing), *ready.draft.doubted]
    if not ready.facts.code:
        reasons.insert(
            0,
            Text(
                "the keeper of the ledger has not set the house's code yet (House)",
                "台账管理人员尚未设置机关代字（在“单位和人员”中设置）",
            ),
        )
    if reasons:
        title = Text(f"'{kind.title.en}' is not issued yet", f"“{kind.title.zh}”尚不能编发")
        raise RefusedError(title, reasons)


def _lacking(kind: LetterKind, missing: Text) -> Reason:
    """Return that a letter lacks a value, at its input; or a part of the letterhead, which has none."""
    title = without_hints(missing)
    field = next((each.name for each in kind.values.values() if each.title.zh == title.zh), None)
    lacks = Text(f"'{title.en}' is missing", f"缺少“{title.zh}”")
    if field is None:
        lacks = Text(
            f"the letterhead lacks '{title.en}'; who keeps the ledger sets it",
            f"文书抬头缺少“{title.zh}”，由台账管理人员设置",
        )
    return Reason.of(lacks, "missing", field=field)


def _form(
    visit: Visit, kind: LetterKind, case: Case, *, refused: QinglingError | None, status: HTTPStatus
) -> PageShown:
    """Return the form of a letter: what is known stands there, what is not is asked for."""
    reasons = [] if refused is None or isinstance(refused, OvertakenError) else list(reasons_of(refused))
    context: Mapping[str, str | list[str]] = {}
    doubted: tuple[Text, ...] = ()
    is_possible = True
    try:
        looking = visit.only_looking(visit.ledger.rules_of(case).workflow, _given(visit, kind))
        draft = _prepared(visit, looking, kind, case).draft
        context, doubted = draft.context, draft.doubted
    except QinglingError as error:
        if refused is None:
            reasons = list(reasons_of(error))
            is_possible = type(error) is not RefusedError  # nothing is typed yet, so nothing typed mends it
    inputs = [
        Input(
            name=each.name,
            title=str(each.title),
            kind="date" if each.type == "date" else "area",
            given=visit.asked.form.get(each.name, ()),
            required=each.needed is True and not context.get(each.name),
            current=_plain(context.get(each.name, "")),
            hint=str(_PARTED.get(each.split, "")),
        )
        for each in kind.values.values()
    ]
    by_title = {each.title.zh: each.name for each in kind.values.values()}
    reasons = [
        each if each.field else Reason.of(each.sentence, each.kind, field=by_title.get(each.sentence.zh))
        for each in reasons
    ]
    values = {
        "number": case.number,
        "about": title_of(visit, case),
        "kind": kind.name,
        "title": kind.title,
        "basis": kind.basis,
        "known": [(each.title, each.current) for each in inputs if each.current and not each.is_given],
        "inputs": [each for each in inputs if not each.current or each.is_given],
        "more": [each for each in inputs if each.current and not each.is_given],
        "doubted": doubted,
        "names": visit.asked.one(_NAMES),
        "no_names": visit.asked.one(_NO_NAMES),
        "said": said(reasons, [each.name for each in inputs]),
        "is_late": isinstance(refused, OvertakenError),
        "is_possible": is_possible,
        "insists": isinstance(refused, IdentitySeenError),
        "seen": case.revision,
    }
    return PageShown(template="letter.html", values=values, status=status)


def _plain(words: str | list[str]) -> str:
    """Return what a placeholder shows as one text; each of several ends as it does in the letter, in a line."""
    return words if isinstance(words, str) else "\n".join(words)
