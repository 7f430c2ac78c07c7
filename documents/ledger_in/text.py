"""The written form of cells and headings: width, spaces, dashes, brackets; knows no column.

Pure functions over one string each; all of them answer the same for the same writing in another
width or with other padding.
"""

import re
import unicodedata
from datetime import date, datetime

from documents.ledger_in.sheet_model import Cell, CellError
from engine.working_days.dates import DASHES

DITTOS = frozenset({"同上", "同前", "上同", "〃", "″", '"', "”", "“", "''", "＂", "ditto", "Ditto", "do."})
NOBODY = frozenset(
    {
        "匿名",
        "匿名举报",
        "匿名反映",
        "匿名投诉",
        "匿名信",
        "匿名者",
        "匿名人",
        "匿名群众",
        "匿名举报人",
        "匿名来信",
        "匿名来电",
    }
    | {
        "未署名",
        "不署名",
        "未留名",
        "未留姓名",
        "未提供姓名",
        "不愿透露姓名",
        "不愿透露",
        "不愿具名",
        "无名氏",
        "未实名",
    }
    | {"不详", "姓名不详", "不明", "未知", "保密", "群众", "群众举报", "anonymous", "unknown"}
)
PLACEHOLDERS = frozenset(
    {"/", "\\", "-", "--", "---", "—", "——", "———", "————", "－", "–", "―", "―――", "／", "无", "暂无", "空"}
    | {"N/A", "n/a", "NA", "NULL", "null", "None", "none", "(无)", "（无）", "*", "…", "……", "—/—", "×", "无。"}
)

_ASIAN = r"\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u2014\u2018-\u201d\u2026\u00b7"
_BREAK_BESIDE_ASIAN = re.compile(rf"(?<=[{_ASIAN}])\s*[\r\n\v\f\x85\u2028\u2029]\s*|\s*[\r\n\v\f]\s*(?=[{_ASIAN}])")
_SPACE_INSIDE_ASIAN = re.compile(rf"(?<=[{_ASIAN}])\s+(?=[{_ASIAN}])")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u061c\x00-\x08\x0e-\x1f]|_x000D_")
_SPACES = re.compile(r"\s+")
_APOSTROPHES = "'‘’＇"
_APOSTROPHE = re.compile(rf"^[{_APOSTROPHES}](?=[\d¥￥０-９])")
_LINES = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+|_x000D_\n?|(?<=[\u3400-\u9fff]{2})\s+(?=[\u3400-\u9fff]{2})")
_BRACKETED = re.compile(r"[(\[{<〔【《][^()\[\]{}<>〔〕【】《》]*[)\]}>〕】》]")


def _is_plain(text: str) -> bool:
    """Say whether a text has no blank but plain spaces and no mark that is not seen, as nearly every cell."""
    return text.isprintable() and "_x000D_" not in text


def tidy(text: str) -> str:
    """Return *text* without padding; a line break inside Chinese joins, elsewhere it is a space."""
    if _is_plain(text):
        return " ".join(text.split())
    text = _UNSEEN.sub("", text)
    return _SPACES.sub(" ", _BREAK_BESIDE_ASIAN.sub("", text)).strip()


def lined(text: str) -> str:
    """Return *text* joined line by line, and with a line break where a space stands between whole names."""
    return "\n".join(line for each in _LINES.split(text) if (line := joined(each)))


def joined(text: str) -> str:
    """Return *text* tidied, and without the spaces that pad Chinese names."""
    tidied = tidy(text)
    return _SPACE_INSIDE_ASIAN.sub("", tidied) if " " in tidied else tidied


def without_apostrophe(text: str) -> str:
    """Return *text* without the apostrophe by which a spreadsheet is made to keep digits as they are typed ('0101)."""
    return _APOSTROPHE.sub("", text) if text and text[0] in _APOSTROPHES else text


def dashed(text: str) -> str:
    """Return *text* with every dash of another kind as a hyphen."""
    return text.translate(DASHES)


def narrow(text: str) -> str:
    """Return *text* with full-width letters, digits and signs in their common width."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def compact(text: str) -> str:
    """Return *text* in common width, without any space, in lower case: the form words are compared in."""
    text = narrow(text)
    if _is_plain(text):
        return "".join(text.split()).lower()
    return _SPACES.sub("", _UNSEEN.sub("", text)).lower()


def heading_key(text: str) -> str:
    """Return the form headings are compared in; marks of required columns and colons fall away."""
    return compact(text).strip("*★☆※:：、.,，。;；·-—_")


def without_brackets(key: str) -> str:
    """Return a heading's *key* without what stands in brackets, such as a unit of measurement."""
    return heading_key(_BRACKETED.sub("", key))


def in_brackets(key: str) -> str:
    """Return what stands in a heading's brackets, or nothing."""
    found = _BRACKETED.search(key)
    return heading_key(found.group()[1:-1]) if found else ""


def cell_text(cell: Cell) -> str:  # noqa: PLR0911 (one answer per type of cell)
    """Return *cell* as a person reads it: whole numbers without a point, dates as ISO."""
    if isinstance(cell, str):
        return tidy(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(cell, ".15g")
    if isinstance(cell, datetime):
        midnight = not (cell.hour or cell.minute or cell.second or cell.microsecond)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return cell.code if isinstance(cell, CellError) else str(cell)


def quoted(cell: Cell) -> str:
    """Return *cell* short enough to stand in a sentence."""
    text = cell_text(cell)
    return text if len(text) <= 40 else text[:39] + "…"
