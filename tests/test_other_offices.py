"""Processes of other offices, said straight in the language and played by commands; each day was worked out by hand.

The days are counted on the published calendar of 2019 and 2020 (国办发明电〔2018〕15号, 〔2019〕16号): off 13 to 15
September, 1 to 7 October and 1 January; worked Sunday 29 September and Saturday 12 October. An office is open from
09:00 to 17:00.
"""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from houses import House, built_house

__all__ = ["built_house"]

OWN = Path(__file__).resolve().parent / "data" / "workflows"
OFFICERS = (
    ("agnes", "agent", "0100"),
    ("lia", "liaison", "0101"),
    ("lin", "liaison", "0102"),
    ("offing", "office", "0102"),
    ("heide", "unit_head", "0102"),
    ("group", "leading_group", "0102"),
    ("mana", "manager", "0101"),
    ("resp", "responder", "0101"),
    ("appr", "approver", "0101"),
)


class Told(NamedTuple):
    """One moment of a story: who types what, and the terms that live afterwards, the first due first."""

    at: str
    by: str
    typed: str
    terms: str


SATISFIED = "advance N revisit --contacted yes --solved yes --satisfied yes"
NOT_SATISFIED = "advance N revisit --contacted yes --solved no --satisfied no"
ORDER = "receive --workflow hotline --unit 0100 --called-on 2019-09-27 --demand 路灯不亮"
HOTLINE = {
    # 7 working days after Fri 09-27: 29, 30, 10-08, 09, 10, 11, 12; the second time after 10-12: 14 to 18, 21, 22.
    "dispatched twice": (
        Told("2019-09-27T10:00", "agnes", f"{ORDER} --grade normal", "dispatching 2019-09-27T12:00"),
        Told("2019-09-27T11:00", "lin", "refused 20 advance N sign --handler lin", "dispatching 2019-09-27T12:00"),
        Told(
            "2019-09-27T11:00",
            "agnes",
            "advance N dispatch --assigned-unit 0102",
            "signing 2019-09-27T13:00, answering 2019-10-12",
        ),
        Told("2019-09-27T12:30", "lin", "advance N sign --handler lin", "answering 2019-10-12"),
        Told("2019-10-11T15:00", "lin", "advance N reply --result 已更换灯具", "revisiting 2019-10-14"),
        Told(
            "2019-10-12T16:00",
            "agnes",
            NOT_SATISFIED,
            "signing 2019-10-14T10:00, answering 2019-10-22",
        ),
        Told("2019-10-14T09:30", "lin", "advance N sign --handler lin", "answering 2019-10-22"),
        Told("2019-10-15T09:00", "lin", "advance N reply --result 线路已修复", "revisiting 2019-10-17"),
        Told("2019-10-16T09:00", "agnes", SATISFIED, ""),
    ),
    # Sent back on 10-08: two hours to dispatch again; 7 working days after 10-08: 9 to 12, 14, 15, 16.
    "sent back": (
        Told("2019-09-30T09:00", "agnes", f"{ORDER} --grade normal", "dispatching 2019-09-30T11:00"),
        Told(
            "2019-09-30T09:30",
            "agnes",
            "advance N dispatch --assigned-unit 0101",
            "signing 2019-09-30T11:30, answering 2019-10-15",
        ),
        Told("2019-10-08T10:00", "lia", "advance N send_back --reason 属县中医院", "dispatching 2019-10-08T12:00"),
        Told(
            "2019-10-08T10:30",
            "agnes",
            "advance N dispatch --assigned-unit 0102",
            "signing 2019-10-08T12:30, answering 2019-10-16",
        ),
    ),
    # By grade, dispatched on Fri 09-27 at 11:00; 15 working days: 7 to 10-12 as above, then 14 to 18 and 21 to 23.
    "urgent": (
        Told("2019-09-27T10:00", "agnes", f"{ORDER} --grade urgent", "dispatching 2019-09-27T12:00"),
        Told(
            "2019-09-27T11:00",
            "agnes",
            "advance N dispatch --assigned-unit 0102",
            "signing 2019-09-27T13:00, answering 2019-09-28T11:00",
        ),
        Told("2019-09-27T12:00", "lin", "advance N sign --handler lin", "answering 2019-09-28T11:00"),
        Told(
            "2019-09-28T11:01",
            "lin",
            "refused 21 extend N answering --for 1_working_days --reason 难",
            "answering 2019-09-28T11:00 late",
        ),
    ),
    "fast": (
        Told("2019-09-27T10:00", "agnes", f"{ORDER} --grade fast", "dispatching 2019-09-27T12:00"),
        Told(
            "2019-09-27T11:00",
            "agnes",
            "advance N dispatch --assigned-unit 0102",
            "signing 2019-09-27T13:00, answering 2019-09-30",
        ),
    ),
    "complex": (
        Told("2019-09-27T10:00", "agnes", f"{ORDER} --grade complex", "dispatching 2019-09-27T12:00"),
        Told(
            "2019-09-27T11:00",
            "agnes",
            "advance N dispatch --assigned-unit 0102",
            "signing 2019-09-27T13:00, answering 2019-10-23",
        ),
        Told("2019-09-27T12:00", "lin", "advance N sign --handler lin", "answering 2019-10-23"),
        Told(
            "2019-10-22T09:00",
            "lin",
            "refused 21 extend N answering --for 11_working_days --reason 难",
            "answering 2019-10-23",
        ),
        # 24, 25, 28 to 31, 11-01, 04, 05, 06
        Told(
            "2019-10-22T09:00",
            "lin",
            "extend N answering --for 10_working_days --reason 跨部门",
            "answering 2019-11-06 extended",
        ),
    ),
}
PETITION = {
    # 15 working days after Mon 09-02: 3 to 6, 9 to 12, 16 to 20, 23, 24. 60 days after 09-10: 30 is +20, 10-31 is +51.
    "to the end": (
        Told(
            "2019-09-02T09:00",
            "wang",
            "receive --workflow petition --unit 0101 --received-on 2019-09-02 --matter 征地补偿",
            "accepting 2019-09-24",
        ),
        Told("2019-09-03T09:00", "wang", "advance N pass_on --competent-unit 0102", "accepting 2019-09-24"),
        Told("2019-09-10T09:00", "offing", "advance N accept --handler lin", "handling 2019-11-09"),
        Told(
            "2019-11-08T09:00",
            "offing",
            "extend N handling --for 30_days --reason 需鉴定 --signed-by heide",
            "handling 2019-12-09 extended",
        ),
        Told(
            "2019-11-20T09:00",
            "lin",
            "advance N answer --opinion 予以支持 --delivered-on 2019-11-20",
            "asking_review 2019-12-20 theirs",
        ),
        Told("2019-12-02T09:00", "offing", "advance N ask_review --reason 数额", "reviewing 2020-01-01"),
        Told(
            "2019-12-20T09:00",
            "heide",
            "advance N review --review-opinion 维持 --review-delivered-on 2019-12-20",
            "asking_recheck 2020-01-19 theirs",
        ),
        Told("2020-01-05T09:00", "offing", "advance N ask_recheck --reason 数额", "rechecking 2020-02-04"),
        Told("2020-02-03T09:00", "group", "advance N recheck --recheck-opinion 维持", ""),
    ),
    # Nobody asks for a review by 10-21: the first sweep after that day ends it.
    "lapsed": (
        Told(
            "2019-09-02T09:00",
            "wang",
            "receive --workflow petition --unit 0101 --received-on 2019-09-02 --matter 噪声",
            "accepting 2019-09-24",
        ),
        Told("2019-09-12T09:00", "wang", "advance N accept --handler zhao", "handling 2019-11-11"),
        Told(
            "2019-09-20T09:00",
            "zhao",
            "advance N answer --opinion 已整改 --delivered-on 2019-09-21",
            "asking_review 2019-10-21 theirs",
        ),
        Told("2019-10-21T23:00", "wang", "run --once", "asking_review 2019-10-21 theirs"),
        Told("2019-10-22T08:00", "wang", "run --once", ""),
    ),
}
REQUEST = "receive --workflow foi --unit 0101 --received-on 2019-09-02 --subject 采购合同"
FOI = {
    # 20 working days after Mon 09-02: 15 to 09-24 as above, then 25, 26, 27, 29, 30. Stopped from 09-10 to 09-17 it
    # rests four of them (10, 11, 12, 16): 10-08 to 11. Twenty more: 10-12, 14 to 18, 21 to 25, 28 to 11-01, 04 to 07.
    "cleared and extended": (
        Told("2019-09-02T09:00", "mana", REQUEST, "response 2019-09-30"),
        Told("2019-09-03T09:00", "mana", "advance N assign --answerer resp", "draft 2019-09-18, response 2019-09-30"),
        Told("2019-09-04T09:00", "resp", "advance N accept", "draft 2019-09-18, response 2019-09-30"),
        Told("2019-09-05T09:00", "appr", "advance N flag --clearer appr", "draft 2019-09-18, response 2019-09-30"),
        Told(
            "2019-09-10T09:00",
            "mana",
            "advance N stop --reason 不明确 --stop-category clarification",
            "draft 2019-09-18 paused, response 2019-09-30 paused, their_answer 2019-12-09 theirs",
        ),
        Told("2019-09-17T09:00", "mana", "advance N restart --reason 已补正", "draft 2019-09-24, response 2019-10-11"),
        Told("2019-09-18T09:00", "resp", "advance N submit", "response 2019-10-11"),
        Told("2019-09-19T09:00", "resp", "refused 21 advance N approve", "response 2019-10-11"),
        Told(
            "2019-10-10T09:00",
            "mana",
            "extend N response --for 20_working_days --reason 公共利益 --signed-by li",
            "response 2019-11-07 extended",
        ),
        Told("2019-10-11T09:00", "appr", "advance N approve", "response 2019-11-07 extended"),
        Told("2019-11-06T09:00", "resp", "advance N respond --sent-on 2019-11-06", "closing 2019-11-13"),
        Told("2019-11-07T09:00", "mana", "advance N close --outcome part_refused", ""),
    ),
    "never answered": (
        Told("2019-09-02T09:00", "mana", REQUEST, "response 2019-09-30"),
        Told("2019-09-03T09:00", "mana", "advance N assign --answerer resp", "draft 2019-09-18, response 2019-09-30"),
        Told("2019-09-04T09:00", "resp", "advance N accept", "draft 2019-09-18, response 2019-09-30"),
        Told(
            "2019-09-10T09:00",
            "mana",
            "advance N stop --reason 不明确 --stop-category clarification",
            "draft 2019-09-18 paused, response 2019-09-30 paused, their_answer 2019-12-09 theirs",
        ),
        Told("2019-12-10T08:00", "wang", "run --once", ""),
    ),
}


