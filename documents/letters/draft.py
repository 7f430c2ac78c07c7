"""The text of a letter: the facts that were gathered, put into words, and what it still lacks.

Pure: it is given values and asks nobody. Where they come from is left to `engine.operations.letters.gather`,
the Word file to `fill`.
"""

import re
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from documents.letters.kinds import STANDING, LetterKind, Value
from documents.letters.persons import names_in, shortener
from engine.errors import BadValueError, RefusedError
from engine.language import Text
from engine.workflow.problems import closest, did_you_mean
from engine.working_days.dates import chinese_day
from engine.working_days.loose_dates import day_meant

Context = Mapping[str, str | list[str]]
Facts = Mapping[str, tuple[object, str]]
"""Values as they are stored and as they are written; what is nowhere is absent."""

LETTERHEAD: Final = ("sender", "contact", "telephone")
"""What every letter shows of the house: kept by `letter settings`, or given for one letter."""

DATED_ON: Final = "dated_on"
"""The day of the paper (成文日期)."""
TO_BE_SIGNED: Final = "　　　　年　　月　　日"
"""Stands for that day until a leader has signed: it is written by hand then."""

_SPLITS: Final = {"lines": re.compile(r"[\n；;]"), "paragraphs": re.compile(r"\n")}
_UNWRITABLE: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterDraft:
    """The text of one letter, and what it lacks."""

    context: Context
    """Every placeholder but the number; empty where nothing was found."""
    missing: tuple[Text, ...]
    """What is lacking and how to give it."""
    doubted: tuple[Text, ...] = ()
    """What may name one reported, and was neither shortened nor answered; in a letter that must not name them."""


def places_of(kind: LetterKind) -> frozenset[str]:
    """Return every place that a letter of *kind* looks at."""
    named = (place for value in kind.values.values() for place in value.places)
    return frozenset((*named, *kind.hide, *(f"standing.{name}" for name in STANDING)))


def read_given(kind: LetterKind, given: Mapping[str, str], *, today: date) -> dict[str, str]:
    """Return what was given as values of the letter: days as ISO dates, all else as it was typed.

    Args:
        today: Local date from which a day without a year is counted; one that lies ahead is the next such day.

    Raises:
        BadValueError: If one is no value of the letter, or no day where it must be one; all are named in one line.
    """
    allowed = {*kind.values, *LETTERHEAD, *((DATED_ON,) if kind.signed else ())}
    read: dict[str, str] = {}
    wrong: list[Text] = []
    for name, words in given.items():
        if name not in allowed:
            no_such = Text("this letter has no '{name}'{near}", "该文书没有“{name}”{near}")
            called = {key: each.title.zh for key, each in kind.values.items()}
            called.update({title: title for title in called.values()})
            near = called.get(closest(name, called) or "")
            guess = Text(did_you_mean(name, allowed).en, f"（是否指“{near}”？）" if near else "")
            wrong.append(no_such.format(name=name, near=guess))
            continue
        value = kind.values.get(name)
        is_day = name == DATED_ON or (value is not None and value.type == "date")
        try:
            ahead = value is not None and value.ahead
            read[name] = day_meant(words, today=today, due=ahead).isoformat() if words and is_day else words
        except BadValueError as error:
            title = Text("Date of the letter", "成文日期") if value is None else value.title
            wrong.append(Text("{title}: {why}", "{title}：{why}").format(title=title, why=error.sentence))
    if wrong:
        raise BadValueError(Text("; ".join(e.en for e in wrong), "；".join(e.zh for e in wrong)))
    return read


def drafted(
    kind: LetterKind,
    found: Facts,
    given: Facts,
    *,
    shows: Container[str],
    today: date,
    names: Collection[str] = (),
    no_names: Collection[str] = (),
) -> LetterDraft:
    """Return the text of a letter.

    Args:
        found: By place, see `places_of`.
        given: By name of the value; it goes before what was found.
        shows: The placeholders of the template; a letterhead that is not shown is not asked for.
        today: Local date of the letter.
        names: Names of those reported besides those that their fields are read as.
        no_names: Words that are none, or may stand.

    Raises:
        RefusedError: If a day in it is past, or does not follow the one it must.
    """
    facts = {name: _fact(value, found, given, today) for name, value in kind.values.items()}
    stored = {name: value for name, (value, _) in facts.items()}
    number = _written(found, "standing.case_number")
    _refuse_past_days(kind, number, stored, today)
    _refuse_days_not_after(kind, number, stored)
    _refuse_unsigned_yet(number, _written(given, DATED_ON), today)
    read = [names_in(_written(found, place)) for place in kind.hide]
    known = [name for each in read for name in each.names if name not in no_names]
    shorten = shortener((*known, *names))
    context: dict[str, str | list[str]] = {}
    doubted = dict.fromkeys(words for each in read for words in each.unclear)
    for name, (_, written) in facts.items():
        shortened, left = shorten(_clean(written))
        context[name] = _parted(kind.values[name], shortened)
        doubted.update(dict.fromkeys(left))
    answered = {*names, *no_names}
    for name in STANDING:
        context[name] = _dated(_clean(given[name][1] if name in given else _written(found, f"standing.{name}")))
    if kind.signed and DATED_ON not in given:
        context[DATED_ON] = TO_BE_SIGNED
    missing = [_lacking(value) for name, value in kind.values.items() if _needed(value, stored) and not context[name]]
    missing += [_unset(name) for name in LETTERHEAD if name in shows and not context[name]]
    asked = tuple(_doubted(each) for each in doubted if each not in answered)
    return LetterDraft(context=context, missing=tuple(missing), doubted=asked)


