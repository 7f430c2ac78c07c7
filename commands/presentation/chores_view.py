"""Chores in words: what a sweep recorded, what became of messages, which returns nobody owes."""

from typing import TYPE_CHECKING

from engine.language import Text, t

if TYPE_CHECKING:
    from engine.operations.deadlines.sweep import Swept
    from engine.operations.ledger.ledger import Ledger
    from engine.operations.returns.owed import Unowed
    from notifications.dispatch import DispatchReport

UNITS_NAMED = 10
"""Units that one sentence names; of more it says how many."""


def swept_words(swept: "Swept") -> str:
    """Return what a sweep did, in one line."""
    acted = _acted_words(swept)
    if not swept.reminded and not swept.repeated:
        return acted or t("nothing was due", "没有应发的提醒")
    words = t(
        "{reminded} for {people}; {skipped} skipped",
        "登记提醒 {reminded} 件，涉及 {people} 人；略过未及发送的 {skipped} 级",
        reminded=_number(swept.reminded, "reminder"),
        people=_number(len(swept.to), "officer"),
        skipped=_number(swept.skipped, "missed rung"),
    )
    if swept.papers:
        words += t(
            "; {n} to write (qingling deadline list --papers)",
            "；待制发文书 {n} 件（qingling deadline list --papers）",
            n=_number(swept.papers, "letter"),
        )
    if swept.unheard:
        words += t(
            "; {n} went to those who keep the ledger, since nobody has the roles (qingling officer grant)",
            "；{n} 件因角色无人而转报台账管理人员，请授予相应角色（qingling officer grant）",
            n=swept.unheard,
        )
    if swept.repeated:
        words += t("; {n} said again to those who have got the role", "；{n} 件向新任角色人员补发", n=swept.repeated)
    return words + t("; ", "；") + acted if acted else words


def _acted_words(swept: "Swept") -> str:
    """Return which steps the program took or could not take; empty if there were none."""
    said = []
    if swept.acted:
        said.append(t("{n} taken by the program", "期满由程序执行步骤 {n} 件", n=_number(swept.acted, "step")))
    if swept.refused:
        said.append(
            t(
                "{n} of a deadline that ran out may not be taken; the case says why",
                "期满步骤未能执行 {n} 件，原因见事项记录",
                n=_number(swept.refused, "step"),
            )
        )
    return t("; ", "；").join(said)


def sent_words(report: "DispatchReport") -> str:
    """Return what a run of delivery did, in one line."""
    return t(
        "{sent} sent, {waiting} wait, {failed} failed",
        "已发 {sent} 条，待重试 {waiting} 条，失败 {failed} 条",
        sent=len(report.sent),
        waiting=len(report.waiting) + len(report.left),
        failed=len(report.failed),
    )


def unowed_words(ledger: "Ledger", unowed: "Unowed") -> Text:
    """Return the sentence about what does not open by itself, because nobody has a role that owes it."""
    titles = ledger.workflows.roles()
    roles = [titles.get(each) or Text(each, each) for each in unowed.roles]
    sentence = Text(
        "{workflow} ({recurs}): no unit owes it, nobody is {roles}: qingling officer grant CODE {first}",
        "{workflow}（{recurs}）：没有人担任{roles_zh}，不生成：qingling officer grant 人员代码 {first}",
    )
    if unowed.units:
        sentence = Text(
            "{workflow} ({recurs}): not opened in {units}, nobody there is {roles}: "
            "qingling officer grant CODE {first} --unit UNIT",
            "{workflow}（{recurs}）：{units_zh}无人担任{roles_zh}，不生成："
            "qingling officer grant 人员代码 {first} --unit 单位代码",
        )
    more = len(unowed.units) - UNITS_NAMED
    units = [f"{each.code} {each.name}" for each in unowed.units[:UNITS_NAMED]]
    return sentence.format(
        workflow=unowed.workflow,
        recurs=unowed.recurs,
        roles=" or ".join(each.en for each in roles),
        roles_zh="、".join(each.zh for each in roles),
        first=unowed.roles[0],
        units=", ".join(units) + (f" and {more} more" if more > 0 else ""),
        units_zh="、".join(units) + (f" 等 {len(unowed.units)} 个单位" if more > 0 else " "),
    )


def _number(count: int, thing: str) -> Text:
    """Return a count with its noun, which only English bends."""
    return Text(f"{count} {thing}" if count == 1 else f"{count} {thing}s", str(count))
