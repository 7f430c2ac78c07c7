"""Rows become messages: what they look like, and what is refused before anything is sent."""

import re
from datetime import date
from pathlib import Path

import pytest
from conftest import Snapshot
from notices import DIGEST, PAYLOADS, entry, row, shipped_templates

from engine.errors import BadFileError, BadValueError, RefusedError
from engine.language import Language, Text
from engine.workflow.ladder_levels import LadderLevel
from notifications.channels import cut_note, shortened_list
from notifications.payloads import KINDS, payload_problems
from notifications.render import Templates
from notifications.views import SHOWN, left_said, names_of, week_of
from workflows.loader import Declarations


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_message_is_the_one_that_was_looked_through(kind: str, language: Language, snapshot: Snapshot) -> None:
    """Every kind of message reads, in both languages, as in its snapshot."""
    message = shipped_templates().render(row(kind, language=language))

    snapshot.check(f"messages/{kind}.{language}.txt", f"{message.subject}\n\n{message.text}")
    if message.html is not None:
        snapshot.check(f"messages/{kind}.{language}.html", message.html)


def test_the_shipped_templates_ask_for_nothing_that_is_not_carried() -> None:
    """All shipped templates exist, are sound and ask only for what their kind carries."""
    assert shipped_templates().problems() == ()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_message_needs_only_what_its_kind_needs(kind: str) -> None:
    """A payload without all its optional keys is still rendered, in both languages."""
    needed = {key: PAYLOADS[kind][key] for key, rule in KINDS[kind].items() if rule.needed}
    if kind == "digest":
        rules = KINDS["digest"]["entries"].each or {}
        needed["entries"] = [{k: v for k, v in entry(1, "2019-07-05", "other", None).items() if rules[k].needed}]

    rendered = [shipped_templates().render(row(kind, language=lang, payload=needed)) for lang in ("zh", "en")]

    assert all("None" not in found.text + found.subject + (found.html or "") for found in rendered)


@pytest.mark.parametrize(
    ("payload", "culprit"),
    [
        pytest.param({**DIGEST, "reporter": "x"}, "reporter", id="a reporter"),
        pytest.param({**DIGEST, "subject_name": "x"}, "subject_name", id="a person reported"),
        pytest.param(
            {**DIGEST, "entries": [entry(1, "2019-07-05", "remind", 1, note="x")]},
            "entries[1].note",
            id="a note on an entry",
        ),
        pytest.param({"entries": DIGEST["entries"]}, "as_of", id="no day"),
        pytest.param({**DIGEST, "entries": []}, "entries", id="no entry"),
        pytest.param({**DIGEST, "as_of": "2019-02-30"}, "as_of", id="no such day"),
        pytest.param(
            {**DIGEST, "entries": [entry(1, "2019-07-05T09:00", "remind", 1)]},
            "entries[1].due",
            id="an instant without zone",
        ),
        pytest.param(
            {**DIGEST, "entries": [entry(1, "2019-07-05", "remind", 1, "weeks")]}, "entries[1].counted_in", id="weeks"
        ),
        pytest.param(
            {**DIGEST, "entries": [entry(1, "2019-07-05", "remind", 1, action="长" * 400)]},
            "entries[1].action",
            id="a story",
        ),
        pytest.param(
            {**DIGEST, "entries": [entry(1, "2019-07-05", "remind", 1, action="a\nb")]},
            "entries[1].action",
            id="two lines",
        ),
    ],
)
def test_what_is_not_listed_does_not_leave_the_house(payload: dict[str, object], culprit: str) -> None:
    """A key that is not permitted, or a value that does not fit, is refused by name, never by value."""
    with pytest.raises(RefusedError) as caught:
        shipped_templates().render(row("digest", payload=payload))

    assert culprit in caught.value.sentence.en
    assert "长长" not in caught.value.sentence.zh


@pytest.mark.parametrize("name", ["张　三", "Zhang\u00a0San"], ids=["set wide", "not to be parted"])
def test_a_name_with_a_blank_of_its_own_stops_no_message(name: str) -> None:
    """A name of two signs is often set with a wide blank; whoever stands in for them is reminded all the same."""
    payload = {**DIGEST, "entries": [entry(1, "2019-07-05", "remind", 1, acting_for=name)]}

    assert name in shipped_templates().render(row("digest", payload=payload)).text


