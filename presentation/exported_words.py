"""What the journal says of exports and adopted texts, in the words of those who read it in Chinese."""

from collections import Counter
from collections.abc import Mapping

from engine.journal import house_events as in_house
from engine.language import Text

_TEXTS: Mapping[str, str] = {
    "workflow": "流程",
    "list": "列表",
    "addition": "补充用语",
    "campaign": "专项行动",
    "measures": "完整性要求",
    "format": "台账格式",
    "letter": "文书",
    "template": "文书模板",
}
_EXPORTED: Mapping[str, str] = {
    "ledger": "台账",
    "report": "报告",
    "csv": "CSV",
    "xlsx": "XLSX",
    "html": "HTML",
    "docx": "DOCX",
    "json": "JSON",
    "daily": "日动态",
    "weekly": "周报",
    "monthly": "月报",
    "stage": "阶段性总结",
    "year": "年度报告",
    "bulletin": "通报",
    "assessment": "考核数据",
    "xes": "事件日志",
    "ocel": "事件日志",
    "full": "问题线索台账",
    "statistics": "扫黑除恶线索统计表",
    "petitions": "信访台账",
    "discipline": "违纪问题线索报告表",
    "rectification": "问题整改清单",
    "returns": "报表报送情况表",
}
"""What the journal says of an export, in the words of those who read it in Chinese."""


def said_in_chinese(event: in_house.LedgerExported | in_house.TextsAdopted, value: str) -> object:
    """Return a part that is made of names of files and formats, in Chinese by what these are called."""
    if isinstance(event, in_house.TextsAdopted):
        return Text(value, _adopted(event))
    return Text(value, " ".join(_EXPORTED.get(word, word) for word in value.split()))


def _adopted(event: in_house.TextsAdopted) -> str:
    """Return in Chinese what was adopted; of very many texts how many of each kind."""
    if len(event.texts) <= in_house.NAMED:
        return "、".join(f"{_TEXTS.get(kind, kind)} {name}" for kind, name, *_ in event.texts)
    counts = Counter(_TEXTS.get(kind, kind) for kind, *_ in event.texts)
    return "、".join(f"{words} {count} 个" for words, count in counts.items())