@pytest.fixture(scope="module")
def town(built_house: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a house that has adopted the three workflows, with the officers who work by them."""
    folder = tmp_path_factory.mktemp("town") / "house"
    shutil.copytree(built_house, folder)
    house = House(folder)
    house.adopt(OWN)
    house.done("unit", "add", "0100", "热线中心")
    for code, role, unit in OFFICERS:
        house.done("officer", "add", code, code.title(), "--role", role, "--unit", unit)
    return house


def standing(house: House, number: str) -> str:
    """Return the terms of a case that live, as the tables write them, the first due first."""
    said = []
    for each in house.found("deadline", "list", number):
        marks = [
            *(["late"] if each["overdue"] else []),
            *([each["status"]] if each["status"] != "running" else []),
            *(["theirs"] if each["whose"] == "theirs" else []),
            *(["extended"] if each["extensions"] else []),
        ]
        due = (each["due_at"] or each["due_on"]).removesuffix(":00+08:00")
        said.append((due, " ".join([each["name"], due, *marks])))
    return ", ".join(words for _, words in sorted(said))


def told(house: House, name: str, story: tuple[Told, ...]) -> list[str]:
    """Play a story on one case, and return where it does not go by the table."""
    number = ""
    wrong: list[str] = []
    for at, by, typed, terms in story:
        house.now = at
        words = [number if each == "N" else each for each in typed.split()]
        words = [
            each.replace("_", " ") if before == "--for" else each
            for before, each in zip(["", *words], words, strict=False)
        ]
        code = int(words[1]) if words[0] == "refused" else 0
        result = house.run(*(words[2:] if code else words), by=by)
        if result.exit_code != code:
            return [*wrong, f"{name}, {at}, {typed}: {result.exit_code} {result.output.strip()}"]
        number = result.stdout.strip().splitlines()[-1] if words[0] == "receive" else number
        found = standing(house, number)
        if found != terms:
            wrong.append(f"{name}, {at}, {typed}: {found}; by hand {terms}")
    return wrong


def test_they_are_sound_as_they_stand(town: House) -> None:
    """A check of each file names nothing."""
    for name in ("hotline", "petition", "foi"):
        town.done("workflow", "check", str(OWN / f"{name}.yaml"))


def test_the_stories_go_by_the_tables(town: House) -> None:
    """Every step is taken or refused as told, and after each the terms are due on the days worked out by hand."""
    stories = {
        f"{kind} {name}": story
        for kind, of in (("hotline", HOTLINE), ("petition", PETITION), ("foi", FOI))
        for name, story in of.items()
    }

    wrong = [line for name, story in stories.items() for line in told(town, name, story)]
    assert not wrong, "\n".join(wrong)
