"""Whether a campaign is cleared to zero: the same answer as that of the command, with all that blocks."""

from collections.abc import Mapping, Sequence

from desk.answers import Answer, PageShown
from desk.case_shown import title_of
from desk.rendering import Drawing
from desk.visit import Visit, whole_number
from engine.campaigns.campaign import GROUP_TITLES, VERDICT_TITLES, Campaign, Verdict, ZeroGroup
from engine.campaigns.forecasting.answers import NotForeseen
from engine.errors import NoForecastError, without_hints
from engine.language import Text
from engine.operations.cases.lookup import cases_numbered
from engine.operations.house.directory import units
from engine.operations.ledger.adopted import AdoptedTexts
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import veiled
from engine.operations.zero.blocking import Blocker, blockers
from engine.operations.zero.outlook import look_ahead
from engine.operations.zero.pace import pace
from engine.operations.zero.record_checks import COUNTED_WRONG, Concern, concerns, of_the_day, whole
from engine.operations.zero.verdict import Statement, check_zero
from engine.rules.reading_rights import Deed, is_masked
from engine.working_days.loose_dates import day_meant
from presentation.case_view import entitled, state_words
from presentation.forecast_section import band_picture, forecast_notes, forecast_pairs, forecast_tables, why_not
from presentation.zero_section import verdict_line, zero_sections
from workflows.campaigns_found import AdoptedCampaigns

EARLIEST, LATEST = 1990, 2999
"""Years that a campaign may be asked about."""
NAMED = 20
"""Cases named of one thing that was found."""


def campaigns_of(ledger: Ledger) -> AdoptedCampaigns:
    """Return the campaigns that a ledger has adopted."""
    return AdoptedCampaigns(
        AdoptedTexts(ledger.store),
        workflow=ledger.workflows.latest,
        units=lambda: {each.code for each in units(ledger)},
    )


def campaign_asked(visit: Visit) -> Campaign:
    """Return the campaign that an address or a form names, of the year that it says.

    Raises:
        NotFoundError: If there is none.
        BadValueError: If the year is none.
    """
    year = visit.asked.one("year")
    return campaigns_of(visit.ledger).campaign(
        visit.asked.path["campaign"], year=whole_number(year, least=EARLIEST, most=LATEST) if year else None
    )


def campaigns_page(visit: Visit) -> Answer:
    """Show which campaigns there are."""
    with visit.viewing(Deed.ZERO) as view:
        view.shown()
    year = visit.acting.today.year
    listed = [
        (each.name, str(each.title).replace("{year}", str(year)), year if each.takes_year else None)
        for each in campaigns_of(visit.ledger).listed()
    ]
    return PageShown(template="campaigns.html", values={"campaigns": listed})


def zero_page(visit: Visit) -> Answer:
    """Show how a campaign stands."""
    asked = visit.asked
    year, campaign = asked.one("year"), campaign_asked(visit)
    today = visit.acting.today
    day = day_meant(asked.one("as_of"), today=today) if asked.one("as_of") else today
    unit = asked.one("unit") or None
    about: dict[str, object] = {"campaign": campaign.name, "unit": unit, "as_of": asked.one("as_of")}
    with visit.viewing(Deed.ZERO, **about) as view:
        statement = check_zero(view.ledger, campaign, day=day, unit=unit, now=visit.now)
        view.shown(**about, scope=statement.total.scope)
        found = tuple(blockers(view.ledger, statement))
        sees_whole = visit.reader.reads_all and visit.ledger.store.sees_all
        checks: tuple[Concern, ...] = ()
        if asked.one("check") and sees_whole:  # of the whole ledger: in a part nobody can say that nothing is missing
            checks = (
                (*whole(visit.ledger, now=visit.now), *of_the_day(visit.ledger, statement))
                if day < today
                else concerns(visit.ledger, statement, found, now=visit.now)
            )
        statement = _as_sure(statement, checks)
        values = {
            **_shown(visit, view.ledger, campaign, statement, found),
            "limited": view.limited,
            "year": year,
            "as_of": asked.one("as_of"),
            "unit": unit or "",
            "today": today,
            "can_check": sees_whole and not checks,
            "outlook": _outlook(visit, view.ledger, statement) if asked.one("forecast") else None,
            "known": {each.case.number for each in found if not is_masked(each.case.number)}
            | set(cases_numbered(visit.ledger, [said for each in checks for said in each.found[:NAMED]])),
            "checks": [
                (each.title, [veiled(visit.reader, said) for said in each.found[:NAMED]], len(each.found))
                for each in checks
            ],
        }
    return PageShown(template="zero.html", values=values)


