"""What a forecast says of counties that are invented: bands that hold, refusals, odds in words, and plain sums."""

from datetime import date
from math import comb

import numpy as np
import pytest

from engine.campaigns.forecasting import calibration, pace, simulating
from engine.campaigns.forecasting.answers import (
    Assumed,
    Foreseen,
    WhyNot,
    rounded,
    rounded_outward,
)
from engine.campaigns.forecasting.foresee import foresee
from engine.campaigns.forecasting.history import Moves, history, landmarks
from engine.campaigns.forecasting.survival import Estimator, ended_after
from engine.language import speaking
from presentation.forecast_section import band_picture, odds_said, share_said
from tools.counties import County, cut_offs, lived
from tools.forecast_backtest import KINDS, asked_of

SEED = 5001
"""A county that nobody tuned by."""


def test_bands_hold() -> None:
    """On a county nobody tuned by, a binomial test does not reject the bands (see `make forecast-backtest`)."""
    held = given = 0
    found = lived(County(units=3, a_day=2.0, begins=date(2022, 3, 1)), SEED)
    for day, until in cut_offs(found, (28, 42), first=330):
        asked = asked_of(found, day, until, runs=300)
        answer = foresee(found.until(day), asked)
        if isinstance(answer, Foreseen):
            truth = len({each.case_id for each in asked.cases} & found.open_at(until).keys())
            given += 1
            held += answer.low <= truth <= answer.high
            assert 0 <= answer.low <= answer.centre <= answer.high <= answer.open_now
            assert answer.odds.zero + answer.odds.extended + answer.odds.not_zero == pytest.approx(1)

    assert given >= 5
    assert not calibration.speaks_against(held, given)


def test_batches_and_short_histories_are_refused() -> None:
    """Work in batches, and a ledger younger than twice the time left, get a refusal and no number."""
    batches, steady = lived(KINDS["batches"], SEED), lived(KINDS["small"], SEED)
    cases = (
        (batches, 700, 760, WhyNot.BATCHES),
        (steady, 100, 200, WhyNot.TOO_LITTLE_HISTORY),
        (steady, 300, 300, WhyNot.DAY_OVER),
    )
    answers = [(foresee(found.until(day), asked_of(found, day, until)), why) for found, day, until, why in cases]

    assert [getattr(answer, "why", None) for answer, _ in answers] == [why for _, why in answers]


def test_a_first_year_takes_what_is_declared() -> None:
    """With assumptions a young ledger gets a band from them alone, as wide as they are uncertain."""
    found = lived(County(), SEED)
    narrow, wide = (
        foresee(
            found.until(100),
            asked_of(found, 100, 160, assumed=Assumed(half_days={}, otherwise=60.0, pace_spread=spread)),
        )
        for spread in (0.1, 0.45)
    )

    assert isinstance(narrow, Foreseen)
    assert isinstance(wide, Foreseen)
    assert narrow.is_assumed
    assert narrow.high - narrow.low < wide.high - wide.low


def test_how_soon_cases_end_is_what_a_hand_would_count() -> None:
    """Kaplan and Meier over landmarks: of ten cases, two end in the first week, four of the others in the second."""
    working = [True] * 200
    rows: list[tuple[int, int, str, str | None, bool]] = []
    for case in range(400):  # forty cohorts of ten, one each week
        begun, turn = case // 10 * 5 + 4, case % 10
        rows.append((case, begun, "open", "01", True))
        if turn < 6:
            rows.append((case, begun + (3 if turn < 2 else 8), "done", None, False))
    rows = [each for each in rows if each[1] < 200]
    cases, days, states, units, are_open = zip(*rows, strict=True)
    past = history(Moves(cases=cases, instants=days, states=states, units=units, open=are_open), range(1, 201), working)
    found = landmarks(past, 10.0, frozenset())
    estimate = Estimator(found, 1).at(len(found.grid) - 1, 10.0)
    group = past.state_codes["open"] * 5  # younger than five working days

    assert ended_after(estimate.curves, np.array([group] * 3), np.array([0.0, 5.0, 10.0])) == pytest.approx(
        [0.0, 0.2, 0.6], abs=0.08
    )


def test_odds_of_all_are_those_of_all() -> None:
    """Three hundred leads at 99 in 100 each are all cleared 5 times in 100; shared weeks do not change that here."""
    hazards = np.full(300, -np.log(0.01))

    assert simulating.odds_of_all(simulating.alike(hazards), np.ones(10)) == pytest.approx(0.99**300, rel=1e-6)
    assert simulating.played(simulating.alike(hazards), np.ones(10)).mean == pytest.approx(3.0, rel=1e-6)


def test_how_far_a_record_of_bands_speaks_against_them() -> None:
    """Two-sided binomial at 5 %, as counted out; bands that look at the same time count as one."""
    table = {(31, 38): False, (24, 38): True, (38, 38): True, (12, 12): False, (6, 12): True, (160, 200): False,
             (146, 200): True}  # fmt: skip
    assert {key: calibration.speaks_against(*key) for key in table} == table
    assert not calibration.speaks_against(24, 38, steps=8)
    assert sum(comb(38, k) * 0.8**k * 0.2 ** (38 - k) for k in range(25)) < 0.05


def test_unevenness_and_busy_days() -> None:
    """Even weeks score below one, a batch every tenth week far above fifteen; a busy day holds its share."""
    many = np.full(50, 1000.0)
    assert pace.unevenness(many / 100, many / 100) == (0, 0)
    assert min(pace.unevenness(np.array([0.0] * 9 + [300.0]), np.full(10, 30.0))) > 1
    assert pace.unevenness(many + np.resize([300, -300], 50), many) == pytest.approx((90, 0.089))
    assert pace.busiest(np.array([0] * 98 + [50, 50]), 0) == 1.0


@pytest.mark.parametrize(
    ("odds", "said"),
    [
        (0.0, "almost impossible"), (0.03, "very unlikely, less than 1 in 10"), (0.31, "about 3 in 10"),
        (0.96, "very likely, more than 9 in 10"), (1.0, "almost certain"),
    ],
)  # fmt: skip
def test_odds_in_words(odds: float, said: str) -> None:
    """Tenths and words, never 0 or 100 %, no decimals."""
    with speaking("en"):
        assert odds_said(odds) == said


def test_numbers_are_rounded_outward() -> None:
    """To 5 below 200 and to 10 from there on, outward, and never beyond what is open."""
    assert rounded_outward(21, 54, 412) == (20, 55)
    assert rounded_outward(203, 381, 412) == (200, 390)
    assert rounded_outward(3, 38, 39) == (0, 39)
    assert [rounded(each) for each in (2, 3, 37, 196, 214)] == [0, 5, 35, 195, 210]
    with speaking("en"):
        assert share_said(0.02) == "less than 1 in 10"


def test_the_picture_says_what_it_shows() -> None:
    """The drawing has the sentence as its name, and only attributes say how it looks, so that no style is needed."""
    found = lived(County(), SEED)
    answer = foresee(found.until(700), asked_of(found, 700, 730))
    assert isinstance(answer, Foreseen)
    with speaking("en"):
        drawn = band_picture(answer)

    assert 'role="img"' in drawn
    assert "8 times in 10" in drawn.split("<title>")[1]
    assert "style" not in drawn
