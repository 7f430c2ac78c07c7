"""Rates by source, real name and unit, and how many days stages take: counted by hand, and refused if misdeclared."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from zero_house import Office, at, office_in

from engine.campaigns.campaign_file import measures_in
from engine.campaigns.measures import Measures
from engine.language import speaking
from engine.operations.figures.figure_values import Figures
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.figures.report_figures import figures
from engine.workflow.texts import KeptText
from workflows.loader import Declarations

LEAD = Declarations().latest("lead")
MEASURES = """
measures: lead
by: [[source, unit], [real_name]]
rates:
  substantiated:
    title: 查实率
    definition: 查实 ÷ 已核查
    top: {values: {finding: [substantiated, partly]}}
    bottom: {has: [finding]}
  closed: {title: 办结率, definition: 办结 ÷ 收到, by: [unit], top: {counts: [cleared, fully_closed]}}
  on_time: {title: 按期率, definition: 按期 ÷ 有期限, by: [], on_time: all}
times:
  disposal: {title: 交办, from: {field: received_on}, to: assigned, by: [unit]}
  verification: {title: 核查, from: assigned, to: {field: verified_on}, by: []}
  backwards: {title: 倒置, from: {field: verified_on}, to: assigned, by: []}
"""


def kept(text: str) -> KeptText:
    """Return a declaration as a ledger keeps it."""
    return KeptText("lead", json.dumps(yaml.safe_load(text)))


def declared(text: str) -> Measures:
    """Return measures that are sound."""
    measures, problems = measures_in(kept(text), "lead", LEAD)
    assert problems == ()
    return measures


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return a fresh office."""
    made = office_in(tmp_path)
    yield made
    made.close()


def told(office: Office, month: str, *, today: str = "2019-12-31") -> Figures:
    """Return the figures of a month with the measures."""
    now = at(today, 18)
    period = period_of(ReportKind.MONTHLY, month, today=now.date())
    return figures(office.ledger, "lead", period, measures=declared(MEASURES), now=now)


def test_rates_and_days_are_counted_by_group(office: Office) -> None:
    """Each lead received in the month stands in one group of each split, and what ended in it is timed."""
    first = office.register("2019-06-03", "2019-06-03", source="letter", real_name=True, category="A3")
    second = office.register("2019-06-04", "2019-06-04", source="letter", category="A3")
    third = office.register("2019-06-05", "2019-06-05", unit="0102", source="telephone", category="A3")
    office.register("2019-07-01", "2019-05-31", source="telephone")
    for day, number in (("2019-06-05", first), ("2019-06-10", second), ("2019-06-12", third)):
        office.assign(day, number)
    office.verify("2019-06-11", first, finding="substantiated")
    office.verify("2019-06-20", second)
    office.verify("2019-07-02", third)
    office.dismiss(("2019-06-21", "2019-06-22"), second)

    june = told(office, "2019-06")
    rates = {(each.rate, each.by): {group.values: (top, of) for group, top, of in each.rows} for each in june.rates}
    assert rates == {
        ("substantiated", ()): {(): (1, 2)},
        ("substantiated", ("source", "unit")): {("letter", "0101"): (1, 2)},
        ("substantiated", ("real_name",)): {("True",): (1, 1), (None,): (0, 1)},
        ("closed", ()): {(): (1, 3)},
        ("closed", ("unit",)): {("0101",): (1, 2), ("0102",): (0, 1)},
        ("on_time", ()): {(): (2, 3)},  # the first is not disposed of within ten working days of 11 June
    }
    days = {(each.stage, each.by): [(g.values, *rest) for g, *rest in each.rows] for each in june.times}
    assert days == {
        ("disposal", ()): [((), 3, 5.0, 6.0)],
        ("disposal", ("unit",)): [(("0101",), 2, 4.0, 4.0), (("0102",), 1, 7.0, 7.0)],
        ("verification", ()): [((), 2, 8.0, 8.0)],
        ("backwards", ()): [],
    }
    assert {each.stage: each.unknown for each in june.times} == {"disposal": 0, "verification": 0, "backwards": 3}
    july = {each.stage: each.rows[0][1:] for each in told(office, "2019-07").times if each.rows and not each.by}
    assert july == {"verification": (1, 20.0, 20.0)}
    assert told(office, "2019-06", today="2020-03-01").rates == june.rates


MISTAKES = (
    ("by: [summary]", "measures are split by unit, or by a field of one choice or a flag, not by 'summary'"),
    ("by: source", "write a list of fields, or of such lists"),
    ("times: {x: {title: x, from: asigned, to: verified}}", "the workflow has no 'asigned' (did you mean 'assigned'?)"),
    ("times: {x: {title: x, from: {field: source}, to: verified}}", "the workflow has no 'source'"),
    ("assessment: [clear_rat]", "the workflow has no 'clear_rat' (did you mean 'clear_rate'?)"),
)


def test_measures_that_are_misdeclared_are_refused() -> None:
    """What a measure names that is not there, or cannot split anything, is told with its place."""
    with speaking("en"):
        said = [
            [str(each.text) for each in measures_in(kept(f"measures: lead\n{text}\n"), "lead", LEAD)[1]]
            for text, _ in MISTAKES
        ]
    amiss = [
        (text, found) for (text, wanted), found in zip(MISTAKES, said, strict=True) if wanted not in " ".join(found)
    ]
    assert amiss == []
