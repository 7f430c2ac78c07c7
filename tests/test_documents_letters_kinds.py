"""Kinds of letters as they are declared: what is wrong is found with its line, all of it at once."""

from pathlib import Path

import pytest

from documents.letters.kinds import kinds_in

SOUND = """notice:
  title: {en: Notice, zh: 通知}
  workflows: [lead]
  series: 知
  by: [office]
  basis: W1
  values:
    facts: {title: {en: Facts, zh: 事项}, from: [case.summary], needed: true}
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("notice:", "notice:", []),
        ("by:", "bye:", ["5: notice.bye: no key is called 'bye' here (did you mean 'by'?)"]),
        ("  basis: W1\n", "", ["1: notice: 'basis' is missing"]),
        ("needed: true", "needed: {finding: [yes, No]}", ["8: notice.values.facts.needed.finding.1: a name is"]),
        ("needed: true", "type: day", ["8: notice.values.facts.type: write one of date, officer"]),
        ("needed: true", "words: {a: [{since: soon}]}", [
            "8: notice.values.facts.words.a.0: 'text' is missing",
            "8: notice.values.facts.words.a.0.since: write a date as 2019-12-31",
        ]),
        ("series: 知", "series: [知]\n  about: time", [
            "4: notice.series: write a text", "5: notice.about: write one of deadline, extension",
        ]),
        ("notice:", "Bad: {}\nnotice:", ["1: Bad: a name is made of"]),
        ("notice:", "flat: 7\nnotice:", ["1: flat: write keys and values here"]),
        ("  values:", "  values:\n    Bad: {}", ["8: notice.values.Bad: a name is made of"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_kind(tmp_path: Path, old: str, new: str, says: list[str]) -> None:
    """Unknown and missing keys, words that are none, dates that are none: each with line and culprit."""
    path = tmp_path / "kinds.yaml"
    path.write_text(SOUND.replace(old, new, 1), "utf-8")

    _, problems = kinds_in(path)

    found = [each.text.en.removeprefix("kinds.yaml:") for each in problems]
    assert len(found) == len(says)
    assert all(each.startswith(start) for each, start in zip(found, says, strict=True)), found
