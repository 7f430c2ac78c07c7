"""When campaigns run: their days alone, for what opens by them; what else their files say is not judged here."""

from collections.abc import Iterable, Mapping
from typing import Final

from engine.campaigns.campaign_file import in_year, takes_year
from engine.reading.terms import Part
from engine.reading.yaml_file import read
from engine.workflow.problems import nowhere
from engine.workflow.recurring_cases import CampaignRun
from engine.workflow.texts import Source

_EVERY: Final = {"daily": "working_day", "weekly": "week", "monthly": "month", "quarterly": "quarter"}
_KEYS: Final = {"check_in": "check_in", "bulletin": "bulletin", "stage_end": "stages", "report_on": "report_on"}


def runs_in(source: Source, years: Iterable[int]) -> tuple[CampaignRun, ...]:
    """Return when the campaign in a file runs: once in each of the *years*, or on its own fixed days.

    Nothing if its days cannot be read; `zero` and `adopt` say what is wrong with them.
    """
    plain, _, wrong = read(source, source.name)
    if wrong or not plain:
        return ()
    filled = [in_year(plain, year) for year in years] if takes_year(plain) else [plain]
    found = (_run(source.stem, each) for each in filled)
    return tuple(each for each in found if each is not None)


def days_in(source: Source) -> frozenset[str]:
    """Return by which of its days (`MOMENTS`) cases may open, as the campaign in a file has them."""
    plain, _, _ = read(source, source.name)
    return frozenset({"begin", "clear_by"} | {moment for moment, key in _KEYS.items() if plain.get(key) is not None})


def _run(name: str, plain: Mapping[str, object]) -> CampaignRun | None:
    """Return when a campaign runs, once its year is written in; None if its days cannot be read."""
    part = Part(plain, (), [], nowhere)
    clear_by = part.day("clear_by")
    if clear_by is None:
        return None
    stages = [(row.day("from"), row.day("to")) for row in part.rows("stages")]
    read_stages = tuple((first, last) for first, last in stages if first is not None and last is not None)
    falling, received = part.part("falling_due"), part.part("received")
    otherwise = (falling.day("from") if falling else None) or (received.day("to") if received else None) or clear_by
    return CampaignRun(
        name=name,
        begins_on=min((first for first, _ in read_stages), default=otherwise),
        clear_by=clear_by,
        report_on=part.day("report_on"),
        stages=read_stages,
        check_in=_EVERY.get(str(plain.get("check_in"))),
        bulletin=_EVERY.get(str(plain.get("bulletin"))),
    )
