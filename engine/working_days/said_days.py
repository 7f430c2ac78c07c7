"""Days as people say them: yesterday, the day after tomorrow, last Friday; counted from a local date."""

from datetime import date, timedelta

from engine.language import lazy_pattern

_FROM_TODAY = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "今天": 0,
    "今日": 0,
    "当天": 0,
    "明天": 1,
    "明日": 1,
    "后天": 2,
}
_FROM_TODAY_EN = {"yesterday": -1, "today": 0, "tomorrow": 1}
_WEEK = lazy_pattern(r"(?P<week>上上|上|这|本|下)?个?(?:周|星期|礼拜)(?P<on>[一二三四五六日天])")
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, None: 0, "下": 1}


def said_day(text: str, today: date) -> date | None:
    """Return the day that a word means on the local date *today*; None if it is no such word."""
    days = _FROM_TODAY.get(text, _FROM_TODAY_EN.get(text.lower()))
    if days is None:
        found = _WEEK.fullmatch(text)
        if found is None:
            return None
        on = "一二三四五六日".index(found["on"].replace("天", "日"))
        days = _WEEKS[found["week"]] * 7 + on - today.weekday()
    return today + timedelta(days=days)
