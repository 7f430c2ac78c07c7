"""`qingling journal`: read what happened, and verify that nothing of it was changed."""

from commands.console.bilingual import argument, group, json_option, option, pass_app, verb
from commands.console.context import AppContext, instant_given, known_files_folder
from commands.console.environment import FILES
from commands.console.names import CASE
from commands.console.output import print_json, print_json_rows, print_table_rows, say, talk
from commands.presentation.case_view import clock_words, entry_json, entry_words, when
from engine.errors import DatabaseError
from engine.journal.chain import Break, JournalEntry
from engine.language import Text, t
from engine.operations.ledger.ledger import Ledger
from engine.workflow.model import Workflow

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
    "sealed": Text("what is sealed is not what the journal says was sealed", "密封内容与日志不符"),
    "content changed": Text("the file kept is not the one that was attached", "留存的附件与当初所附的不符"),
    "content missing": Text("the file kept is gone or cannot be read", "留存的附件已缺失或无法读取"),
    "attachments": Text("its files are not those of the journal", "附件与日志不符"),
    "questions": Text("the questions about it are not those of the journal", "待核对问题与日志不符"),
    "units": Text("a unit is not as the journal says", "单位与日志不符"),
    "officers": Text("an officer is not as the journal says", "人员与日志不符"),
    "settings": Text("a setting is not as the journal says", "设置与日志不符"),
    "grants": Text("a role was given or taken that the journal knows nothing of", "角色授予与日志不符"),
    "declaration": Text("a kept workflow is not what its digest says", "留存流程与其摘要不符"),
    "counter": Text("is not a number that was given by the counter of its series", "编号不在该序列已用范围内"),
    "gone": Text("the number was given, but there is no such case any more", "编号已使用，但事项不在"),
    "no case": Text("belongs to no case that is there", "无对应事项"),
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

    ledger = app.ledger
    begin = None if since is None else instant_given(since, where="--since", hour=0, zone=lambda: app.ledger.zone)
    rows = operation(ledger, number, since=begin, kind=kind)
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
    example="qingling journal verify",
)
@json_option
@pass_app
def verify(app: AppContext, as_json: bool) -> None:
    """Check the chains, and the attached files if their folder is known.

    Raises:
        DatabaseError: If any does not hold.
    """
    from engine.operations.cases.attachments import verify_contents
    from engine.operations.house.verifying import set_by_hand
    from engine.operations.house.verifying import verify as operation

    checked, broken = operation(app.ledger)
    by_hand = set_by_hand(app.ledger)
    folder = known_files_folder(app.database)
    files, spoilt = (0, ()) if folder is None else verify_contents(app.ledger, folder)
    broken += spoilt
    if as_json:
        print_json(
            {
                "checked": checked,
                "clock_set_by_hand": by_hand,
                "files": None if folder is None else files,
                "breaks": [
                    {"case": b.case or None, "seq": b.seq, "what": b.what, "which": b.which or None} for b in broken
                ],
            }
        )
    else:
        for each in broken:
            say(_words(each))
    if broken:
        raise DatabaseError(
            Text(
                f"the journal does not hold in {len(broken)} places; keep this database as it is and call the auditor",
                f"日志有 {len(broken)} 处不符；请保留现场并通知审计人员",
            )
        )
    talk(t("{checked} rows checked: the journal holds", "已校验 {checked} 行：日志完整", checked=checked))
    if by_hand and not app.ledger.is_rehearsal:
        talk(
            t(
                "{n} rows are dated by a clock set by hand; see: qingling journal log",
                "其中 {n} 行的时间系手工设定；请查看：qingling journal log",
                n=by_hand,
            )
        )
    if files:
        talk(t("{files} attached files are as they were attached", "附件 {files} 个，均与所附时一致", files=files))
    if folder is None:
        talk(
            t(
                "attached files were not looked at: set {variable} to their folder",
                "未核对附件：请设置 {variable}，指明附件文件夹",
                variable=FILES,
            )
        )


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
