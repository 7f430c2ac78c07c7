"""The smallest parts of a declaration: one mapping read key by key, every fault remembered."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from engine.language import Text, lazy_pattern
from engine.workflow.deadline import Term, TermUnit
from engine.workflow.earlier_step import EarlierStep
from engine.workflow.problems import Path, Problem, Where, closest, did_you_mean

Plain = Mapping[str, object]

NAME: Final = lazy_pattern(r"[a-z][a-z0-9_]{0,63}")
"""What fields, states, triggers, roles and the like may be called."""
EARLIER: Final = lazy_pattern(
    rf"(?P<parent>parent:)?(?P<trigger>{NAME.pattern})(?: (?P<side>since|before) (?P<mark>{NAME.pattern}))?"
)
"""How a step is written whose doer is kept from another."""
_LATEST: Final = lazy_pattern(rf"(?:parent:)?{NAME.pattern}")
ROW: Final = lazy_pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What a row of law may be called."""
WORDS_AT_MOST: Final = 2_000
"""Characters of one title, sentence or basis."""
AMOUNT_AT_MOST: Final = 10_000

_TERM: Final = lazy_pattern(r"([+-]?\d{1,6})\s+([a-z_]+)")
_UNITS: Final[Mapping[str, TermUnit]] = {
    spelt: unit for unit in TermUnit for spelt in (unit.value, unit.value.removesuffix("s"))
}


