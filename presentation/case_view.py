"""Cases and journal rows in words; asks the ledger, changes nothing."""

from collections.abc import Iterable, Mapping
from functools import cache
from string import Formatter
from typing import Final

from engine.errors import BadValueError, NotFoundError
from engine.journal import case_events as happened
from engine.journal import house_events as in_house
from engine.journal import reading_events as about_reading
from engine.journal import receipt_events as about_receipts
from engine.journal.case_events import CaseAmended, CaseEvent, LegacyEntered, StepTaken
from engine.journal.chain import JournalEntry
from engine.journal.event import SEALED, Event
from engine.journal.events import legible
from engine.journal.migration_events import CaseMigrated, MigrationPlanned
from engine.language import Text, t
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import veiled
from engine.operations.ledger.older_versions import declared_then, older_states
from engine.rules.case import Count
from engine.rules.naming import Naming
from engine.rules.questions import asked_title
from engine.rules.values import shown
from engine.workflow.model import Workflow
from engine.workflow.powers import PROGRAM, PROGRAM_TITLE
from engine.workflow.problems import did_you_mean
from engine.workflow.registry import Workflows
from engine.working_days.instants import local_time
from presentation.deadline_view import cancelled_words, happening
from presentation.exported_words import said_in_chinese
from presentation.plain_words import harmless
from presentation.signature_view import SIGNATURE_CALLED, SIGNATURE_KINDS

COUNTS = {
    Count.OPEN: Text("open", "未办结"),
    Count.CLEARED: Text("cleared", "本单位办结"),
    Count.FULLY_CLOSED: Text("fully closed", "闭环销号"),
    Count.VOID: Text("void", "已作废"),
    Count.REPEATS: Text("repeats another", "重复件"),
}
"""How a case counts, in words."""

_PROGRAMS_REASONS: Final[Mapping[str, Text]] = {
    "import": Text("import", "按再次导入的台账"),
    "recounted": Text(
        "counted again by the rules, since a ledger's row counted it by the state before",
        "台账所记状态曾按原状态认定办结，现按规则重新认定",
    ),
}
"""What the program itself writes as the reason of a row, in words."""

