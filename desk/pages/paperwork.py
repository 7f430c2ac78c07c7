"""Letters about a case: what one says as far as it is known, what it lacks, its sample, and its issue."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from desk.answers import Answer, FileToKeep, GoTo, PageShown
from desk.case_shown import title_of
from desk.fields import Input
from desk.steps import reasons_of, said
from desk.visit import Visit, whole_number
from documents.letters.draft import LetterDraft, drafted, places_of, read_given
from documents.letters.fill import filled, prove, template_of
from documents.letters.kinds import LetterKind, kinds
from engine.errors import BadFileError, BadValueError, NotFoundError, QinglingError, Reason, RefusedError
from engine.language import Text, t
from engine.operations.ledger.free_text import IdentitySeenError
from engine.operations.ledger.hand_clock import mark_of
from engine.operations.ledger.overtaken import OvertakenError
from engine.operations.letters.gather import LetterFacts, LetterRequest, gather
from engine.operations.letters.issue import issue, may_issue
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.whole_files import make_folder

_NAMES: Final = "_names"
"""Names of those reported that the letter must shorten, one in a line."""
_NO_NAMES: Final = "_no_names"
"""Words that are no names."""
_CAUGHT: Final = (BadValueError, BadFileError, RefusedError, OvertakenError)


def letters_for(visit: Visit, case: Case) -> list[tuple[str, Text]]:
    """Return the letters that the officer may issue about a case as it stands: name and title."""
    found = []
    for each in kinds().values():
        if not each.fits(case.workflow) or (each.states and case.state not in each.states):
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
    is_sample = bool(visit.asked.one("_sample"))
    mark = str(mark_of(visit.ledger) or "")
    try:
        template = template_of(kind, list(visit.settings.letter_folders))
        facts, draft = _drafted(visit, kind, case)
        if is_sample:
            number = f"{facts.code or '××'}{kind.series}〔{facts.today.year}〕　号（样稿）"
            content = filled(template, draft.context, number=number, mark=mark)
            return FileToKeep(name=f"{kind.title.zh}（样稿）.docx", content=content)
        _refuse_gaps(kind, facts, draft)
        folder = visit.files_folder
        make_folder(folder, mode=0o700)
        seen = whole_number(visit.asked.one("_seen"), least=1, most=999_999_999)
        given = {name: words for name, words in _given(visit, kind).items() if words}
        acting = visit.looked_through(as_seen=(case.number, seen), words={"words": "\n".join(given.values())})
        letter, _ = issue(
            acting,
            case,
            facts.letter,
            make=lambda number: filled(template, draft.context, number=number, mark=mark),
            folder=folder,
        )
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
    kind = kinds().get(visit.asked.path["kind"])
    if kind is None or not kind.fits(case.workflow):
        raise NotFoundError(Text("there is no such letter about this case", "本件没有这种文书"))
    return kind, case


def _given(visit: Visit, kind: LetterKind) -> dict[str, str]:
    """Return what was typed, by value."""
    return {name: visit.asked.one(name) for name in kind.values}


def _drafted(visit: Visit, kind: LetterKind, case: Case) -> tuple[LetterFacts, LetterDraft]:
    """Return what a letter shows, with what was typed before what is known.

    Raises:
        QinglingError: If it may not be issued, or a value cannot be.
    """
    request = LetterRequest(
        kind=kind.name,
        title=kind.title,
        series=kind.series,
        states=kind.states,
        by=kind.by,
        about=kind.about,
        number_field=kind.number_field,
        places=places_of(kind),
    )
    given = read_given(
        kind, {name: words for name, words in _given(visit, kind).items() if words}, today=visit.acting.today
    )
    facts = gather(visit.acting, case, request, given)
    shows = prove(template_of(kind, list(visit.settings.letter_folders)), kind)
    draft = drafted(
        kind,
        facts.found,
        facts.given,
        shows=shows,
        today=facts.today,
        names=visit.asked.one(_NAMES).split(),
        no_names=visit.asked.one(_NO_NAMES).split(),
    )
    return facts, draft


def _refuse_gaps(kind: LetterKind, facts: LetterFacts, draft: LetterDraft) -> None:
    """Refuse a letter that lacks something, or may name who must not be named.

    Raises:
        RefusedError: If so; all is named.
    """
    reasons = [*draft.missing, *draft.doubted]
    if not facts.code:
        reasons.insert(0, Text("who keeps the ledger has not set the house's code", "台账管理员尚未设置机关代字"))
    if reasons:
        title = Text(f"'{kind.title.en}' is not issued yet", f"“{kind.title.zh}”尚不能编发")
        raise RefusedError(title, reasons)


def _form(
    visit: Visit, kind: LetterKind, case: Case, *, refused: QinglingError | None, status: HTTPStatus
) -> PageShown:
    """Return the form of a letter: what is known stands there, what is not is asked for."""
    reasons = [] if refused is None or isinstance(refused, OvertakenError) else list(reasons_of(refused))
    context: Mapping[str, str | list[str]] = {}
    doubted: tuple[Text, ...] = ()
    try:
        _, draft = _drafted(visit, kind, case)
        context, doubted = draft.context, draft.doubted
    except QinglingError as error:
        if refused is None:
            reasons = list(reasons_of(error))
    inputs = [
        Input(
            name=each.name,
            title=str(each.title),
            kind="date" if each.type == "date" else "area",
            given=visit.asked.form.get(each.name, ()),
            required=each.needed is True and not context.get(each.name),
            current=_plain(context.get(each.name, "")),
        )
        for each in kind.values.values()
    ]
    by_title = {each.title.zh: each.name for each in kind.values.values()}
    reasons = [Reason.of(each.sentence, each.kind, field=by_title.get(each.sentence.zh)) for each in reasons]
    values = {
        "number": case.number,
        "about": title_of(visit, case),
        "kind": kind.name,
        "title": kind.title,
        "basis": kind.basis,
        "known": [(each.title, each.current) for each in inputs if each.current and not each.given],
        "inputs": [each for each in inputs if not each.current or each.given],
        "more": [each for each in inputs if each.current and not each.given],
        "doubted": doubted,
        "names": visit.asked.one(_NAMES),
        "no_names": visit.asked.one(_NO_NAMES),
        "said": said(reasons, [each.name for each in inputs]),
        "is_late": isinstance(refused, OvertakenError),
        "insists": isinstance(refused, IdentitySeenError),
        "seen": case.revision,
    }
    return PageShown(template="letter.html", values=values, status=status)


def _plain(words: str | list[str]) -> str:
    """Return what a placeholder shows as one text."""
    return words if isinstance(words, str) else t("; ", "；").join(words)
