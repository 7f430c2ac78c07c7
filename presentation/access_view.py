"""How a row of the access log is shown: who, when, by which way, what, and the answer, in words that people use."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from engine.language import Text, t
from presentation.case_view import iso, when

if TYPE_CHECKING:
    from engine.operations.ledger.ledger import Ledger
    from engine.operations.ledger.need_to_know import AccessRow
    from presentation.adopted_titles import AdoptedTitles

_ANSWERS: Final = {"shown": Text("shown", "已显示"), "refused": Text("REFUSED", "已拒绝")}
WAYS_IN: Final[Mapping[str, Text]] = {
    "cli": Text("command line", "命令行"),
    "desk": Text("desk", "网页"),
    "api": Text("other program", "其他程序"),
    "feed": Text("calendar feed", "日历订阅"),
}
"""By which way something was asked for, by the name that the log has for it."""
ASKED: Final[Mapping[str, Text]] = {
    "agenda": Text("agenda of meeting", "会议议程"),
    "agendas": Text("meetings", "会议"),
    "as_of": Text("as of", "截至"),
    "by": Text("by", "凭"),
    "campaign": Text("campaign", "专项行动"),
    "case": Text("case", "事项"),
    "caseload": Text("cases counted", "统计件数"),
    "checklists": Text("checklists", "检查清单"),
    "choosing": Text("which reports there are", "选择报告"),
    "count": Text("rows", "条数"),
    "credentials": Text("credentials", "身份凭据"),
    "days": Text("days", "天数"),
    "deadlines": Text("deadlines", "期限"),
    "doctor": Text("installation", "检查安装"),
    "due_by": Text("due by", "到期不晚于"),
    "due_from": Text("due from", "到期日自"),
    "due_within": Text("due within, days", "几日内到期"),
    "explained": Text("working of a day", "日期推算"),
    "failed": Text("failed only", "仅未送达"),
    "file": Text("file", "文件"),
    "from": Text("from", "自"),
    "frozen": Text("frozen statements", "封存结果"),
    "kind": Text("kind", "种类"),
    "let_go": Text("rows destroyed past their term", "销毁到期记录"),
    "letter": Text("letter", "文书"),
    "letters": Text("letters", "文书"),
    "many": Text("for many at once", "批量办理"),
    "moves": Text("dates that another calendar moves", "应调整的期限"),
    "named": Text("names the officer", "涉及人员"),
    "of": Text("officer", "人员"),
    "open": Text("open ones only", "仅未办结"),
    "overdue": Text("overdue only", "仅超期"),
    "papers": Text("letters that are due", "应发文书"),
    "period": Text("period", "期间"),
    "points": Text("points by", "计分办法"),
    "points_digest": Text("SHA-256 of the points", "计分办法摘要"),
    "preview": Text("preview", "预览"),
    "proof": Text("proof of a row", "日志证明"),
    "questions": Text("with questions", "待核对"),
    "refused": Text("refused only", "仅被拒绝的"),
    "returns": Text("returns", "报表"),
    "scope": Text("in scope", "纳入件数"),
    "search": Text("words", "词语"),
    "searched": Text("narrowed by words", "按词语筛选"),
    "sha256": Text("SHA-256", "摘要"),
    "since": Text("since", "自"),
    "state": Text("state", "状态"),
    "tables": Text("every table", "全表核对"),
    "texts": Text("adopted files", "现行文本"),
    "to": Text("to", "至"),
    "to_sign": Text("waiting for a signature", "待签字"),
    "today": Text("what is to be done", "我的待办"),
    "unit": Text("unit", "单位"),
    "week": Text("week", "周次"),
    "what": Text("form", "形式"),
    "where": Text("condition", "条件"),
    "workflow": Text("kind of case", "事项种类"),
}
"""What was asked for besides, by the name that the log has for it; what is only said or not said is a word alone."""
_RECEIPT: Final = Text("the reporter's code", "查询码")
"""By what somebody reads who is no officer."""
_TEXTS: Final = frozenset({"workflow", "campaign", "letter"})
"""What is the name of an adopted text, called as its kind is."""
_UNSAID: Final = "digest"
"""What is only there to be compared, and says nothing to people."""


def access_lines(ledger: "Ledger", rows: "Iterable[AccessRow]") -> Iterator[tuple[str, ...]]:
    """Yield the cells of rows: when, by whom, by which way, what, of which case, the answer, and what else was asked.

    What no table names any more, such as a workflow that was never adopted, is shown as it was written.
    """
    from engine.operations.ledger.need_to_know import DOES
    from engine.rules.reading_rights import Deed
    from presentation.adopted_titles import AdoptedTitles

    titles = AdoptedTitles(ledger)
    for row in rows:
        yield (
            when(ledger, row.at),
            ledger.naming.person(row.officer).name if row.officer else t("nobody named", "未署名"),
            str(WAYS_IN.get(row.way, row.way)),
            str(DOES[Deed(row.deed)]) if row.deed in set(Deed) else row.deed,
            row.subject,
            str(_ANSWERS.get(row.answer, row.answer)),
            t("; ", "；").join(_said(ledger, titles, json.loads(row.asked))),
        )


def _said(ledger: "Ledger", titles: "AdoptedTitles", asked: Mapping[str, object]) -> Iterator[str]:
    """Yield what was asked for besides, in words."""
    for name, value in asked.items():
        called = str(ASKED.get(name, name))
        if name == _UNSAID or value in (None, False, ""):
            continue
        if isinstance(value, Mapping):
            yield from _said(ledger, titles, value)
        else:
            yield called if value is True else f"{called}{t(': ', '：')}{_value(ledger, titles, asked, name, value)}"


def _value(ledger: "Ledger", titles: "AdoptedTitles", asked: Mapping[str, object], name: str, value: object) -> str:
    """Return a value that was asked for by the name that it has in the house."""
    from engine.workflow.texts import TextKind
    from presentation.report_kinds import KINDS

    words = str(value)
    if name in _TEXTS:
        return str(titles.title(TextKind(name), words))
    called: str | Text = words
    match name:
        case "unit":
            called = ledger.naming.unit_name(words)
        case "of" | "named":
            called = ledger.naming.person(words).name
        case "state" | "many":
            called = _of_workflow(ledger, asked, words)
        case "what":
            called = _written(titles, words)
        case "kind":
            called = KINDS.get(words, words)
        case "by" if words == "receipt":
            called = _RECEIPT
        case _:
            pass
    return str(called)


_OF_MANY: Final = {"_note": Text("note", "备注"), "_amend": Text("correction", "更正")}
"""What is done with many cases beside steps."""


def _written(titles: "AdoptedTitles", what: str) -> str:
    """Return what was written into a file, of which the log says `ledger FORMAT ENDING` or `events FORM`."""
    from engine.workflow.texts import TextKind

    match what.split(" "):
        case "ledger", name, ending:
            return f"{titles.title(TextKind.FORMAT, name)} {ending}"
        case "events", form:
            return f"{t('event log', '事件日志')} {form}"
        case _:
            return what


def _of_workflow(ledger: "Ledger", asked: Mapping[str, object], name: str) -> str:
    """Return what a state or a step is called in the workflow that was asked about, or what else many went through."""
    if name in _OF_MANY:
        return str(_OF_MANY[name])
    workflow = str(asked.get("workflow", ""))
    if workflow not in ledger.workflows.names():
        return name
    declared = ledger.workflows.latest(workflow)
    found = declared.states.get(name) or next((each for each in declared.transitions if each.trigger == name), None)
    return name if found is None else str(found.title)


def access_json(ledger: "Ledger", row: "AccessRow") -> dict[str, object]:
    """Return a row for scripts."""
    return {
        "seq": row.seq,
        "at": iso(ledger, row.at),
        "officer": row.officer,
        "way": row.way,
        "deed": row.deed,
        "case": row.subject or None,
        "answer": row.answer,
        "asked": json.loads(row.asked),
        "hash": row.hash,
    }