KINDS = {
    happened.CaseOpened.kind: Text("registered", "登记"),
    happened.LegacyEntered.kind: Text("taken over from a ledger", "由旧台账转入"),
    happened.RowKept.kind: Text("a ledger's row kept", "留存台账原行"),
    happened.QuestionClosed.kind: Text("question closed", "核对完毕，维持原样"),
    happened.StepTaken.kind: Text("moved", "办理"),
    happened.CaseAmended.kind: Text("amended", "更正"),
    happened.CaseHandedOver.kind: Text("handed over from unit {was_unit} to {unit}", "由单位 {was_unit} 移交 {unit}"),
    CaseMigrated.kind: Text(
        "moved from version {was_version} to {version} of its workflow",
        "由流程第 {was_version} 版迁移到第 {version} 版",
    ),
    happened.NoteWritten.kind: Text("note", "备注"),
    happened.FileAttached.kind: Text("file", "附件"),
    about_reading.CaseRestricted.kind: Text("restricted to named readers", "限制查阅"),
    about_reading.SealsDestroyed.kind: Text("sealed parts destroyed after their term", "密封内容到期销毁"),
    in_house.DestructionProposed.kind: Text("destruction of sealed parts proposed", "提出销毁到期密封内容"),
    about_receipts.ReceiptGiven.kind: Text("code given to the reporter", "给出查询码"),
    about_receipts.ReceiptAnswered.kind: Text("answered by the code", "凭查询码答复"),
    about_reading.RestrictionLifted.kind: Text("restriction lifted", "解除限制查阅"),
    happened.CaseVoided.kind: Text("voided", "作废"),
    happened.CaseUnlinked.kind: Text("repeats {first} no more", "取消与 {first} 的重复关联"),
    happened.CaseUnrepeated.kind: Text("{repeat} repeats it no more", "{repeat} 不再是本件的重复件"),
    happened.CaseLinked.kind: Text("linked as a repeat of {first}", "关联为 {first} 的重复件"),
    happened.CaseRepeated.kind: Text("repeated by {repeat}", "重复件 {repeat} 关联到本件"),
    happened.ChildMoved.kind: Text("{child} is now {state}", "{child} 转为 {state}"),
    happened.ChildrenOpened.kind: Text("opened under it: {opened}", "在本件下登记：{opened}"),
    happened.LetterIssued.kind: Text("letter {letter_number} issued", "编发文书 {letter_number}"),
    happened.LetterCopied.kind: Text("letter {letter_number} printed again", "重新打印文书 {letter_number}"),
    in_house.LetterheadChanged.kind: Text("letterhead changed", "更改文书抬头"),
    happened.OpeningAsked.kind: Text("opening of the seal asked for", "申请启封"),
    happened.OpeningAgreed.kind: Text("opening of the seal agreed to", "同意启封"),
    happened.SealOpened.kind: Text("seal opened", "启封"),
    happened.SealsRenewed.kind: Text("sealed again to another key", "改用新密钥重新密封"),
    happened.OpeningRefused.kind: Text("opening of the seal refused", "申请启封未准"),
    in_house.HandClockAllowed.kind: Text("clock set by hand allowed for a time", "批准限期内手工设定时间"),
    in_house.HandClockForbidden.kind: Text("clock set by hand allowed no more", "不再允许手工设定时间"),
    in_house.RestrictionsChanged.kind: Text("restricted cases changed", "调整限制查阅的事项"),
    in_house.HouseSetUp.kind: Text("house set up: {name}", "初始化：{name}"),
    in_house.StatementFrozen.kind: Text("statement of {name} frozen", "封存 {name} 核对结果"),
    in_house.CustodianReplaced.kind: Text("custodian's key replaced", "更换保管人密钥"),
    in_house.EscrowMade.kind: Text("custodian's key parted for escrow", "托管保管人密钥"),
    in_house.UnitAdded.kind: Text("unit {code} {name} added", "新增单位 {code} {name}"),
    in_house.UnitRenamed.kind: Text("unit {code}: {was} is now {name}", "单位 {code} 由 {was} 更名为 {name}"),
    in_house.UnitTyped.kind: Text("unit {code} is of type {type}", "单位 {code} 类型为 {type}"),
    in_house.UnitClosed.kind: Text("unit {code} closed", "停用单位 {code}"),
    in_house.OfficerAdded.kind: Text("officer {code} {name} added", "新增人员 {code} {name}"),
    in_house.OfficerRenamed.kind: Text("officer {code}: {was} is now {name}", "人员 {code} 由 {was} 更名为 {name}"),
    in_house.OfficerReturned.kind: Text("officer {code} returned", "人员 {code} 返任"),
    in_house.OfficerLeft.kind: Text("officer {code} left", "人员 {code} 离任"),
    in_house.ContactChanged.kind: Text("contact of {code} changed", "更改 {code} 的联系方式"),
    in_house.RoleGranted.kind: Text("{role} given to {code}", "授予 {code} 角色 {role}"),
    in_house.LedgerExported.kind: Text("exported: {what}, {count} in all", "导出：{what}，共 {count} 条"),
    in_house.RoleRevoked.kind: Text("{role} taken from {code}", "收回 {code} 的角色 {role}"),
    in_house.LedgerBackedUp.kind: Text("backed up", "备份台账"),
    in_house.DatabaseRolesMade.kind: Text("roles of the database made", "建立数据库角色"),
    in_house.BackupKeysDeclared.kind: Text("keys of backups declared", "指定备份加密公钥"),
    in_house.LedgerRestored.kind: Text("made from a backup of {cases} cases", "由备份恢复，共 {cases} 件"),
    in_house.LedgerVerified.kind: Text("all tables compared with the journal: they hold", "已全表核对日志：相符"),
    in_house.OriginBegun.kind: Text("checkpoints signed as {origin} from now on", "启用检查点签名：{origin}"),
    in_house.TextsAdopted.kind: Text("rules adopted: {names}", "采用规则文本：{names}"),
    MigrationPlanned.kind: Text(
        "move of {count} cases of {workflow} to version {version} planned, until {not_before}: {digest}",
        "制定迁移方案：{workflow} {count} 件迁移到第 {version} 版，{not_before} 前（含）有效，摘要 {digest}",
    ),
    in_house.ProofDemanded.kind: Text("officers must at least be known by: {least}", "身份凭据要求：至少 {least}"),
    in_house.CredentialSet.kind: Text("{way} of {code} set", "设置 {code} 的凭据（{way}）"),
    in_house.CredentialRevoked.kind: Text("credential {credential} of {code} ended", "{code} 的凭据 {credential} 失效"),
    in_house.LoggedIn.kind: Text("logged in", "登录"),
    in_house.LoggedOut.kind: Text("logged out", "退出登录"),
    in_house.LogInRefused.kind: Text(
        "password of {code} wrong {failures} times in a row, from {source}",
        "{code} 的口令连续输错 {failures} 次（{source}）",
    ),
    in_house.LedgerUpgraded.kind: Text(
        "tables brought from version {before} to {after}", "表版本由 {before} 升级到 {after}"
    ),
    **SIGNATURE_KINDS,
}
"""What a journal row of each kind says; an unknown kind is shown by its name."""

