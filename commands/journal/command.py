"""`qingling journal`: read what happened, verify that nothing of it was changed, and prove it to others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from commands.console.bilingual import argument, group, json_option, option, pass_app, verb
from commands.console.context import AppContext, instant_given, known_files_folder
from commands.console.environment import FILES
from commands.console.names import CASE
from commands.console.output import print_json, print_json_rows, print_table_rows, say, talk
from commands.presentation.access_view import access_json, access_line
from commands.presentation.case_view import clock_words, entry_json, entry_words, when
from commands.shared.journal_notes import coverage_words, read_note
from commands.shared.reading import case_read, may_do, viewing, write_down
from engine.errors import DatabaseError
from engine.journal.chain import Break, JournalEntry
from engine.language import Text, t
from engine.operations.ledger.ledger import Ledger
from engine.rules.reading_rights import Deed
from engine.workflow.model import Workflow
from engine.workflow.proofs import Proof

if TYPE_CHECKING:
    from engine.journal.checkpoint import Checkpoint
    from engine.operations.house.checkpoints import Coverage

WHAT = {
    "changed": Text("was changed", "被改动"),
    "missing": Text("is missing", "缺失"),
    "newer": Text(
        "the rows up to it were written by a newer version; verify them with that one",
        "截至该行的日志由更新的版本写入，请用新版校验",
    ),
    "misplaced": Text("is not the one that the case ends with", "与事项记录的末行不符"),
    "state": Text("does not say the state that the case has", "与事项现状不符"),
    "fields": Text("the values of the case are not those of its journal", "事项内容与日志不符"),
    "unit": Text("the case stands under another unit than its journal says", "事项所属单位与日志不符"),
    "dated_on": Text("the day of receipt is not that of the journal", "收到日期与日志不符"),
    "opened_at": Text("the instant of registration is not that of the journal", "登记时刻与日志不符"),
    "changed_at": Text("the instant of the last change is not that of the journal", "最后更改时刻与日志不符"),
    "workflow": Text("the workflow or its version is not that of the journal", "流程或其版本与日志不符"),
    "parent": Text("the case that opened it is not that of the journal", "上级事项与日志不符"),
    "first": Text("the case that it repeats is not that of the journal", "重复件关联与日志不符"),
    "import_key": Text("the key of its ledger row is not that of the journal", "台账行标识与日志不符"),
    "deadlines": Text("its deadlines are not those of the journal", "期限与日志不符"),
    "sealed_to": Text(
        "it is sealed to a key that is not the custodian's; who swapped it can read it",
        "密封所用密钥不是保管人的密钥，可能被调换",
    ),
    "sealed": Text("what is sealed is not what the journal says was sealed", "密封内容与日志不符"),
    "content changed": Text("the file kept is not the one that was attached", "留存的附件与当初所附的不符"),
    "content missing": Text("the file kept is gone or cannot be read", "留存的附件已缺失或无法读取"),
    "attachments": Text("its files are not those of the journal", "附件与日志不符"),
    "questions": Text("the questions about it are not those of the journal", "待核对问题与日志不符"),
    "units": Text("a unit is not as the journal says", "单位与日志不符"),
    "officers": Text("an officer is not as the journal says", "人员与日志不符"),
    "settings": Text("a setting is not as the journal says", "设置与日志不符"),
    "grants": Text("a role was given or taken that the journal knows nothing of", "角色授予与日志不符"),
    "declaration": Text("a kept workflow is not the one that was adopted", "留存流程与所采用的不符"),
    "adopted": Text("a text is not the one that the journal says was adopted", "现行文本与日志所载采用的文本不符"),
    "not adopted": Text("the version of its workflow was never adopted", "所用流程版本未经采用"),
    "counter": Text("is not a number that was given by the counter of its series", "编号不在该序列已用范围内"),
    "gone": Text("the number was given, but there is no such case any more", "编号已使用，但事项不在"),
    "no case": Text("belongs to no case that is there", "无对应事项"),
    "too little": Text(
        "is known by less than was demanded then: written past the program", "身份凭据低于当时的要求：绕过本程序写入"
    ),
    "claim": Text(
        "says that its officer was known by what they were not known by then",
        "所称的身份凭据当时并不存在或不属于该人员",
    ),
    "signature": Text("is not signed by the key that it names", "签名与所称密钥不符，或缺失"),
    "credential": Text("what an officer is known by is not what the journal says", "人员的身份凭据与日志不符"),
    "another root": Text(
        "the entries that a checkpoint covers are not those that it was made of: rewritten, or put elsewhere",
        "检查点涵盖的日志与当初不一致：被改写或移位",
    ),
    "fewer": Text(
        "a checkpoint covers more entries than there are: some are gone, or an old backup lies in the ledger's place",
        "检查点涵盖的行数多于现有行数：日志有缺失，或被换成旧备份",
    ),
    "lost": Text(
        "entries that a checkpoint covers were lost when a backup was restored, as the journal tells",
        "检查点涵盖的部分日志在恢复备份时丢失（日志有记载）",
    ),
    "another journal": Text("a checkpoint is of another journal", "检查点属于另一日志"),
}


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
    en="Check every row of the journal: that none was changed, left out or put in; and that cases, deadlines, sealed"
    " values, units, officers and roles are what it says, and the attached files what was attached.",
    zh="校验全部日志：有无改动、缺失或插入；并核对事项、期限、密封内容、单位、人员和角色与日志是否一致，附件是否为当初所附。",
    example="qingling journal verify\nqingling journal verify --against checkpoint.txt",
)
@option(
    "--against",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    en="Compare with a checkpoint that was kept elsewhere as well; may be given several times.",
    zh="另与保存在别处的检查点核对；可多次给出。",
)
@json_option
@pass_app
def verify(app: AppContext, against: tuple[Path, ...], as_json: bool) -> None:
    """Check the chains, checkpoints, and the attached files if their folder is known.

    Raises:
        DatabaseError: If any does not hold.
    """
    from engine.journal.checkpoint import checkpoint_in

    may_do(app, Deed.VERIFY)
    found = _verified(app, [checkpoint_in(read_note(each)) for each in against])
    if as_json:
        print_json(_verified_json(found))
    else:
        for each in found.broken:
            say(_words(each))
    if found.broken:
        count = len(found.broken)
        raise DatabaseError(
            Text(
                f"the journal does not hold in {count} places; keep this database as it is and call the auditor",
                f"日志有 {count} 处不符；请保留现场并通知审计人员",
            )
        )
    _talk_of_verified(app, found)


class _Verified(NamedTuple):
    """What was checked, and what of it does not hold."""

    checked: int
    """Rows of the journal."""
    broken: tuple[Break, ...]
    covered: "Coverage"
    by_hand: int
    """Rows that are dated by a clock set by hand."""
    files: int | None
    """Attached files that were looked at; None if their folder is not known."""
    known_by: Mapping[str, int]
    """How many rows show what of their officer."""


def _verified(app: AppContext, held: Sequence["Checkpoint"]) -> _Verified:
    """Check the journal, the checkpoints kept here and those *held* elsewhere, and the attached files."""
    from engine.operations.cases.attachments import verify_contents
    from engine.operations.house.checkpoints import compared, coverage
    from engine.operations.house.verifying import set_by_hand, verify

    counts = Counter[str]()
    checked, broken = verify(app.ledger, counts=counts)
    beside = compared(app.ledger, held)
    folder = known_files_folder(app.database)
    files, spoilt = (None, ()) if folder is None else verify_contents(app.ledger, folder)
    return _Verified(
        checked,
        (*broken, *beside, *spoilt),
        coverage(app.ledger),
        by_hand=set_by_hand(app.ledger),
        files=files,
        known_by=counts,
    )


def _verified_json(found: _Verified) -> dict[str, object]:
    """Return what was checked as JSON can hold it."""
    covered = found.covered
    return {
        "checked": found.checked,
        "clock_set_by_hand": found.by_hand,
        "known_by": dict(sorted(found.known_by.items())),
        "files": found.files,
        "covered": covered.covered,
        "co_signed": covered.co_signed,
        "not_covered": covered.entries - covered.covered,
        "checkpoint": covered.code or None,
        "breaks": [
            {"case": each.case or None, "seq": each.seq, "what": each.what, "which": each.which or None}
            for each in found.broken
        ],
    }


def _talk_of_verified(app: AppContext, found: _Verified) -> None:
    """Say that all holds, and how far that goes."""
    talk(t("{checked} rows checked: the journal holds", "已校验 {checked} 行：日志完整", checked=found.checked))
    if not app.ledger.is_rehearsal:
        talk(t("their officers are known by: {counts}", "其人员身份凭据：{counts}", counts=_counted(found.known_by)))
    talk(coverage_words(app.ledger, found.covered))
    if found.by_hand and not app.ledger.is_rehearsal:
        talk(
            t(
                "{n} rows are dated by a clock set by hand; see: qingling journal log",
                "其中 {n} 行的时间系手工设定；请查看：qingling journal log",
                n=found.by_hand,
            )
        )
    if found.files:
        talk(
            t("{files} attached files are as they were attached", "附件 {files} 个，均与所附时一致", files=found.files)
        )
    if found.files is None:
        talk(
            t(
                "attached files were not looked at: set {variable} to their folder",
                "未核对附件：请设置 {variable}，指明附件文件夹",
                variable=FILES,
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
        print_table_rows(access_line(app.ledger, each) for each in found)
    if gone:
        talk(t("{n} rows past their term were destroyed", "已销毁超过年限的记录 {n} 行", n=gone))
    if broken is not None:
        raise DatabaseError(
            Text(
                f"the access log does not hold from row {broken} on; keep its file as it is and call the auditor",
                f"查阅记录自第 {broken} 行起不符；请保留现场并通知审计人员",
            )
        )


def _counted(counts: Mapping[str, int]) -> str:
    """Return how many rows are known by what, the strongest first."""
    titles = {each.word: each.title for each in reversed(Proof)} | {"program": Text("the program itself", "程序自身")}
    shown = (f"{title} {counts[word]}" for word, title in titles.items() if counts.get(word))
    return t(", ", "、").join(shown)


def _workflow(ledger: Ledger, known: dict[str, Workflow | None], entry: JournalEntry) -> Workflow | None:
    """Return the workflow of the case that a row is about; None for the house."""
    if entry.case not in known:
        known[entry.case] = ledger.rules_of(ledger.case(entry.case)).workflow if entry.case else None
    return known[entry.case]


def _words(each: Break) -> str:
    """Return what is wrong, and where."""
    case, what = each.case or t("house", "内务"), str(WHAT.get(each.what, each.what))
    if each.which:
        what += t(" ({which})", "（{which}）", which=each.which)
    if not each.seq:
        return t("{case}: {what}", "{case}：{what}", case=case, what=what)
    return t("{case}, row {seq}: {what}", "{case} 第 {seq} 行：{what}", case=case, seq=each.seq, what=what)
