"""Papers that leave the house: each gets a number of its series, without gaps and never twice.

A number belongs to a paper once the journal of the case says so. Paper, number and journal row are
one commit: if the paper cannot be made or kept, the number was never given.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

from engine.errors import BadFileError, BadValueError, ConflictError, NotFoundError, RefusedError, system_reason
from engine.journal.case_events import LetterCopied, LetterIssued, ReminderSent
from engine.journal.chain import JournalEntry
from engine.journal.house_events import LetterheadChanged
from engine.language import Text
from engine.operations.cases.attachments import content_file, keeping
from engine.operations.cases.commit import write_entry
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.readers import is_blank
from engine.rules.refusals import refuse_the_dead
from engine.store import adopted_rows, case_rows, number_rows
from engine.store import house_rows as house
from engine.workflow.powers import Power
from engine.workflow.texts import TextKind
from engine.working_days.instants import local_day

PAPER = ".docx"

LETTERHEAD = ("letter_code", "letter_sender", "letter_contact", "letter_telephone", "letter_superior")
"""Settings of the house that its papers carry: 机关代字, 发文机关, 联系人, 联系电话, 上级机关."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterToIssue:
    """What is to be issued, as the engine sees it."""

    kind: str
    series: str
    """What stands before the year in its number, as in 示卫移."""
    by: tuple[str, ...]
    """Roles that may issue it, or officer fields of the case."""
    name: str
    """Under which it is kept with the case."""
    about: Mapping[str, object]
    """What it is about besides the case, such as a reminder; journaled, so never a sealed value."""
    number_field: str = ""
    """The field of the case that a step records its number in; empty if none does."""
    brings: Mapping[str, object] = field(default_factory=dict)
    """What was entered for fields of the case, in stored form; journaled, so never a sealed value."""
    made_from: tuple[tuple[str, str, int, str], ...] = ()
    """The adopted texts that it is made from: kind, name, version and digest of each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedLetter:
    """A paper that was issued."""

    kind: str
    number: str
    """Its document number, as in 示卫移〔2019〕1号."""
    digest: str
    """SHA-256 of its content."""
    seq: int
    """Of the journal row that issued it."""
    at: int
    """Microseconds since 1970 UTC."""
    by: str
    about: Mapping[str, object]


def issue(
    acting: Acting,
    case: Case,
    paper: LetterToIssue,
    *,
    make: Callable[[str], bytes],
    folder: Path,
    another: bool = False,
    reason: str = "",
) -> tuple[IssuedLetter, bytes]:
    """Give a paper the next number of its series, make it, keep it with the case and journal it.

    Args:
        case: As it was when the paper's values were read.
        make: Returns the paper for its number; called once, inside the commit.
        folder: Where contents are kept.
        another: A paper of this kind was issued before and a further one is wanted.
        reason: Why; required for a further one.

    Raises:
        RefusedError: If the officer may not, or the paper was issued before.
        ConflictError: If the case was changed since it was read, or another template adopted; no number was used.
        BadFileError: If the content cannot be kept; no number was used.
    """
    ledger = acting.ledger
    acting.refuse_overtaken(case)
    may_issue(acting, case, paper.by)
    _refuse_back_dating(acting, case)
    earlier = [each for each in issued(ledger, case) if (each.kind, each.about) == (paper.kind, paper.about)]
    if earlier and not another:
        raise RefusedError(
            Text(
                f"it was issued already: {earlier[-1].number}; print it again with --reissue,"
                " or issue one more, with a new number, with --another --reason …",
                f"该文书已编发：{earlier[-1].number}；重新打印请加 --reissue，"
                "确需另发一份（用新文号）请加 --another --reason …",
            )
        )
    if another and is_blank(reason):
        raise BadValueError(Text("say why there is one more (--reason)", "请写明另发一份的理由（--reason）"))
    series = f"{paper.series}〔{acting.today.year}〕"
    with ExitStack() as kept, ledger.store.begin():  # in this order: the content's mark goes after the commit
        _refuse_other_texts(ledger, paper)
        number = f"{series}{number_rows.next_serials(ledger.store, f'letter/{series}')}号"
        content = make(number)
        event = _issued(paper, number, content, reason)
        entry = acting.entry(case, event)
        write_entry(ledger, case, entry, fields=case.fields, seals={})
        case_rows.keep_attachment(ledger.store, case.id, entry.seq, event.digest, event.name, event.size)
        kept.enter_context(
            keeping(ledger, folder, content)
        )  # last: one who lost a race leaves no letter with a number never given
    return _letter(entry, event), content


def reissue(
    acting: Acting,
    case: Case,
    kind: str,
    *,
    roles: Sequence[str],
    number: str = "",
    folder: Path,
    reason: str,
    write: Callable[[bytes], object] = len,
) -> tuple[IssuedLetter, bytes]:
    """Return a paper as it was issued, with the number it has, and journal that it was printed again.

    Args:
        roles: Roles that may issue it, or officer fields of the case.
        number: Its document number; empty for the newest of its kind.
        write: Is given the content before anything is journaled; what it raises leaves no row.

    Raises:
        NotFoundError: If none was issued for this case.
        BadFileError: If its content is gone or was changed.
        BadValueError: If there is no reason.
        RefusedError: If the officer may not.
    """
    ledger = acting.ledger
    may_issue(acting, case, roles)
    if is_blank(reason):
        raise BadValueError(Text("say why it is printed again (--reason)", "请写明重新打印的理由（--reason）"))
    of_kind = [each for each in issued(ledger, case) if each.kind == kind]
    found = [each for each in of_kind if number in ("", each.number)]
    if of_kind and not found:
        numbers = [each.number for each in of_kind]
        raise NotFoundError(
            Text(
                f"{number} is no such letter of {case.number}; issued: {', '.join(numbers)}",
                f"{case.number} 没有文号为“{number}”的该文书；已编发：{'、'.join(numbers)}",
            )
        )
    if not found:
        raise NotFoundError(Text(f"no such letter was issued for {case.number} yet", f"{case.number} 尚未编发过该文书"))
    letter = found[-1]
    file = content_file(folder, letter.digest)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadFileError(
            Text(
                f"the kept copy {file} cannot be read ({system_reason(error).en})",
                f"无法读取留存件 {file}（{system_reason(error).zh}）",
            )
        ) from error
    if sha256(content).hexdigest() != letter.digest:
        raise BadFileError(Text(f"the kept copy {file} was changed", f"留存件 {file} 已被改动"))
    event = LetterCopied(letter=kind, letter_number=letter.number, digest=letter.digest, reason=reason.strip())
    with ledger.store.begin():
        write(content)
        entry = acting.entry(case, event)
        write_entry(ledger, case, entry, fields=case.fields, seals={})
    return letter, content


def issued(ledger: Ledger, case: Case) -> tuple[IssuedLetter, ...]:
    """Return the papers that were issued for a case, oldest first."""
    rows = case_rows.entries(ledger.store, case.id)
    return tuple(_letter(each, LetterIssued.read(each.body)) for each in rows if each.kind == LetterIssued.kind)


def awaited(ledger: Ledger, case: Case) -> tuple[tuple[JournalEntry, ReminderSent], ...]:
    """Return the reminders that ask for a paper, with their rows, oldest first.

    A paper that answers a later reminder of the same deadline answers the earlier ones too.
    """
    done = [(each.about.get("deadline"), each.about.get("reminder")) for each in issued(ledger, case)]
    found = []
    for each in case_rows.entries(ledger.store, case.id):
        if each.kind != ReminderSent.kind:
            continue
        sent = ReminderSent.read(each.body)
        later = any(name == sent.deadline and isinstance(seq, int) and seq >= each.seq for name, seq in done)
        if sent.paper and not later:
            found.append((each, sent))
    return tuple(found)


def _issued(paper: LetterToIssue, number: str, content: bytes, reason: str) -> LetterIssued:
    """Return what the journal says of a paper that is issued."""
    return LetterIssued(
        letter=paper.kind,
        letter_number=number,
        digest=sha256(content).hexdigest(),
        name=paper.name.format(number=number) + PAPER,
        size=len(content),
        about=dict(paper.about),
        reason=reason.strip() or None,
        brings={**paper.brings, paper.number_field: number} if paper.number_field else {},
        made_from=paper.made_from,
    )


def _refuse_other_texts(ledger: Ledger, paper: LetterToIssue) -> None:
    """Refuse a paper that was made ready from texts that are no longer those in force; inside `begin`.

    Raises:
        ConflictError: If so.
    """
    for kind, name, version, _ in paper.made_from:
        if adopted_rows.newest(ledger.store, kind).get(name) != version:
            raise ConflictError(
                Text(
                    f"another {TextKind(kind).says.en} {name} was adopted just now; nothing was written, look again",
                    f"刚刚采用了新的{TextKind(kind).says.zh} {name}；本次未写入任何内容，请重新查看",
                )
            )


def _refuse_back_dating(acting: Acting, case: Case) -> None:
    """Refuse a paper dated before the last day on which something happened to its case."""
    last, today = local_day(case.changed_at, acting.ledger.zone), acting.today
    if today < last:
        raise RefusedError(
            Text(
                f"a letter of {today} would be older than what it tells of ({case.number} changed on {last})",
                f"{case.number} 于 {last} 还有变动，不能编发日期为 {today} 的文书",
            )
        )


def may_issue(acting: Acting, case: Case, roles: Sequence[str]) -> None:
    """Refuse officers who may not issue a paper, and cases that are void or repeat another.

    Raises:
        RefusedError: If so.
    """
    refuse_the_dead(case)
    actor = acting.actor(case.unit_id)
    if not actor.roles & set(roles) and not any(_named(case.fields.get(each), acting.by) for each in roles):
        naming, declared = acting.ledger.naming, acting.ledger.rules_of(case).workflow.fields
        called = [declared[each].title if each in declared else naming.role(each) for each in roles]
        raise RefusedError(
            Text("{who} may not issue it: that is for {roles}", "{who}无权编发该文书：限{roles}办理").format(
                who=naming.officer(acting.by),
                roles=Text(", ".join(e.en for e in called), "、".join(e.zh for e in called)),
            )
        )


def change_letterhead(acting: Acting, values: Mapping[str, str]) -> None:
    """Write what the house's papers carry; an empty value takes one away.

    Raises:
        RefusedError: If the officer does not keep the ledger.
        BadValueError: If a code is not one.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.KEEP_LEDGER)
    refuse_bad_code(values.get("letter_code", "").strip())
    if "letter_telephone" in values:  # typed in full width, its digits would stand apart on every paper
        values = {**values, "letter_telephone": normalize("NFKC", values["letter_telephone"])}
    with ledger.store.begin():
        for name in LETTERHEAD:
            if name in values:
                house.put_setting(ledger.store, name, values[name].strip())
        acting.note_in_house(LetterheadChanged(set=dict(values)))
    ledger.forget()


def refuse_bad_code(code: str) -> None:
    """Refuse what cannot stand before the year in a document number.

    Raises:
        BadValueError: If so.
    """
    if len(code) > 20 or any(each in "〔〕[]（）()" or each.isspace() or not each.isprintable() for each in code):
        raise BadValueError(
            Text(
                f"'{code}' is no code for letters: at most 20 characters, no blanks, no brackets",
                f"“{code}”不能作机关代字：最多 20 个字符，不含空格和括号",
            )
        )


def _letter(entry: JournalEntry, event: LetterIssued) -> IssuedLetter:
    """Return the paper that a journal row tells of."""
    return IssuedLetter(
        kind=event.letter,
        number=event.letter_number,
        digest=event.digest,
        seq=entry.seq,
        at=entry.at,
        by=entry.by,
        about=event.about,
    )


def _named(value: object, code: str) -> bool:
    """Say whether an officer field holds that code."""
    return value == code or (isinstance(value, Collection) and not isinstance(value, str) and code in value)