def test_no_kind_permits_a_person_reported() -> None:
    """No permitted key speaks of reporters, of people reported, of reasons or of remarks."""
    keys = {key for kind in KINDS.values() for key in kind} | set(KINDS["digest"]["entries"].each or {})
    told = ("reporter", "informant", "suspect", "subject", "person", "name", "reason", "remark", "note", "text")

    assert [key for key in keys if any(word in key for word in told)] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "counted by plain weekdays and marked provisional"), ("zh", "按普通星期推算并标为暂估")],
)
def test_a_missing_calendar_frightens_nobody(language: Language, said: str) -> None:
    """Where nothing is provisional yet it is not said that everything is refused, and the commands can be typed."""
    given = {"year": 2020, "last_year": 2019, "provisional": 0}
    text = shipped_templates().render(row("calendar_missing", language=language, payload=given)).text

    assert said in text
    assert "calendar check" not in text
    assert "qingling calendar use" in text


def test_an_unknown_kind_is_refused() -> None:
    """A kind that does not exist is refused with those that do."""
    with pytest.raises(BadValueError, match="calendar_missing"):
        shipped_templates().placeholders("gossip", "zh")

    assert "digest" in payload_problems("gossip", {})[0].en


def test_the_most_urgent_comes_first() -> None:
    """Entries stand by due day, whatever their order in the payload."""
    message = shipped_templates().render(row("digest"))
    order = [line.split()[1][-2:] for line in message.text.splitlines() if line[:1].isdigit()]

    assert order == ["12", "13", "14", "15", "16", "17", "18", "19"]


def test_a_digest_of_thousands_stays_readable() -> None:
    """Beyond fifty entries only their number and the command that lists them is told."""
    many = {"as_of": "2019-07-04", "entries": [entry(n, "2019-07-03", "chase", -1) for n in range(1, 1001)]}
    message = shipped_templates().render(row("digest", payload=many))

    assert f"另有 {1000 - SHOWN} 个未列出" in message.text
    assert "1000 个期限已逾期" in message.subject


@pytest.mark.parametrize(
    ("left", "unit", "zh", "en"),
    [
        (3, "working_days", "还剩 3 个工作日", "3 working days left"),
        (1, "days", "还剩 1 天", "1 day left"),
        (0, "days", "今天到期", "due today"),
        (0, "hours", "即将到时", "due now"),
        (-1, "months", "已逾期 1 个月", "1 month late"),
        (-7, "working_hours", "已逾期 7 个工作小时", "7 working hours late"),
        (None, "days", None, None),
    ],
)
def test_what_is_left_is_said_in_the_terms_own_unit(
    left: int | None, unit: str, zh: str | None, en: str | None
) -> None:
    """Time left and lateness are counted in the unit of the deadline; the due day is not late."""
    assert (left_said(left, unit, "zh"), left_said(left, unit, "en")) == (zh, en)


def test_the_picture_of_the_week_counts_every_deadline_once() -> None:
    """Each due day stands in exactly one bar, coloured by its side of today."""
    dues = [date(2019, 6, 4), date(2019, 7, 1), date(2019, 7, 4), date(2019, 7, 4), date(2019, 7, 7), date(2019, 9, 1)]
    bars = week_of(dues, date(2019, 7, 4), "zh")

    assert [(bar["label"], bar["count"], bar["tone"]) for bar in bars] == [
        ("更早", 1, "late"),
        ("一", 1, "late"),
        ("二", 0, "late"),
        ("三", 0, "late"),
        ("四", 2, "today"),
        ("五", 0, "coming"),
        ("六", 0, "coming"),
        ("日", 1, "coming"),
        ("以后", 1, "coming"),
    ]


def test_html_shows_signs_as_signs() -> None:
    """What looks like markup in a title is text in the mail's HTML, and plain in its text."""
    marked = {"as_of": "2019-07-04", "entries": [entry(1, "2019-07-05", "<b>甲&乙</b>", 1)]}
    message = shipped_templates().render(row("digest", payload=marked))

    assert "&lt;b&gt;甲&amp;乙&lt;/b&gt;" in (message.html or "")
    assert "<b>甲&乙</b>" in message.text


def _own(folder: Path, name: str, words: str) -> Templates:
    """Return templates with one file of the user's own."""
    path = folder / name
    path.parent.mkdir(parents=True)
    path.write_text(words, encoding="utf-8")
    return shipped_templates(folder)