_CALLED: Mapping[str, Mapping[str, str]] = {
    happened.CaseHandedOver.kind: {"was_unit": "unit", "unit": "unit"},
    in_house.UnitClosed.kind: {"code": "unit"},
    in_house.UnitTyped.kind: {"code": "unit"},
    in_house.OfficerReturned.kind: {"code": "officer"},
    in_house.OfficerLeft.kind: {"code": "officer"},
    in_house.ContactChanged.kind: {"code": "officer"},
    in_house.RoleGranted.kind: {"code": "officer", "role": "role"},
    in_house.RoleRevoked.kind: {"code": "officer", "role": "role"},
    **SIGNATURE_CALLED,
}
"""Which parts of a row are codes, and of what."""


NOTABLE_CLOCK = 600 * 1_000_000
"""Microseconds by which a row may be dated after it happened before that is worth a remark."""


def workflow_asked(declarations: Workflows, name: str | None) -> str:
    """Return the workflow that was asked for; else `lead`, else the only one that people open.

    Raises:
        BadValueError: If none was asked for and there is no such default.
    """
    if name is not None:
        return name
    names = declarations.names()
    if "lead" in names:
        return "lead"
    opened = [each for each in names if not declarations.latest(each).parents]
    if len(opened) == 1:
        return opened[0]
    raise BadValueError(
        Text(f"say which workflow: --workflow {' | '.join(opened)}", f"请说明流程：--workflow {' | '.join(opened)}")
    )


_OPEN_SAID: Final = frozenset({"未办结", "未结", "在办", "未销号", "办理中", "open"})
_OPEN: Final = Text(" (all that are open: qingling list --open)", "（未办结的全部事项：qingling list --open）")


def state_called(ledger: Ledger, workflow: Workflow, typed: str) -> str:
    """Return the state that was typed, by its name or its title; cases may stand in one that only older versions have.

    Raises:
        NotFoundError: If there is none.
    """
    for state in workflow.states.values():
        if typed in (state.name, state.title.en, state.title.zh):
            return state.name
    for name, title in older_states(ledger, workflow).items():
        if typed in (name, title.en, title.zh):
            return name
    near = (
        _OPEN
        if typed in _OPEN_SAID
        else did_you_mean(typed, [*workflow.states, *(str(each.title) for each in workflow.states.values())])
    )
    raise NotFoundError(
        Text(
            f"workflow {workflow.name} has no state '{typed}'{near.en}; it has: {', '.join(workflow.states)}",
            f"流程“{workflow.title.zh}”没有状态“{typed}”{near.zh}；可用："
            + "、".join(each.title.zh for each in workflow.states.values()),
        )
    )


def trigger_called(workflow: Workflow, typed: str) -> str:
    """Return the trigger that was typed, by its name or the title of its step; else as it was typed."""
    found = (each.trigger for each in workflow.transitions if typed in (each.trigger, each.title.en, each.title.zh))
    return next(found, typed)


def state_words(workflow: Workflow, name: str | None) -> str:
    """Return a state's title."""
    return str(workflow.states[name].title) if name is not None and name in workflow.states else str(name or "")


def field_pairs(
    workflow: Workflow, values: Mapping[str, object], naming: Naming | None = None
) -> list[tuple[str, str]]:
    """Return the titles of fields with their values as people read them, in declared order."""
    if not values:
        return []
    veiled = str if naming is None else naming.veiled
    fields = workflow.fields
    return [
        (str(fields[name].title), veiled(shown(fields[name], values[name], naming)))
        for name in fields  # a workflow has many, and a row of the journal brings few
        if name in values and values[name] is not None
    ]


def when(ledger: Ledger, stored: int) -> str:
    """Return an instant as local time, to the minute."""
    return local_time(stored, ledger.zone).strftime("%Y-%m-%d %H:%M")


def iso(ledger: Ledger, stored: int) -> str:
    """Return an instant as ISO 8601 with its zone, for scripts."""
    return local_time(stored, ledger.zone).isoformat()


