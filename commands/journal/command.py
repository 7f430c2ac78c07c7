"""`qingling journal`: read what happened, verify that nothing of it was changed, and prove it to others."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.console.bilingual import argument, group, json_option, option, pass_app, verb
from commands.console.context import AppContext, instant_given, known_files_folder
from commands.console.names import CASE
from commands.console.output import print_json, print_json_rows, print_table_rows, say, talk
from commands.journal.verified import WhatHolds, talk_of_verdicts, talk_of_verified, verified_json
from commands.shared.journal_notes import read_note
from commands.shared.reading import case_read, may_do, viewing, write_down
from engine.errors import BadValueError, DatabaseError, NotAllowedError
from engine.journal.break_verdicts import JournalVerdict, verdict_of
from engine.journal.chain import Break, JournalEntry
from engine.language import Text, t
from engine.operations.ledger.ledger import Ledger
from engine.rules.reading_rights import Deed
from engine.workflow.model import Workflow
from presentation.access_view import access_json, access_lines
from presentation.case_view import clock_words, entry_words, when
from presentation.journal_verdicts import words_of
from presentation.json_view import entry_json

if TYPE_CHECKING:
    from engine.journal.checkpoint import Checkpoint
    from engine.operations.house.baseline import Baseline


@group(
    "journal",
    en="The journal: read it, verify it. What is changed or removed in it is found; docs/why.md says where that ends.",
    zh="日志：查看、校验。日志中的改动或删除可以查出，其限度见 docs/why.md。",
    example="qingling journal log 0101-XS-2019-0001",
)
def journal() -> None:
    """Hold the verbs of the journal."""


@verb(
    journal,
    "log",
    en="Print what happened, oldest first: with one case, or with all cases and the house.",
    zh="按时间先后输出日志：单件，或全部事项及内务。",
    example="qingling journal log --since 2019-07-01 --kind moved\nqingling journal log 0101-XS-2019-0001 --json",
)
@argument("number", type=CASE, required=False, en="Number of a case; all if left out.", zh="事项编号；不写则为全部。")
@option(
    "--kind", metavar="KIND", en="Only rows of this kind, such as moved or voided.", zh="只列该种类，如 moved、voided。"
)
@option("--since", metavar="INSTANT", en="Only from this day or instant on.", zh="只列该日或该时刻以后的。")
@json_option
@pass_app
def log(app: AppContext, number: str | None, kind: str | None, since: str | None, as_json: bool) -> None:
    """Print the rows."""
    from engine.operations.cases.lookup import log as operation

    _refuse_unknown(kind)
    begin = None if since is None else instant_given(since, where="--since", hour=0, zone=lambda: app.ledger.zone)
    if number is not None:
        ledger = case_read(app, Deed.JOURNAL, number, since=since, kind=kind)
        _print_log(ledger, operation(ledger, number, since=begin, kind=kind), as_json=as_json)
        return
    with viewing(app, Deed.JOURNAL, since=since, kind=kind) as view:
        view.shown(since=since, kind=kind)  # the rows are not known before they are printed
        rows = operation(view.ledger, since=begin, kind=kind)
        if view.limits is not None:
            rows = (each for each in rows if each.case)
        _print_log(view.ledger, rows, as_json=as_json)
        if not as_json:
            view.say_limits()


def _refuse_unknown(kind: str | None) -> None:
    """Refuse a kind that no row of the journal can have.

    Raises:
        BadValueError: If it is none.
    """
    from engine.journal.events import TYPES
    from engine.workflow.problems import did_you_mean

    if kind is not None and kind not in TYPES:
        sentence = Text("--kind: there is no kind '{kind}'{guess}; docs/journal.md lists them",
                        "--kind：没有种类“{kind}”{guess}；各种类见 docs/journal.md")  # fmt: skip
        raise BadValueError(sentence.format(kind=kind, guess=did_you_mean(kind, TYPES)))


def _print_log(ledger: Ledger, rows: Iterable[JournalEntry], *, as_json: bool) -> None:
    """Print rows of the journal."""
    if as_json:
        print_json_rows(entry_json(ledger, each) for each in rows)
        return
    workflows: dict[str, Workflow | None] = {}
    print_table_rows(
        (
            when(ledger, each.at),
            each.case or t("house", "内务"),
            str(ledger.naming.officer(each.by)),
            entry_words(ledger, _workflow(ledger, workflows, each), each) + clock_words(ledger, each),
        )
        for each in rows
    )


@verb(
    journal,
    "verify",
    en="Check the journal: that no row was changed, left out or put in; that cases, deadlines, reminders, sealed"
    " values, units, officers and roles are what it says; and that every step was allowed when it was taken. Once"
    " there is a checkpoint it reads what is newer and the cases that this touches; --tables reads all.",
    zh="校验日志：有无改动、缺失或插入；核对事项、期限、提醒、密封内容、单位、人员和角色与日志是否一致；并重新审查每一步办理时是否合规。"
    "已有检查点的，只核对其后的日志及所涉事项；--tables 全表核对。",
    example="qingling journal verify\nqingling journal verify --tables --against checkpoint.txt\n"
    "qingling journal verify --baseline ledger.baseline",
)
@option(
    "--tables",
    is_flag=True,
    en="Compare every row of every table, and write into the journal that it was done.",
    zh="全表核对，并将核对记入日志。",
)
@option(
    "--against",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    en="Compare with a checkpoint that was kept elsewhere as well; may be given several times. Reads all.",
    zh="另与保存在别处的检查点核对；可多次给出。全表核对。",
)
@option(
    "--code",
    "codes",
    metavar="CODE",
    multiple=True,
    en="Look up the short code that stands on a paper, and compare with its checkpoint; may be given several times.",
    zh="按文书上的核验码（短码）查找检查点并核对；可多次给出。全表核对。",
)
@option(
    "--baseline",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    en="Compare all tables, but judge again only what does not stand byte for byte as FILE says; then write FILE again."
    " Keep it where nobody who holds the ledger can change it.",
    zh="全表核对，但与基线文件逐字节一致的不再重新审查；核对后更新该文件。该文件应存放在台账管理人员无法改动之处。",
)
@json_option
@pass_app
def verify(
    app: AppContext,
    tables: bool,
    against: tuple[Path, ...],
    codes: tuple[str, ...],
    baseline: Path | None,
    as_json: bool,
) -> None:
    """Check the chains, checkpoints, and the attached files if their folder is known.

    Raises:
        DatabaseError: If any does not hold.
        NotAllowedError: If all holds, but something was not allowed when it was done.
    """
    from engine.journal.checkpoint import checkpoint_in
    from engine.operations.house.baseline import Baseline

    _may_verify(app)
    held = [checkpoint_in(read_note(each)) for each in against]
    kept = None if baseline is None else Baseline(baseline)
    found = _verified(app, held, codes, tables=tables, baseline=kept)
    if as_json:
        print_json(verified_json(found))
    else:
        for each in found.broken:
            say(words_of(each))
        talk_of_verdicts(found)
    if found.broken:
        raise _refusal(found.broken)
    if kept is not None:
        kept.keep()
    if tables and found.journal.saw_all and not found.journal.spared:
        from engine.operations.house.verifying import note_verified

        note_verified(app.acting, found.journal)
    talk_of_verified(app, found)


def _verified(
    app: AppContext,
    held: Sequence["Checkpoint"],
    codes: Sequence[str],
    *,
    tables: bool,
    baseline: "Baseline | None",
) -> WhatHolds:
    """Check the journal, the checkpoints kept here and those *held* elsewhere, and the attached files.

    Args:
        codes: Short codes of papers.
        baseline: What held before.
    """
    from commands.presentation.campaigns import campaigns_of
    from engine.operations.cases.attachments import verify_contents
    from engine.operations.figures.judged_sums import wrong_sums
    from engine.operations.house.checkpoints import compared, coverage, of_codes
    from engine.operations.house.verifying import of_schema, set_by_hand, verification
    from engine.operations.ledger.need_to_know import veiled

    named, unknown = of_codes(app.ledger, codes)
    found = verification(app.ledger, whole=tables or bool(held or codes or baseline), baseline=baseline)
    beside = (*compared(app.ledger, [*held, *named]), *unknown) if found.whole else ()
    if tables and not found.breaks:  # of a journal that does not hold nothing can be counted
        beside = (*beside, *wrong_sums(app.ledger, campaigns_of(app).measures_of))
    folder = known_files_folder(app.database)
    files, spoilt = (None, ()) if folder is None else verify_contents(app.ledger, folder)
    broken = (*found.breaks, *of_schema(app.ledger), *beside, *spoilt)
    if not app.reader.sees_everything:
        broken = tuple(each.replace(case=veiled(app.reader, each.case)) for each in broken)
    by_hand = set_by_hand(app.ledger) if found.whole else 0
    return WhatHolds(found, broken, coverage(app.ledger), by_hand=by_hand, files=files)


def _may_verify(app: AppContext) -> None:
    """Refuse who may not verify; where the list of roles that says so was altered, list what of the house was.

    Raises:
        QinglingError: As for `may_do`.
        DatabaseError: If the list of roles is not the one that was adopted.
    """
    from engine.operations.house.verifying import of_house

    try:
        may_do(app, Deed.VERIFY)
    except DatabaseError:
        # Nobody can be refused by a list that was altered; of the house alone nobody's case is shown.
        broken = of_house(app.ledger)
        for each in broken:
            say(words_of(each))
        if broken:
            raise _refusal(broken) from None
        raise


def _refusal(broken: Sequence[Break]) -> DatabaseError:
    """Return what verifying leaves with: another code if all holds, but something was not allowed."""
    if all(verdict_of(each) is JournalVerdict.LEGALITY for each in broken):
        return NotAllowedError(
            Text(
                f"the journal holds, but {len(broken)} entries were not allowed when they were made; call the auditor",
                f"日志完整，但有 {len(broken)} 处办理时不合规；请通知审计人员",
            )
        )
    return DatabaseError(
        Text(
            f"the journal does not hold in {len(broken)} places; keep this database as it is and call the auditor",
            f"日志有 {len(broken)} 处不符；请保留现场并通知审计人员",
        )
    )


@verb(
    journal,
    "access",
    en="Show who read, searched, exported or printed what, and what was refused, oldest first. Looking at it is "
    "written down as well. It takes a role that may, in all units.",
    zh="查看何人查阅、检索、导出、打印了什么，以及被拒绝的查阅，按先后排列。查看本身也会记录。须在全部单位具有相应权限的角色。",
    example="qingling journal access --since 2019-07-01 --refused",
)
@option("--of", "officer", metavar="OFFICER", en="Only by this officer.", zh="只列该人员的。")
@option("--case", "number", metavar="NUMBER", en="Only of the case with this number.", zh="只列该编号事项的。")
@option("--refused", is_flag=True, en="Only what was refused.", zh="只列被拒绝的。")
@option("--since", metavar="INSTANT", en="Only from this day or instant on.", zh="只列该日或该时刻以后的。")
@option(
    "--let-go",
    is_flag=True,
    en="First destroy what is older than roles.yaml says (access_log_years).",
    zh="先销毁超过 roles.yaml 所定年限（access_log_years）的记录。",
)
@json_option
@pass_app
def access(
    app: AppContext,
    officer: str | None,
    number: str | None,
    refused: bool,
    since: str | None,
    let_go: bool,
    as_json: bool,
) -> None:
    """Show the access log.

    Raises:
        DatabaseError: If it does not hold.
    """
    from contextlib import closing

    from engine.operations.ledger.need_to_know import broken_at, kept_since, log_of
    from engine.working_days.instants import microseconds

    asked: dict[str, object] = {"of": officer, "case": number, "refused": refused, "since": since}
    begin = None if since is None else instant_given(since, where="--since", hour=0, zone=lambda: app.ledger.zone)
    may_do(app, Deed.ACCESS, **asked)
    with closing(log_of(app.ledger)) as kept:
        gone = kept.let_go(before=kept_since(app.ledger, app.clock_now)) if let_go else None
        write_down(app, Deed.ACCESS, number or "", "shown", **asked, let_go=gone)
        rows = list(kept.rows())
    broken = broken_at(rows)
    first = 0 if begin is None else microseconds(begin)
    found = [
        each
        for each in rows
        if each.at >= first
        and officer in {None, each.officer}
        and number in {None, each.subject}
        and (not refused or each.answer == "refused")
    ]
    if as_json:
        print_json_rows(access_json(app.ledger, each) for each in found)
    else:
        print_table_rows(access_lines(app.ledger, found))
    if gone:
        talk(t("{n} rows past their term were destroyed", "已销毁超过年限的记录 {n} 行", n=gone))
    if broken is not None:
        raise DatabaseError(
            Text(
                f"the access log does not hold from row {broken} on; keep its file as it is and call the auditor",
                f"查阅记录自第 {broken} 行起不符；请保留现场并通知审计人员",
            )
        )


def _workflow(ledger: Ledger, known: dict[str, Workflow | None], entry: JournalEntry) -> Workflow | None:
    """Return the workflow of the case that a row is about; None for the house."""
    if entry.case not in known:
        known[entry.case] = ledger.rules_of(ledger.case(entry.case)).workflow if entry.case else None
    return known[entry.case]
