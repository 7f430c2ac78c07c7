"""When a row is tried again, and when somebody's quiet hours end."""

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notices import NOW

from notifications.messages import QuietHours
from notifications.waiting import GIVE_UP_AFTER, WAITS, end_of_quiet, jitter_of, next_try

NIGHT = QuietHours(begins=time(22), ends=time(7, 30))
NOON = QuietHours(begins=time(12), ends=time(14))


def test_waits_grow_over_a_long_weekend() -> None:
    """Each wait is at least as long as the one before; together they outlast three days."""
    assert all(earlier <= later for earlier, later in pairwise(WAITS))
    assert sum(WAITS, timedelta()) > timedelta(days=3)
    assert len(WAITS) == GIVE_UP_AFTER - 1


@given(attempts=st.integers(1, 40), jitter=st.floats(0, 1))
def test_the_next_try_lies_ahead_by_the_wait_and_a_fifth_at_most(attempts: int, jitter: float) -> None:
    """The spread only adds, never more than a fifth; beyond the last wait the last one stays."""
    wait = WAITS[min(attempts, len(WAITS)) - 1]

    assert NOW + wait <= next_try(attempts, NOW, jitter) <= NOW + wait * 1.2 + timedelta(seconds=1)


@given(key=st.text(), attempts=st.integers(0, 20))
def test_the_spread_is_the_same_for_the_same_row(key: str, attempts: int) -> None:
    """The spread looks like chance and is none: between 0 and 1, and the same when asked again."""
    assert 0 <= jitter_of(key, attempts) <= 1
    assert jitter_of(key, attempts) == jitter_of(key, attempts)


def test_what_failed_together_does_not_come_back_together() -> None:
    """A hundred rows that fail at once are spread over the wait."""
    assert len({next_try(1, NOW, jitter_of(f"row:{n}", 1)) for n in range(100)}) > 90


@pytest.mark.parametrize(
    ("quiet", "now", "end"),
    [
        pytest.param(NIGHT, "2019-07-04T09:00+08:00", None, id="in the morning"),
        pytest.param(NIGHT, "2019-07-04T22:00+08:00", "2019-07-05T07:30+08:00", id="as it begins"),
        pytest.param(NIGHT, "2019-07-05T03:00+08:00", "2019-07-05T07:30+08:00", id="past midnight"),
        pytest.param(NIGHT, "2019-07-05T07:30+08:00", None, id="as it ends"),
        pytest.param(NIGHT, "2019-07-04T15:00+00:00", "2019-07-05T07:30+08:00", id="asked in another zone"),
        pytest.param(NOON, "2019-07-04T13:59+08:00", "2019-07-04T14:00+08:00", id="at noon"),
        pytest.param(NOON, "2019-07-04T11:59+08:00", None, id="before noon"),
        pytest.param(
            QuietHours(begins=time(9), ends=time(9)), "2019-07-04T09:00+08:00", None, id="begins as it ends: none"
        ),
        pytest.param(
            QuietHours(begins=time(22), ends=time(2, 30), zone="Europe/Berlin"),
            "2019-03-30T23:00+01:00",
            "2019-03-31T03:30+02:00",
            id="the clock leaps over the end",
        ),
        pytest.param(
            QuietHours(begins=time(22), ends=time(2, 30), zone="Europe/Berlin"),
            "2019-10-27T02:10+01:00",
            "2019-10-27T02:30+01:00",
            id="the hour that comes twice",
        ),
    ],
)
def test_quiet_hours_end_by_the_wall_clock(quiet: QuietHours, now: str, end: str | None) -> None:
    """Quiet hours are half-open, may pass midnight, and end by the clock of their zone."""
    expected = None if end is None else datetime.fromisoformat(end)

    assert end_of_quiet(quiet, datetime.fromisoformat(now)) == expected