def test_a_file_of_the_users_own_replaces_that_file_only(tmp_path: Path) -> None:
    """One own file is used, the others stay the shipped ones; the subject is one line."""
    message = _own(tmp_path, "test/zh/subject.txt", "本局试发\n  {{ unit }}\n").render(row())

    assert message.subject == "本局试发 某县卫生健康局"
    assert "这是一条试发消息" in message.text


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        pytest.param("test/zh/body.txt", "{{ reporter }} {{ nmae }}", "nmae, reporter", id="names nobody carries"),
        pytest.param("test/zh/body.txt", "a\n{% if %}", "body.txt:2", id="not Jinja"),
        pytest.param("test/zh/body.txt", "{{ unit.x }}", "no attribute", id="a misspelt part"),
        pytest.param("test/zh/body.txt", "{{ unit + 1 }}", "not sound", id="a sum of text and number"),
        pytest.param("test/zh/body.txt", "{{ ''.__class__.__mro__ }}", "unsafe", id="a way out of the sandbox"),
        pytest.param("test/zh/body.txt", "{% include 'gone.txt' %}", "gone.txt", id="includes what is not there"),
        pytest.param("test/zh/subject.txt", " \n ", "empty", id="an empty subject"),
        pytest.param("test/zh/body.txt", "{{ 5 | xmlattr }}", "not sound", id="a filter for what is a number"),
        pytest.param("test/zh/body.txt", "{% include 'test/zh/body.txt' %}", "not sound", id="includes itself"),
        pytest.param("test/zh/body.txt", "{{ 'x' * 10**9 }}", "larger than 5,000,000", id="all memory"),
        pytest.param(
            "test/zh/body.txt",
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            "more than 200,000 turns",
            id="all time",
        ),
        pytest.param("test/zh/body.txt", "{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}", "not sound", id="deep"),
    ],
)
def test_a_template_that_is_not_sound_is_named(tmp_path: Path, name: str, words: str, told: str) -> None:
    """The refusal is one line and names the file and the fault."""
    with pytest.raises(BadFileError) as caught:
        _own(tmp_path, name, words).render(row())
    sentence = caught.value.sentence.en

    assert told in sentence
    assert "\n" not in sentence
    assert str(tmp_path) in sentence or name in sentence or "gone.txt" in sentence


def test_a_template_in_another_encoding_is_named(tmp_path: Path) -> None:
    """A file saved as GBK is refused with what to do."""
    path = tmp_path / "test/zh/body.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes("试发".encode("gbk"))

    assert [p.en.endswith("save it as UTF-8") for p in shipped_templates(tmp_path).problems()] == [True]


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """An own folder that does not exist is refused at once."""
    with pytest.raises(BadFileError, match="nowhere"):
        shipped_templates(tmp_path / "nowhere")


def test_placeholders_are_known_before_rendering() -> None:
    """What a kind's templates ask for is known without a row, and is part of what it carries."""
    asked = shipped_templates().placeholders("notice", "zh")

    assert {"number", "event_title", "recipient"} <= asked <= names_of("notice")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_chat_digest_has_the_most_urgent_first_and_says_where_the_rest_is(language: Language) -> None:
    """Cut for a robot it ends with a whole entry and names the command that lists all; the latest due are left out."""
    entries = [
        {**entry(1, f"2019-06-{day:02}", "chase", -day), "number": f"0101-XS-2019-{day:02}", "unit": "某医院"}
        for day in range(30, 0, -1)
    ]
    message = shipped_templates().render(row("digest", language=language, payload={**DIGEST, "entries": entries}))
    cut = shortened_list(message.text, 2048, cut_note(message))
    listed = re.findall("0101-XS-2019-(..)", cut)

    assert listed == [f"{day:02}" for day in range(1, len(listed) + 1)]
    assert 0 < len(listed) < 30
    assert len(cut.encode()) <= 2048
    assert cut.endswith(cut_note(message))
    assert cut.count("某医院") == len(listed)
    assert ("qingling 期限 列表" if language == "zh" else "qingling deadline list") in cut


def test_a_level_is_called_marked_and_ranked_as_it_is_declared() -> None:
    """A new level needs nothing but its declaration; one that is not declared is shown by its name, last."""
    summon = LadderLevel(name="summon", title=Text("summons", "约谈"), tone="alarm", chases=False)
    levels = {**Declarations().levels(), summon.name: summon}
    entries = [entry(n, "2019-07-03", level, -1) for n, level in enumerate(("scold", "chase", "summon", "listed"), 1)]

    message = Templates(levels=levels).render(row("digest", language="zh", payload={**DIGEST, "entries": entries}))

    assert re.findall(r'class="tag tag-(\w+)" style=.*?>(.+?)</span>', message.html or "") == [
        ("alarm", "约谈"), ("alarm", "挂牌督办"), ("warning", "催办"), ("other", "scold"),
    ]  # fmt: skip
