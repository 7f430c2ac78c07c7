"""What verifying found, in words and for scripts: each verdict by itself."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.journal.break_verdicts import JournalVerdict, verdict_of
from engine.journal.chain import Break
from engine.language import Text, t

if TYPE_CHECKING:
    from engine.operations.house.verifying import Verification

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
    "rung": Text("the next reminder of a deadline is not the one that follows in the journal", "下一次提醒与日志不符"),
    "shape": Text("what it is counted by is not what its values and terms say", "统计所依据的特征与内容和期限不符"),
    "ended_at": Text("a deadline did not end when the journal says", "期限的终了时刻与日志不符"),
    "next_at": Text("a deadline would not remind when it is due", "期限不会在应提醒时提醒"),
    "pauses": Text("a deadline stood still at other times than the journal says", "期限暂停时间与日志不符"),
    "reminders": Text("its reminders are not those of the journal", "提醒记录与日志不符"),
    "outbox": Text("a message about a reminder that the journal tells is gone", "日志所载提醒的消息已缺失"),
    "own_days": Text("the own days of a unit are not those of the journal", "单位自定工作日与日志不符"),
    "contact": Text("an officer is reached otherwise than the journal says", "人员联系方式与日志不符"),
    "schema": Text("the tables are not those that the program makes", "数据表结构与本程序所建不符"),
    "house head": Text(
        "the house's journal does not end where it is kept to end: its newest rows are gone or were rewritten",
        "内务日志末行与留存不符：最新若干行缺失或被改写",
    ),
    "another house": Text(
        "it was written under a row of the house's journal that is not there as it was", "所依据的内务日志行与现存不符"
    ),
    "count": Text("it counts otherwise than by the rules", "办结认定与规则不符"),
    "not allowed": Text("it was not allowed when it was done", "办理时不合规"),
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
    "log-in": Text("a log-in is not as the journal says", "登录记录与日志不符"),
    "named": Text(
        "an officer whom it names is not kept beside it, or one whom it never named is", "人员索引与其内容不符"
    ),
    "unsent": Text("a message is marked as sent, but not by the program", "消息标为已发送，但不是本程序所标"),
    "stray": Text("a row of a table belongs to nothing that is there", "数据表中有一行无所归属"),
    "kept sum": Text(
        "a sum that is kept for reports is not what its cases come to: reports take it as it stands",
        "留存的合计与其事项不符，报告会采用该合计",
    ),
    "checkpoint": Text("a checkpoint that is kept was altered", "留存的检查点被改动"),
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
    "database roles": Text(
        "roles, rights or policies of the database are not those that `qingling database roles --apply` made",
        "数据库的角色、权限或行级策略与 qingling database roles --apply 所建不一致",
    ),
    "another journal": Text("a checkpoint is of another journal", "检查点属于另一日志"),
    "unknown code": Text(
        "no checkpoint of that code is kept: the paper is of another ledger, or the checkpoint was taken away",
        "未留存该核验码的检查点：文书属于另一台账，或检查点已被移除",
    ),
}


def words_of(each: Break) -> str:
    """Return what is wrong, and where."""
    case, what = each.case or t("house", "内务"), str(WHAT.get(each.what, each.what))
    if each.which:
        what += t(" ({which})", "（{which}）", which=each.which)
    if not each.seq:
        return t("{case}: {what}", "{case}：{what}", case=case, what=what)
    return t("{case}, row {seq}: {what}", "{case} 第 {seq} 行：{what}", case=case, seq=each.seq, what=what)


def by_verdict(broken: Sequence[Break], found: "Verification") -> dict[str, dict[str, object]]:
    """Return each verdict for scripts: whether it holds (None if nobody could see), in how many places it does not."""
    counted = Counter(map(verdict_of, broken))
    return {each.value: {"holds": _holds(each, counted, found), "breaks": counted[each]} for each in JournalVerdict}


def _holds(verdict: JournalVerdict, counted: Counter[JournalVerdict], found: "Verification") -> bool | None:
    """Say whether a verdict holds; None if that nothing is missing cannot be said, for not everything was seen."""
    if verdict is JournalVerdict.COMPLETENESS and not found.saw_all and not counted[verdict]:
        return None
    return not counted[verdict]


def verdict_lines(broken: Sequence[Break], found: "Verification") -> list[str]:
    """Return what each verdict is, in one line, and how much was looked at, in another."""
    counted = Counter(map(verdict_of, broken))
    words = {
        True: Text("{what} holds", "{what}成立"),
        False: Text("{what} does not hold in {n}", "{what}有 {n} 处不符"),
        None: Text("{what} was not looked at", "{what}未核对"),
    }
    said = [str(words[_holds(each, counted, found)].format(what=each.says, n=counted[each])) for each in JournalVerdict]
    judged = t(
        "{judged} steps judged again as a whole, {part} in part (they look at other cases, or are older)",
        "重新审查办理步骤 {judged} 步；另有 {part} 步因涉及他件或由旧版写入，仅审查人员和状态",
        judged=found.judged,
        part=found.in_part,
    )
    return [t("; ", "；").join(said), judged]