class Part:
    """One mapping of a declaration, at its place; what is wrong in it goes to the shared list."""

    __slots__ = ("_problems", "_where", "path", "plain")

    def __init__(self, plain: Plain, path: Path, problems: list[Problem], where: Where) -> None:
        self.plain = plain
        self.path = path
        self._problems = problems
        self._where = where

    def wrong(self, sentence: Text, *path: str | int, mended: bool = False) -> None:
        """Remember what is wrong here, or at *path* below; *mended* if it is read as it must have been meant."""
        self._problems.append(self._where.problem((*self.path, *path), sentence, mended=mended))

    def only(self, allowed: Collection[str], needed: Iterable[str] = ()) -> None:
        """Find keys that mean nothing here, and those that are missing.

        A misspelt key is named, and read as the one that it must have meant.
        """
        meant: dict[str, object] = {}
        for key, value in self.plain.items():
            if key not in allowed:
                near = closest(str(key), allowed)
                taken = near is None or near in self.plain or near in meant
                if near is not None and not taken:
                    meant[near] = value
                self.wrong(
                    Text("no key is called '{key}' here{guess}", "此处没有名为“{key}”的键{guess}").format(
                        key=key, guess=did_you_mean(str(key), allowed)
                    ),
                    str(key),
                    mended=not taken,
                )
        if meant:
            self.plain = {**self.plain, **meant}
        for key in needed:
            if self.plain.get(key) is None:
                self.wrong(Text("'{key}' is missing", "缺少“{key}”").format(key=key))

    def line(self, key: str) -> str | None:
        """Return a text."""
        value = self.plain.get(key)
        if value is None:
            return None
        if isinstance(value, str) and value.strip() and len(value) <= WORDS_AT_MOST:
            return value.strip()
        self._amiss(key, _A_TEXT)
        return None

    def title(self, key: str, default: str) -> Text:
        """Return a text in both languages; *default* if there is none."""
        return self.sentence(key) or Text(default, default)

    def sentence(self, key: str, *, besides: tuple[str, ...] = ()) -> Text | None:
        """Return a text in both languages, given once for both or as {en:, zh:} with keys *besides*."""
        value = self.plain.get(key)
        if not isinstance(value, Mapping):
            line = self.line(key)
            return None if line is None else Text(line, line)
        part = self.below(value, key)
        part.only(("en", "zh", *besides))
        en, zh = part.line("en"), part.line("zh")
        if value.get("en") is None and value.get("zh") is None:
            self._amiss(key, _A_TEXT)
        return Text(en or zh or key, zh or en or key)

    def name(self, key: str, pattern: re.Pattern[str] = NAME) -> str | None:
        """Return a name."""
        value = self.plain.get(key)
        if value is None:
            return None
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        self._amiss(key, A_NAME)
        return None

    def row(self, key: str) -> str | None:
        """Return the name of a row of law."""
        return self.name(key, ROW)

    def names(self, key: str) -> tuple[str, ...]:
        """Return the names in a list, or the single one."""
        return self._written_as(NAME, A_NAME, key)

    def earlier_steps(self, key: str) -> tuple[EarlierStep, ...]:
        """Return the earlier steps in a list, or the single one: `verify`, `parent:verify`, `verify since reopen`.

        They may also stand under `ever` and `last`: those who did it at any time, or who did it most recently.
        """
        written = self.plain.get(key)
        if isinstance(written, Mapping):
            below = self.below(written, key)
            below.only(("ever", "last"))
            latest = below.names_of_steps("last")
            return (*below.earlier_steps("ever"), *(each._replace(side="last") for each in latest))
        found = (EARLIER.fullmatch(each) for each in self._written_as(EARLIER, AN_EARLIER_STEP, key))
        return tuple(
            EarlierStep(each["trigger"], each["parent"] is not None, each["side"] or "", each["mark"] or "")  # type: ignore[arg-type]  # the pattern allows no other
            for each in found
            if each is not None
        )

    def names_of_steps(self, key: str) -> tuple[EarlierStep, ...]:
        """Return the earlier steps in a list, or the single one, of which the latest round alone is meant."""
        found = self._written_as(_LATEST, A_LATEST_STEP, key)
        return tuple(EarlierStep(each.removeprefix("parent:"), each.startswith("parent:")) for each in found)

    def _written_as(self, pattern: re.Pattern[str], advice: Text, key: str) -> tuple[str, ...]:
        """Return the words in a list, or the single one, that *pattern* matches; give *advice* on others."""
        value = self.plain.get(key)
        if value is None:
            return ()
        found = tuple(value) if isinstance(value, (list, tuple)) else (value,)
        good: list[str] = []
        for position, each in enumerate(found):
            if not (isinstance(each, str) and pattern.fullmatch(each)):
                self.wrong(advice, key, position)
            elif each in good:
                self.wrong(Text("'{name}' stands here twice", "“{name}”重复").format(name=each), key, position)
            else:
                good.append(each)
        return tuple(good)

    def lines(self, key: str) -> tuple[str, ...]:
        """Return the texts in a list, or the single one."""
        value = self.plain.get(key)
        if value is None:
            return ()
        found = value if isinstance(value, (list, tuple)) else (value,)
        good = []
        for position, each in enumerate(found):
            if isinstance(each, str) and each.strip() and len(each) <= WORDS_AT_MOST:
                good.append(each.strip())
            # A code that was written without quotes, such as 4101 for a unit.
            elif isinstance(each, int) and not isinstance(each, bool) and abs(each) < 10**15:
                good.append(str(each))
            else:
                self.wrong(_A_TEXT, key, position)
        return tuple(dict.fromkeys(good))

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.plain.get(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        self._amiss(key, Text("write true or false", "请写 true 或 false"))
        return default

    def whole(self, key: str, default: int, *, least: int = 1, most: int = AMOUNT_AT_MOST) -> int:
        """Return a whole number."""
        value = self.plain.get(key)
        if value is None:
            return default
        # To Python `true` is a number, 1.
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        sentence = Text("write a whole number from {least} to {most}", "请写 {least} 到 {most} 的整数")
        self._amiss(key, sentence.format(least=least, most=most))
        return default

    def number(self, key: str, default: float, *, least: float, most: float) -> float:
        """Return a number, whole or not."""
        value = self.plain.get(key)
        if value is None:
            return default
        if isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most:
            return float(value)
        sentence = Text("write a number from {least} to {most}", "请写 {least} 到 {most} 的数")
        self._amiss(key, sentence.format(least=least, most=most))
        return default

    def colour(self, key: str) -> str | None:
        """Return a colour as RRGGBB."""
        value = self.plain.get(key)
        if value is None:
            return None
        digits = str(value).lstrip("#").upper()
        if len(digits) == 6 and not set(digits) - set("0123456789ABCDEF"):
            return digits
        self._amiss(key, Text("write a colour as 'FF9B9B'", "颜色请写作 'FF9B9B'"))
        return None

    def one_of(self, key: str, allowed: Collection[str], default: str) -> str:
        """Return one of the *allowed* words."""
        value = self.plain.get(key)
        return default if value is None else self._word(value, allowed, key) or default

    def some_of(self, key: str, allowed: Collection[str]) -> tuple[str, ...]:
        """Return some of the *allowed* words, from a list or a single one."""
        value = self.plain.get(key)
        found = value if isinstance(value, (list, tuple)) else () if value is None else (value,)
        words = (self._word(each, allowed, key, position) for position, each in enumerate(found))
        return tuple(dict.fromkeys(filter(None, words)))

    def term(self, key: str, *, least: int = 1) -> Term | None:
        """Return a length of time such as `15 working_days`; *least* is the smallest amount."""
        value = self.plain.get(key)
        if value is None:
            return None
        found = term_of(value)
        if found is None:
            self._amiss(key, _bad_term(value))
        elif not least <= found.amount <= AMOUNT_AT_MOST:
            self._amiss(key, Text("this is too short or too long", "时长过短或过长"))
        else:
            return found
        return None

    def day(self, key: str) -> date | None:
        """Return a local date."""
        value = self.plain.get(key)
        if value is None:
            return None
        try:
            # `fromisoformat` takes 20191231 and 2019-W52-2 too, which nobody reads as a day here.
            if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
                return date.fromisoformat(value)
        except ValueError:
            pass
        self._amiss(key, Text("write a date as 2019-12-31", "日期请写成 2019-12-31"))
        return None

    def part(self, key: str) -> "Part | None":
        """Return the mapping under *key*."""
        value = self.plain.get(key)
        if value is None:
            return None
        if isinstance(value, Mapping):
            return self.below(value, key)
        self._amiss(key, _A_MAPPING)
        return None

    def parts(self, key: str) -> Iterator[tuple[str, "Part"]]:
        """Return the named mappings under *key*; an empty one may be left blank."""
        found = self.part(key)
        return found.named() if found else iter(())

    def named(self) -> Iterator[tuple[str, "Part"]]:
        """Return the named mappings of which this one is made; an empty one may be left blank."""
        for name, value in self.plain.items():
            if not (isinstance(name, str) and NAME.fullmatch(name)):
                self.wrong(A_NAME, str(name))
            elif value is None or isinstance(value, Mapping):
                yield name, self.below({} if value is None else value, name)
            else:
                self.wrong(_A_MAPPING, name)

    def rows(self, key: str) -> Iterator["Part"]:
        """Return the mappings in the list under *key*."""
        value = self.plain.get(key)
        if value is not None and not isinstance(value, (list, tuple)):
            self._amiss(key, Text("write a list", "请写成列表"))
            return
        for position, each in enumerate(value or ()):
            if isinstance(each, Mapping):
                yield self.below(each, key, position)
            else:
                self.wrong(_A_MAPPING, key, position)

    def values(self, key: str) -> Mapping[str, object]:
        """Return the values set by name under *key*: texts, numbers, truths, and lists of texts."""
        found = self.part(key)
        good: dict[str, object] = {}
        for name, value in found.plain.items() if found else ():
            if not (isinstance(name, str) and NAME.fullmatch(name)):
                self.wrong(A_NAME, key, str(name))
            elif isinstance(value, (str, bool, int, float)):
                good[name] = value
            elif isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
                good[name] = list(value)
            else:
                self.wrong(Text("write a text, a number, true or false", "请写文字、数字、true 或 false"), key, name)
        return good

    def below(self, value: Plain, *path: str | int) -> "Part":
        """Return a part of this one."""
        return Part(value, (*self.path, *path), self._problems, self._where)

    def _word(self, value: object, allowed: Collection[str], *path: str | int) -> str | None:
        """Return the allowed word that stands at *path*, or must have been meant there."""
        if isinstance(value, str) and value in allowed:
            return value
        written = str(value)[:80]
        near = closest(written, allowed)
        self.wrong(
            Text("write one of {words}{guess}", "请写 {words} 之一{guess}").format(
                words=", ".join(allowed), guess=did_you_mean(written, allowed)
            ),
            *path,
            mended=near is not None,
        )
        return near

    def _amiss(self, key: str, sentence: Text) -> None:
        self.wrong(sentence, key)


def term_of(value: object) -> Term | None:
    """Return the length of time that *value* says, as `1 month` or `-3 days`; None if it says none."""
    match = _TERM.fullmatch(value.strip()) if isinstance(value, str) else None
    unit = _UNITS.get(match[2]) if match else None
    return Term(amount=int(match[1]), unit=unit) if match and unit else None


def _bad_term(value: object) -> Text:
    """Return the sentence about a length of time that cannot be read."""
    word = value.split()[-1] if isinstance(value, str) and value.split() else ""
    return Text(
        "write a length of time as '15 days', with minutes, hours, working_hours, days, working_days or months{guess}",
        "时长请写成“15 days”，单位为 minutes、hours、working_hours、days、working_days 或 months{guess}",
    ).format(guess=did_you_mean(word[:40], _UNITS))


AN_EARLIER_STEP: Final = Text(
    "write a step, such as verify, parent:verify, 'verify since reopen' or 'verify before reverify'",
    "请写步骤，如 verify、parent:verify、'verify since reopen' 或 'verify before reverify'",
)
A_LATEST_STEP: Final = Text("write a step, such as verify or parent:verify", "请写步骤，如 verify 或 parent:verify")
A_NAME: Final = Text(
    "a name is made of small letters, digits and _, beginning with a letter",
    "名称只能用小写字母、数字和下划线，并以字母开头",
)
_A_TEXT: Final = Text("write a text", "请写文字")
_A_MAPPING: Final = Text("write keys and values here", "此处应为键和值")