def entitled(ledger: Ledger, workflow: Workflow, by: Iterable[str], values: Mapping[str, object]) -> str:
    """Return who may do a step: titles of roles, and officers whom a field of the case names."""
    roles = ledger.workflows.roles()
    said = []
    for name in by:
        if name == PROGRAM:
            said.append(str(PROGRAM_TITLE))
        elif name in roles:
            said.append(str(roles[name]))
        elif name in workflow.fields:
            field = workflow.fields[name]
            value = values.get(name)
            said.append(
                str(field.title)
                + (t(" ({who})", "（{who}）", who=shown(field, value, ledger.naming)) if value is not None else "")
            )
        else:
            said.append(name)
    return t(" or ", "或").join(said)


def entry_words(ledger: Ledger, workflow: Workflow | None, entry: JournalEntry) -> str:
    """Return what a journal row says, in one line."""
    words, details = entry_parts(ledger, workflow, entry)
    joined = t("; ", "；").join(details)
    return words + (t(": ", "：") + joined if joined else "")


def entry_parts(ledger: Ledger, workflow: Workflow | None, entry: JournalEntry) -> tuple[str, list[str]]:
    """Return what a journal row says: what happened, and each detail of it; with cases masked that are hidden."""
    event = legible(entry.kind, entry.body)
    if workflow is not None and isinstance(event, StepTaken | LegacyEntered):
        states = [each for each in (entry.from_state, entry.to_state) if each is not None]
        step = event.transition or event.trigger if isinstance(event, StepTaken) else None
        workflow = declared_then(ledger, workflow, states=states, step=step)
    details = [
        _reason_words(ledger, str(value))
        for key in ("words", "name", "reason")
        if key not in _named(entry.kind) and (value := getattr(event, key, None))
    ]
    if isinstance(event, CaseEvent):
        details += _details(ledger, workflow, event)
    said = [harmless(veiled(ledger.reader, each)) for each in (_kind_words(ledger, workflow, entry, event), *details)]
    return said[0], said[1:]


def _reason_words(ledger: Ledger, reason: str) -> str:
    """Return a reason as it was written; what the program wrote itself in words, with names instead of codes."""
    was, arrow, now = reason.partition(" → ")
    if arrow:  # who has left handed on what they had in charge
        names = [ledger.naming.person(each).name for each in (was, now)]
        if was != names[0] and now != names[1]:
            return t("{was} leaves, {now} takes over", "{was}离任，由{now}接替", was=names[0], now=names[1])
    return str(_PROGRAMS_REASONS.get(reason, reason))


def clock_words(ledger: Ledger, entry: JournalEntry) -> str:
    """Return the remark that a row's instant was set by hand, or is not the one at which it happened; mostly empty.

    A rehearsal ledger says of itself that its clock is set by hand, so its rows need not.
    """
    # Looked for in the text first: nearly no row has either, and to read a row costs far more than to find a word.
    if '"real_at":' not in entry.body and '"clock_at":' not in entry.body:
        return ""
    event, said = legible(entry.kind, entry.body), ""
    if event.real_at is not None and not ledger.is_rehearsal:
        said = t(
            " [clock set by hand; written {at}]", "［时间系手工设定，实际写入于 {at}］", at=when(ledger, event.real_at)
        )
    if event.clock_at is not None and entry.at - event.clock_at > NOTABLE_CLOCK:
        said += t(
            " [the clock said {at}; the row before is dated later]",
            "［当时时钟为 {at}，因前一行日期更晚而顺延］",
            at=when(ledger, event.clock_at),
        )
    return said


def _details(ledger: Ledger, workflow: Workflow | None, event: CaseEvent) -> list[str]:
    """Return what a row says of the values of a case and of what came of it."""
    details: list[str] = []
    amended = isinstance(event, CaseAmended)
    if workflow is not None:
        # A step brings new values to a step; a correction puts one in the place of another, so it tells of both.
        was = _unsealed(event.replaced) if amended else {}
        before = dict(field_pairs(workflow, was, ledger.naming))
        brought = field_pairs(workflow, _unsealed(event.brought), ledger.naming)
        details += [f"{title}={value}" + _instead_of(before.pop(title, None)) for title, value in brought]
        details += [
            t("{title} emptied", "{title}已清空", title=title) + _instead_of(value) for title, value in before.items()
        ]
        details += [
            t(
                "{title} hidden; what is sealed stays",
                "{title}不再列示（密封内容仍在）",
                title=workflow.fields[each].title,
            )
            for each, value in event.replaced.items()
            if value == SEALED and amended and each in workflow.fields
        ]
        details += [
            t("{title} sealed", "{title}已密封", title=workflow.fields[each].title)
            for each in event.seals
            if each in workflow.fields
        ]
    details += _questions(workflow, event)
    details += filter(None, [cancelled_words(ledger, workflow, event)])
    if isinstance(event, StepTaken) and event.opened:
        details.append(t("opened {numbers}", "生成 {numbers}", numbers=t(", ", "、").join(event.opened)))
    if isinstance(event, StepTaken) and event.bulk:
        details.append(t("in bulk", "批量"))
    return details


