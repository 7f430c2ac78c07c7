"""A report made ready for every face of the program: its figures counted, its sections written, and what writes it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from documents.reports.assessment import AssessedFigure, assessed, assessment, assessment_plain
from documents.reports.paper import Report, paper_of, places_of
from documents.reports.points import Points, points_in
from documents.reports.ranking import INDICATORS, RANKED
from documents.reports.section import Section
from engine.campaigns.campaign import Campaign
from engine.campaigns.measures import Measures
from engine.errors import BadValueError
from engine.language import Text
from engine.operations.figures.figure_values import Figures
from engine.operations.house.checkpoints import coverage, newest
from engine.operations.house.verifying import verification_as_needed
from engine.operations.ledger.hand_clock import mark_of
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.verdict import Statement, check_zero
from engine.working_days.instants import local_time, microseconds
from presentation.checkpoint_view import coverage_text
from presentation.zero_section import verdict_line, zero_sections


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessing:
    """What units are assessed by."""

    chosen: tuple[AssessedFigure, ...]
    points: Points | None

    def sections(self, found: Figures) -> list[Section]:
        """Return what is printed of it."""
        return list(assessment(found, self.chosen, self.points))

    def plain(self, found: Figures) -> dict[str, object]:
        """Return what scripts get of it."""
        return assessment_plain(found, self.chosen, self.points)


def assessing(found: Figures, measures: Measures, file: Path | None) -> Assessing:
    """Return the figures that the measures name, with the points of a file.

    Raises:
        BadValueError: If the measures name none.
        InvalidWorkflowError: If the file of points is not sound.
    """
    chosen = assessed(found, measures)
    if not chosen:
        raise BadValueError(
            Text(
                f"measures/{found.workflow}.yaml names no figures for an assessment (assessment)",
                f"measures/{found.workflow}.yaml 未列考核数据（assessment）",
            )
        )
    rated = [each.name for each in chosen if each.is_rate]
    points = None if file is None else points_in(file, figures=[each.name for each in chosen], rated=rated)
    return Assessing(chosen=chosen, points=points)


def ranked_by(rank: str | None) -> tuple[str, ...]:
    """Return the indicators that were named.

    Raises:
        BadValueError: If there is no such indicator.
    """
    words = {str(word): name for name, title in INDICATORS.items() for word in (title.zh, title.en, name)}
    words |= {"超期": "overdue", "未报": "missing_returns"}
    typed = [] if rank is None else re.split(r"[,，、;；]", rank)
    named = tuple(words.get(each.strip(), each.strip()) for each in typed) if typed else RANKED
    for each in named:
        if each not in INDICATORS:
            known = ", ".join(INDICATORS)
            raise BadValueError(
                Text(
                    f"--rank: there is no indicator '{each}'; write {known}",
                    f"--rank：没有指标“{each}”；可写 办结率、按期率、超期、未报",
                )
            )
    return named


def report_paper(
    ledger: Ledger,
    found: Figures,
    *,
    now: datetime,
    ranked: tuple[str, ...] = RANKED,
    zero: Statement | None = None,
    assessed_by: Assessing | None = None,
    ahead: tuple[Section, ...] = (),
    limits: Text | None = None,
    covered: Callable[[Text], str] = str,
) -> Report:
    """Return a report in the language in use, with the newest checkpoint of the journal if there is one.

    Args:
        ledger: The whole ledger, for the names of the house and its journal.
        now: Aware instant at which it is made.
        zero: How a campaign stands, to be said first.
        ahead: How it may stand on its day, to be said after that.
        limits: To what everything in it is limited, to be said before that.
        covered: Words how far checkpoints cover the journal.
    """
    said: tuple[str, ...] = () if limits is None else (str(limits),)
    first: tuple[Section, ...] = ()
    if zero is not None:
        said, first = (*said, verdict_line(zero)), tuple(zero_sections(zero, places_of(found.period.kind)))
    if assessed_by is not None:
        first = (*first, *assessed_by.sections(found))
    first = (*first, *ahead)
    paper = paper_of(
        found,
        house=str(ledger.settings.get("name") or ""),
        now=local_time(microseconds(now), ledger.zone),
        ranked=ranked,
        said=said,
        first=first,
        mark=str(mark_of(ledger) or ""),
    )
    checkpoint = newest(ledger)
    if checkpoint is None:
        return paper
    return replace(paper, checkpoint=str(checkpoint), covered=covered(coverage_text(ledger, coverage(ledger))))


def campaign_standing(
    seen: Ledger, whole: Ledger, campaign: Campaign, *, day: date, unit: str | None, now: datetime, reads_all: bool
) -> Statement:
    """Return how a campaign stands at the end of a day, with no more said of it than the journal bears.

    Args:
        seen: The ledger as its reader may see it.
        whole: All of it, to be compared with its journal.
        day: Local date.
        unit: Code of the only unit to look at.
        now: Aware instant.
        reads_all: Whether the reader may read all cases: of a part nobody can say that nothing is missing.

    Raises:
        NotFoundError: If there is no such unit.
    """
    statement = check_zero(seen, campaign, day=day, unit=unit, now=now)
    if not (reads_all and seen.store.sees_all):
        return statement.unchecked()
    return statement.doubted() if verification_as_needed(whole, now=now).breaks else statement


def report_scope(found: Figures, *, campaign: str | None, points: Points | None) -> Mapping[str, object]:
    """Return what the journal says that a report is about."""
    return {
        "workflow": found.workflow,
        "from": found.period.first.isoformat(),
        "to": found.period.until.isoformat(),
        **({} if found.unit is None else {"unit": found.unit}),
        **({} if campaign is None else {"campaign": campaign}),
        **({} if points is None else {"points": points.name, "points_digest": points.digest}),
    }


def writer_of(ending: str) -> Callable[[Report, Path], None]:
    """Return what writes a report into a file of that ending."""
    if ending == ".xlsx":
        from documents.reports.report_xlsx import write_xlsx

        return write_xlsx
    if ending == ".docx":
        from documents.reports.docx import write_docx

        return write_docx
    from documents.reports.page import write_html

    return write_html
