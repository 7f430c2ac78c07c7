"""Statements of a campaign: those that were frozen, with codes and checkpoints, as pages and as files; and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

from desk.answers import Answer, FileToKeep, GoTo, PageShown
from desk.jobs import Job
from desk.made_files import MadeFile
from desk.pages.clearing import campaign_asked
from desk.signing import refuse_unsigned, ways_to_sign
from desk.statements_shown import frozen_for, frozen_shown, text_shown
from desk.steps import reasons_of, said
from desk.visit import Visit, whole_number
from engine.campaigns.campaign import VERDICT_TITLES, Campaign
from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError, without_hints
from engine.language import Text
from engine.operations.house.checkpoints import make_checkpoint
from engine.operations.house.directory import open_units
from engine.operations.identity.showing import act_as
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.need_to_know import refuse_unless_may
from engine.operations.zero.frozen import Frozen, freeze
from engine.operations.zero.verdict import check_zero
from engine.rules.reading_rights import Deed
from engine.working_days.loose_dates import day_meant


def statements_page(visit: Visit) -> Answer:
    """Show which statements of a campaign were frozen."""
    return _page(visit, campaign_asked(visit), refused=None, status=HTTPStatus.OK)


def give_statement(visit: Visit) -> Answer:
    """Give a statement as it was frozen."""
    campaign = campaign_asked(visit)
    found = _asked(visit, campaign)
    return FileToKeep(name=_name(campaign, found.day.isoformat(), found.unit), content=found.text.encode())


def statement_text(visit: Visit) -> Answer:
    """Show what a statement says, read from what was frozen and from nothing else."""
    campaign = campaign_asked(visit)
    found = _asked(visit, campaign)
    values = {"name": campaign.name, "year": campaign.year or "", **text_shown(visit, found)}
    return PageShown(template="statement.html", values=values)


def freeze_now(visit: Visit) -> Answer:
    """Begin to freeze how a campaign stands, or show the page again with why that may not be."""
    campaign = campaign_asked(visit)
    try:
        asked = _freezing(visit, campaign)
        if visit.is_rehearsing:  # to learn what a passkey is to sign
            freeze(visit.acting, campaign, day=asked.day, unit=asked.unit, reason=asked.reason)
            return GoTo(to=visit.asked.address)
        job = _begun(visit, campaign, asked)
    except (BadValueError, NotFoundError, RefusedError) as refused:
        return _page(visit, campaign, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return GoTo(to=job.address)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Freezing:
    """What the form says."""

    day: date
    unit: str | None
    reason: str | None
    about: Mapping[str, object]
    """What the access log says of it."""


def _freezing(visit: Visit, campaign: Campaign) -> _Freezing:
    """Return what is to be frozen, once the officer has signed it, or shown the password again.

    Raises:
        RefusedError: If the officer may not, or what came with the form is wrong.
        BadValueError: If the day is none.
        NotFoundError: If there is no such unit.
    """
    asked, unit, reason = visit.asked, visit.asked.one("unit") or None, visit.asked.one("reason") or None
    today = visit.acting.today
    day = day_meant(asked.one("as_of"), today=today) if asked.one("as_of") else today
    if unit is not None:
        visit.ledger.unit_ever(unit)
    about: dict[str, object] = {"campaign": campaign.name, "unit": unit, "as_of": day.isoformat()}
    with visit.viewing(Deed.FREEZE, **about):
        pass
    refuse_unsigned(visit)
    return _Freezing(day=day, unit=unit, reason=reason, about=about)


def _begun(visit: Visit, campaign: Campaign, asked: _Freezing) -> Job:
    """Begin to freeze, in the name of who signed, and dated with what was signed.

    Raises:
        RefusedError: If the officer has too much under way.
    """
    made = MadeFile(
        name=_name(campaign, asked.day.isoformat(), asked.unit),
        back=f"/zero/{quote(campaign.name)}/frozen" + (f"?year={campaign.year}" if campaign.year else ""),
        back_words=Text("Frozen statements, to read in whole", "封存结果（可查看全文）"),
    )
    title = Text(f"Freeze: {campaign.title.en}, {asked.day}", f"封存：{campaign.title.zh}，截至 {asked.day}")
    job = Job(officer=visit.officer, kind="file", title=title, subject=made)
    evidence, now, real_at = visit.ledger.evidence, visit.now, visit.ledger.real_at

    def work(inside: Visit, _job: Job) -> None:
        refuse_unless_may(inside.ledger, inside.reader, Deed.FREEZE)
        ledger, session = inside.ledger, inside.ledger.evidence
        file = Path(mkdtemp(dir=inside.background.jobs.folder)) / "statement.json"

        def write(kept: Frozen, _printed: str) -> None:
            file.touch(mode=0o600)
            file.write_text(kept.text, encoding="utf-8")

        act_as(ledger, evidence)  # what is frozen bears how it was signed or confirmed, and nothing else does
        ledger.real_at = real_at
        try:
            kept, statement, _ = freeze(
                Acting(ledger, inside.officer, now),
                campaign,
                day=asked.day,
                unit=asked.unit,
                reason=asked.reason,
                write=write,
            )
        finally:
            act_as(ledger, session)
        inside.write_down(Deed.FREEZE, "", "shown", **asked.about, scope=statement.total.scope)
        made.count, made.digest = statement.total.scope, kept.digest
        made.words = _words(inside, kept)
        made.file = file

    visit.background.jobs.keep(job)
    visit.background.start(visit, job, work)
    return job


def _asked(visit: Visit, campaign: Campaign) -> Frozen:
    """Return the frozen statement that the address names, to show something of it.

    Raises:
        NotFoundError: If there is none that the officer may read.
    """
    seq = whole_number(visit.asked.path["seq"], least=1, most=999_999_999)
    about: dict[str, object] = {"campaign": campaign.name, "frozen": seq}
    with visit.viewing(Deed.ZERO, **about) as view:
        found = next((each for each in frozen_for(visit, campaign) if each.seq == seq), None)
        if found is None:
            raise NotFoundError(Text("there is no such statement", "没有这份封存结果"))
        view.shown(**about)
    return found


def _words(visit: Visit, kept: Frozen) -> Text:
    """Make a checkpoint that covers what was frozen, and return what is to be said of both."""
    verdict = VERDICT_TITLES[kept.standing_verdict]
    frozen = Text(
        f"Frozen as row {kept.seq} of the journal of the house: {verdict.en}.",
        f"已封存，记入内务日志第 {kept.seq} 行：{verdict.zh}。",
    )
    key = visit.settings.journal_key
    if key is None:
        said = Text(
            "No checkpoint was made: nobody has said where its key lies.", "未生成检查点：尚未指明检查点密钥位置。"
        )
    else:
        try:
            made = make_checkpoint(visit.acting, key)
        except QinglingError as error:
            why = without_hints(error.sentence)
            said = Text(f"No checkpoint was made: {why.en}", f"未生成检查点：{why.zh}")
        else:
            code, size = made.short_code, made.size
            said = Text(
                f"Checkpoint of {size} journal rows, short code {code}.", f"日志检查点：{size} 行，短码 {code}。"
            )
    return Text(f"{frozen.en} {said.en}", f"{frozen.zh}{said.zh}")


def _name(campaign: Campaign, day: str, unit: str | None) -> str:
    """Return what the file of a statement is called, as the command calls it."""
    year = f"-{campaign.year}" if campaign.year else ""
    return f"zero-{campaign.name}{year}-{day}" + (f"-{unit}" if unit else "") + ".json"


def _page(visit: Visit, campaign: Campaign, *, refused: QinglingError | None, status: HTTPStatus) -> PageShown:
    """Return the page."""
    about: dict[str, object] = {"campaign": campaign.name, "frozen": True}
    with visit.viewing(Deed.ZERO, **about) as view:
        statement = check_zero(view.ledger, campaign, day=None, unit=None, now=visit.now)
        found = [frozen_shown(visit, each, statement) for each in reversed(frozen_for(visit, campaign))]
        view.shown(**about, count=len(found))
    values = {
        "name": campaign.name,
        "title": campaign.title,
        "year": campaign.year or "",
        "frozen": found,
        "limited": view.limited,
        "said": [] if refused is None else said(reasons_of(refused), ()),
        "can_freeze": visit.may(Deed.FREEZE),
        "signs": ways_to_sign(visit),
        "units": [(each.code, each.name) for each in open_units(visit.ledger)],
        "typed": {name: visit.asked.one(name) for name in ("as_of", "unit", "reason")},
        "today": visit.acting.today,
    }
    return PageShown(template="statements.html", values=values, status=status)