def _fact(value: Value, found: Facts, given: Facts, today: date) -> tuple[object, str]:
    """Return what was given, else what stands at the first place that has words for it, else the default."""
    if value.name in given:
        return given[value.name]
    for place in value.places:
        if place not in found:
            continue
        stored, written = found[place]
        if value.words is not None:
            wordings = value.words.get(str(stored), ())
            written = next((text for since, text in wordings if since <= today.isoformat()), "")
        if written:
            return stored, written
    return value.default or None, value.default


def _written(found: Facts, place: str) -> str:
    """Return what is written at a place; empty for nothing."""
    return found[place][1] if place in found else ""


def _refuse_past_days(kind: LetterKind, number: str, stored: Mapping[str, object], today: date) -> None:
    """Refuse a letter that asks for something by a day that is past."""
    for name, value in kind.values.items():
        day = str(stored[name] or "")
        if value.ahead and _is_day(day) and day < today.isoformat():
            option = _option(name)
            raise RefusedError(
                Text(
                    f"'{value.title.en}' of {number} is {day}, which is past; give a later day with {option}",
                    f"{number} 的“{value.title.zh}”为 {day}，已经过去；请用 {option} 另行指定",
                )
            )


def _refuse_days_not_after(kind: LetterKind, number: str, stored: Mapping[str, object]) -> None:
    """Refuse a letter in which a day does not lie after another that it must follow."""
    for name, value in kind.values.items():
        day, before = str(stored[name] or ""), str(stored.get(value.after) or "")
        if value.after and _is_day(day) and _is_day(before) and day <= before:
            option, other = _option(name), kind.values[value.after].title
            raise RefusedError(
                Text(
                    f"'{value.title.en}' of {number} is {day}, which is not after '{other.en}', {before};"
                    f" give a later day with {option}",
                    f"{number} 的“{value.title.zh}”为 {day}，不晚于“{other.zh}”（{before}）；请用 {option} 另行指定",
                )
            )


def _refuse_unsigned_yet(number: str, day: str, today: date) -> None:
    """Refuse a day of signature that is still to come."""
    if day > today.isoformat():
        raise RefusedError(
            Text(
                f"the letter of {number} cannot have been signed on {day}, which is to come; give the day on which the"
                " leader signed with --dated-on, or leave it out: it is written by hand then",
                f"{number} 的文书成文日期 {day} 尚未到；请用 --dated-on 写明负责人签发之日，未签发的请留空，签发时手写",
            )
        )


def _needed(value: Value, stored: Mapping[str, object]) -> bool:
    """Say whether a letter cannot do without a value."""
    if isinstance(value.needed, bool):
        return value.needed
    return any(stored.get(name) in choices for name, choices in value.needed.items())


def _option(name: str) -> str:
    """Return the option that gives a value."""
    return "--" + name.replace("_", "-")


def _lacking(value: Value) -> Text:
    """Return what is missing and how to give it."""
    option = _option(value.name)
    if value.places == ("house.letter_superior",):
        return Text(
            f"{value.title.en} (qingling letter settings --superior, or {option})",
            f"{value.title.zh}（qingling letter settings --superior 或 --{value.title.zh}）",
        )
    return Text(f"{value.title.en} ({option})", f"{value.title.zh}（--{value.title.zh}）")


def _unset(name: str) -> Text:
    """Return which part of the letterhead is missing and how to set it."""
    title, how = STANDING[name], f"qingling letter settings --{name}"
    return Text(f"{title.en} ({how})", f"{title.zh}（{how}）")


def _doubted(words: str) -> Text:
    """Return what may be a name and how to answer it."""
    return Text(
        f"is “{words}” a name of one reported? If so, give the name with --person and it is shortened; if not, or if it"
        f" may stand: --no-person {words}",
        f"“{words}”是否为被举报人姓名？是则用 --person 写明姓名，予以缩写；不是的用 --no-person {words}",
    )


def _parted(value: Value, words: str) -> str | list[str]:
    """Return a text, or its lines or paragraphs, with dates as letters write them."""
    if not value.split:
        return " ".join(_dated(words).split("\n"))
    return [_dated(part) for each in _SPLITS[value.split].split(words) if (part := each.strip())]


def _dated(words: str) -> str:
    """Return *words*, written out if they are a date."""
    words = words.strip()
    return chinese_day(date.fromisoformat(words)) if _is_day(words) else words


def _is_day(words: str) -> bool:
    """Say whether *words* are a date and nothing else."""
    if not _DAY.fullmatch(words):
        return False
    try:
        date.fromisoformat(words)
    except ValueError:
        return False
    return True


def _clean(words: str) -> str:
    """Return *words* without what a Word file cannot hold, and with one kind of line end."""
    return _UNWRITABLE.sub("", words.replace("\r\n", "\n").replace("\r", "\n")).replace("\t", " ").strip()
