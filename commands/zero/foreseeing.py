"""How `qingling zero --forecast` prints what may come, or why nobody can say."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from commands.console.output import heading, print_json, print_pairs, print_table, say
from engine.campaigns.forecasting.answers import Backtest, Cost, Foreseen, NotForeseen, rounded, rounded_outward, tenths
from engine.errors import NoForecastError, NotZeroError
from engine.language import Language, Text, speaking, t
from presentation.forecast_section import (
    forecast_notes,
    forecast_pairs,
    forecast_tables,
    odds_said,
    why_not,
)
from presentation.zero_section import verdict_line

if TYPE_CHECKING:
    from engine.operations.zero.outlook import Outlook
    from engine.operations.zero.verdict import Statement

LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")


def print_forecast(statement: "Statement", outlook: "Outlook", *, as_json: bool) -> None:
    """Print a forecast and leave: with the code of what is not zero, or with that of no forecast; never with 0.

    Raises:
        NotZeroError: If there is a forecast: whatever it says, it is no finding of zero.
        NoForecastError: If there is none.
    """
    answer = outlook.answer
    if as_json:
        print_json(_as_json(statement, outlook))
    elif isinstance(answer, Foreseen):
        _print(statement, outlook, answer)
    if isinstance(answer, NotForeseen):
        raise NoForecastError(Text("no forecast: {why}", "不作预测：{why}").format(why=why_not(answer)))
    raise NotZeroError(Text("this is a forecast, and no finding of zero", "这是预测，不能据此认定清零"))


def _print(statement: "Statement", outlook: "Outlook", answer: Foreseen) -> None:
    """Print a forecast for eyes."""
    heading(verdict_line(statement))
    say()
    heading(
        t("Outlook for {day}, {n} open now", "{day} 预测（现未清 {n} 件）", day=outlook.clear_by, n=answer.open_now)
    )
    print_pairs(forecast_pairs(answer), indent=2)
    for title, table in forecast_tables(outlook, answer):
        say()
        heading(title)
        print_table(list(table.heads), [[str(cell) for cell in row] for row in table.rows])
    say()
    for note in forecast_notes(outlook):
        say(note)


def _as_json(statement: "Statement", outlook: "Outlook") -> dict[str, object]:
    """Return a forecast for scripts: whole numbers, words and tenths."""
    answer = outlook.answer
    plain: dict[str, object] = {
        "campaign": statement.campaign.name,
        "unit": statement.unit,
        "day": statement.day.isoformat(),
        "clear_by": outlook.clear_by.isoformat(),
        "seed": outlook.seed,
        "open": answer.open_now,
        "incomplete": outlook.incomplete,
        "left": outlook.left,
        "backtest": None if answer.backtest is None else _backtest(answer.backtest),
    }
    if isinstance(answer, NotForeseen):
        return {**plain, "forecast": None, "why_not": answer.why.value, "sentence": _both(lambda: why_not(answer))}
    low, high = rounded_outward(answer.low, answer.high, answer.open_now)
    return {
        **plain,
        "forecast": {
            "band": None if answer.is_few else [low, high],
            "band_before_rounding": None if answer.is_few else [answer.low, answer.high],
            "centre": None if answer.is_few else min(max(rounded(answer.centre), low), high),
            "resting_on_assumptions": answer.is_assumed,
            "odds": {
                "zero": _odds(answer.odds.zero),
                "zero_but_extended": _odds(answer.odds.extended),
                "not_zero": _odds(answer.odds.not_zero),
            },
            "leads": [_cost(each, outlook.numbers.get(each.name, each.name)) for each in answer.leads],
            "units": [_cost(each, each.name) for each in answer.units],
            "states": [_cost(each, each.name) for each in answer.states],
            "one_more_a_day": [
                {"unit": each.unit, "fewer": rounded(round(each.fewer)), "zero": _odds(each.zero)}
                for each in answer.one_more
            ],
        },
        "notes": _both(lambda: list(forecast_notes(outlook))),
    }


def _backtest(backtest: Backtest) -> dict[str, object]:
    """Return how the method did."""
    error = max(1, round(100 * backtest.error)) if backtest.checked else None
    return {"checked": backtest.checked, "held": backtest.held, "error_percent": error}


def _cost(cost: Cost, name: str) -> dict[str, object]:
    """Return what costs odds, under the name that is shown."""
    return {"name": name, "open": cost.count, "cleared": _odds(cost.cleared), "share_tenths": tenths(cost.share)}


def _odds(share: float) -> dict[str, object]:
    """Return odds in words, and in tenths from 1 to 9 where they are; 0 and 10 stand for none of these."""
    said = tenths(share)
    return {"words": _both(lambda: odds_said(share)), "tenths": said if 1 <= said <= 9 else None}


def _both(said: Callable[[], object]) -> dict[str, object]:
    """Return what is said in both languages, whatever is spoken."""
    found: dict[str, object] = {}
    for each in LANGUAGES:
        with speaking(each):
            found[each] = said()
    return found