def _questions(workflow: Workflow | None, event: CaseEvent) -> list[str]:
    """Return what a row asks, or closes, about a case."""
    if workflow is None:
        return []
    if isinstance(event, happened.QuestionClosed):
        return [str(asked_title(workflow, event.field))]
    if not isinstance(event, happened.CaseOpened | happened.RowKept) or not event.questions:
        return []
    titles = t(", ", "、").join(str(asked_title(workflow, each.field)) for each in event.questions)
    return [t("to be checked: {titles}", "待核对：{titles}", titles=titles)]


def _kind_words(ledger: Ledger, workflow: Workflow | None, entry: JournalEntry, event: Event) -> str:
    """Return the words for the kind of a journal row."""
    timely = happening(ledger, workflow, event)
    if timely is not None:
        return timely
    if isinstance(event, StepTaken) and workflow is not None:
        chosen = event.transition or event.trigger
        titles = [str(each.title) for each in workflow.transitions if each.name == chosen]
        title = titles[0] if titles else event.trigger
        if entry.from_state == entry.to_state:
            return title
        return (
            t("{title}, ", "{title}，", title=title)
            + f"{state_words(workflow, entry.from_state)} → {state_words(workflow, entry.to_state)}"
        )
    words = KINDS.get(entry.kind, Text(entry.kind, entry.kind))
    if isinstance(event, CaseMigrated) and workflow is not None:
        return _migrated(ledger, workflow, entry, event)
    if isinstance(event, LegacyEntered) and workflow is not None:
        stood = f"{state_words(workflow, entry.from_state)} → {state_words(workflow, entry.to_state)}"
        says = event.ledger_says
        stood += t(" (the ledger says: {says})", "（台账原文：{says}）", says=says) if says else ""
        return t("{words}, {stood}", "{words}，{stood}", words=str(words), stood=stood)
    return str(words.format(**{name: _part(ledger, event, name) for name in _named(entry.kind)}))


def _migrated(ledger: Ledger, workflow: Workflow, entry: JournalEntry, event: CaseMigrated) -> str:
    """Return the words for a move to another version, with the states if they are called otherwise."""
    words = str(KINDS[event.kind].format(was_version=event.was_version, version=event.version))
    old = declared_then(ledger, workflow, states=[entry.from_state or ""], step=None)
    was, now = state_words(old, entry.from_state), state_words(workflow, entry.to_state)
    return words if was == now else t("{words}, {was} → {now}", "{words}，{was} → {now}", words=words, was=was, now=now)


def _part(ledger: Ledger, event: Event, name: str) -> object:
    """Return a part of a row's body as a sentence says it: people, units, roles and states by what they are called."""
    value = getattr(event, name, "")
    match _CALLED.get(event.kind, {}).get(name):
        case "officer":
            return ledger.naming.officer(value)
        case "unit":
            return ledger.naming.unit(value)
        case "role":
            return ledger.naming.role(value)
    if isinstance(event, in_house.LedgerExported | in_house.TextsAdopted):
        return said_in_chinese(event, str(value))
    if isinstance(event, happened.ChildMoved) and name == "state":
        states = ledger.workflows.latest(event.workflow).states if event.workflow in ledger.workflows.names() else {}
        return Text(value, states[value].title.zh if value in states else value)
    return t(", ", "、").join(map(str, value)) if isinstance(value, tuple) else value


def _instead_of(value: str | None) -> str:
    """Return what stood there before, in brackets; nothing if nothing did."""
    return "" if value is None else t(" (was {value})", "（原为{value}）", value=value)


def _unsealed(values: Mapping[str, object]) -> dict[str, object]:
    """Return *values* without those that are sealed, which are shown apart."""
    return {name: value for name, value in values.items() if value != SEALED}


@cache
def _named(kind: str) -> tuple[str, ...]:
    """Return which parts of a row's body the words for its kind already name."""
    return tuple(name for _, name, _, _ in Formatter().parse(KINDS.get(kind, Text("", "")).en) if name)