def _outlook(visit: Visit, ledger: Ledger, statement: Statement) -> Mapping[str, object]:
    """Return what may come, in words, tables and a picture; or why nobody can say."""
    try:
        declared = campaigns_of(visit.ledger).measures_of(statement.campaign.workflow).forecast
        outlook = look_ahead(ledger, statement, declared)
    except NoForecastError as error:
        return {"why_not": str(error)}
    answer = outlook.answer
    if isinstance(answer, NotForeseen):
        return {"why_not": why_not(answer)}
    return {
        "why_not": "",
        "picture": "" if answer.is_few else Drawing(band_picture(answer)),
        "pairs": list(forecast_pairs(answer)),
        "tables": list(forecast_tables(outlook, answer)),
        "notes": list(forecast_notes(outlook)),
    }


def _as_sure(statement: Statement, checks: Sequence[Concern]) -> Statement:
    """Return the statement with no more said of it than was looked for."""
    if not checks:
        return statement.unchecked()
    broken = any(each.is_grave and each.name in {"journal", COUNTED_WRONG} for each in checks)
    return statement.doubted() if broken else statement


def _shown(
    visit: Visit, ledger: Ledger, campaign: Campaign, statement: Statement, found: Sequence[Blocker]
) -> Mapping[str, object]:
    """Return the values of the page."""
    sections = list(zero_sections(statement, 1))
    ahead = pace(ledger, statement)
    return {
        "name": campaign.name,
        "title": campaign.title,
        "words": verdict_line(statement),
        "verdict": VERDICT_TITLES[statement.verdict],
        "is_zero": statement.verdict in {Verdict.ZERO, Verdict.LATE, Verdict.UNCHECKED},
        "sections": sections,
        "days_left": ahead.days_left,
        "working_days_left": ahead.working_days_left,
        "left": ahead.total.left,
        "behind": [(each.name, each.left, each.behind) for each in ahead.units if each.behind],
        "groups": [
            (GROUP_TITLES[group], [_blocking(visit, ledger, each) for each in found if each.group is group])
            for group in ZeroGroup
            if any(each.group is group for each in found)
        ],
        "corrected": [(each.number, str(visit.ledger.naming.unit_name(each.unit))) for each in statement.left],
    }


def _blocking(visit: Visit, ledger: Ledger, blocker: Blocker) -> Mapping[str, object]:
    """Return what there is to say of a case that blocks."""
    case = blocker.case
    hidden = is_masked(case.number)
    workflow = ledger.rules_of(case).workflow
    acts: list[tuple[Text, str]] = []
    for each in blocker.acts:
        declared = ledger.rules_of(each.case).workflow
        acts.append((each.step.title, entitled(ledger, declared, each.step.by, each.case.fields)))
    return {
        "number": case.number,
        "is_hidden": hidden,
        "title": "" if hidden else title_of(visit, case),
        "state": state_words(workflow, case.state),
        "unit": ledger.naming.unit_name(case.unit),
        "due_on": blocker.due_on or "",
        "extended_to": blocker.extended_to or "",
        "missing": [without_hints(each) for each in blocker.missing],
        "acts": acts,
    }
