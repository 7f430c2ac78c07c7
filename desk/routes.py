"""Which address leads to which page, and what each takes: the one table of all ways into the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from desk.answers import Answer, GoTo
from desk.desk_settings import DeskSettings
from desk.door import Door
from desk.pages import (
    agendas,
    bulk_writing,
    case_affairs,
    case_files,
    case_lists,
    cases,
    checklists,
    clearing,
    deadline_terms,
    due_calendar,
    enrolment,
    entrance,
    house,
    house_affairs,
    house_changes,
    house_days,
    imports,
    issuing,
    journal_checks,
    journal_proofs,
    own_keys,
    paper_signatures,
    paperwork,
    registering,
    remarks,
    returns,
    sealed,
    sources,
    statements,
    tasks,
)
from desk.visit import PageRequest, Visit
from engine.operations.ledger.ledger import Ledger
from engine.rules.reading_rights import Deed

FORM: Final = 1_000_000
"""Bytes of a form without files."""
FILES: Final = 25_000_000
"""Bytes of a form with files."""

Page = Callable[[Visit], Answer]
Entrance = Callable[[PageRequest, Ledger, Door, DeskSettings], Answer]


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """One address."""

    name: str
    """For the log, which never shows an address: it may hold a number."""
    path: str
    show: Page | None = None
    """Answers a GET."""
    do: Page | None = None
    """Answers a POST, in the thread that writes; its form must bear the token of its session."""
    enter: Entrance | None = None
    """Answers a GET of somebody who need not be known."""
    do_enter: Entrance | None = None
    """Answers a POST of somebody who need not be known, in the thread at the door."""
    goes_away: bool = False
    """It waits for another server: it is answered in a thread that nobody else waits for."""
    is_part: bool = False
    """A script asks for it, for a part of a page."""
    only_looks: bool = False
    """What is sent is only looked at: it stands in a form, since an address is kept in places that nobody sees."""
    most: int = FORM


def _above(visit: Visit) -> Answer:
    """Lead to the page whose form was sent: what it is sent to has none, as after another language was chosen there."""
    if "number" in visit.asked.path:
        visit.unshown(Deed.READ, visit.asked.path["number"])
    return GoTo(to=visit.asked.address.partition("?")[0].rpartition("/")[0])


ADDRESSES: Final = (
    Address(name="entrance", path="/login", enter=entrance.entrance, do_enter=entrance.enter),
    Address(name="exit", path="/logout", do_enter=entrance.leave),
    Address(name="sign-on", path="/sign-on", enter=entrance.go_out, goes_away=True),
    Address(name="back", path="/sign-on/back", enter=entrance.come_back, goes_away=True),
    Address(name="language", path="/language", do_enter=entrance.speak),
    Address(name="case", path="/case/{number}", show=cases.case_page),
    Address(name="step", path="/case/{number}/do/{trigger}", show=cases.step_page, do=cases.take_step),
    Address(name="check", path="/case/{number}/do/{trigger}/check", do=cases.check_step, is_part=True),
    Address(name="today", path="/", show=tasks.today_page),
    Address(name="list", path="/list/{workflow}", show=case_lists.list_page),
    Address(name="many", path="/many/{workflow}", show=bulk_writing.to_the_list, do=bulk_writing.for_many),
    Address(name="calendar", path="/calendar", show=due_calendar.calendar_page),
    Address(name="agendas", path="/agendas", show=agendas.agendas_page),
    Address(name="agenda", path="/case/{number}/agenda", show=agendas.agenda_page),
    Address(name="checklists", path="/checklists", show=checklists.checklists_page),
    Address(
        name="card",
        path="/case/{number}/cards/{trigger}",
        show=checklists.card_page,
        do=checklists.keep_card,
        most=FILES,
    ),
    Address(name="campaigns", path="/zero", show=clearing.campaigns_page),
    Address(name="zero", path="/zero/{campaign}", show=clearing.zero_page),
    Address(name="house", path="/house", show=house.house_page, do=house.change_house),
    Address(
        name="officer", path="/house/officer/{code}", show=house_changes.officer_page, do=house_changes.change_officer
    ),
    Address(name="unit", path="/house/unit/{code}", show=house_changes.unit_page, do=house_changes.change_unit),
    Address(name="enrolment", path="/house/enrolment", show=_above, do=enrolment.enrol, most=FILES),
    Address(name="proofs", path="/house/credentials", show=house.credentials_page, do=house.revoke_credential),
    Address(name="texts", path="/house/texts", show=house_affairs.texts_page, do=house_affairs.adopt_text),
    Address(name="days", path="/house/days", show=house_days.days_page, do=house_days.change_days),
    Address(name="outbox", path="/house/outbox", show=house_affairs.outbox_page, do=house_affairs.try_again),
    Address(name="doctor", path="/house/doctor", show=house_affairs.doctor_page),
    Address(name="journal", path="/house/journal", show=journal_checks.journal_page, do=journal_checks.begin_verifying),
    Address(
        name="checkpoints",
        path="/house/checkpoints",
        show=journal_proofs.checkpoints_page,
        do=journal_proofs.change_checkpoints,
    ),
    Address(name="verified", path="/verify/{key}", show=journal_checks.verified_page, do=journal_checks.end_verified),
    Address(name="access", path="/house/access", show=house_affairs.access_page),
    Address(
        name="statements",
        path="/zero/{campaign}/frozen",
        show=statements.statements_page,
        do=statements.freeze_now,
    ),
    Address(name="statement", path="/zero/{campaign}/frozen/{seq}", show=statements.give_statement),
    Address(name="statement-text", path="/zero/{campaign}/frozen/{seq}/text", show=statements.statement_text),
    Address(name="returns", path="/returns", show=returns.returns_page),
    Address(name="nil", path="/case/{number}/nil", show=_above, do=returns.ask_for_nil),
    Address(name="imports", path="/import", show=imports.imports_page, do=imports.upload, most=FILES),
    Address(name="import", path="/import/{key}", show=imports.import_page, do=imports.go_on),
    Address(name="marked", path="/import/{key}/marked", show=imports.give_marked),
    Address(name="reports", path="/reports", show=issuing.reports_page, do=issuing.begin),
    Address(name="report", path="/report/{key}", show=issuing.report_page, do=issuing.issue_report),
    Address(name="seen", path="/list/{workflow}/export", show=_above, do=issuing.export_seen),
    Address(name="made", path="/file/{key}", show=issuing.file_page, do=issuing.end_file),
    Address(name="download", path="/file/{key}/file", show=issuing.give_file),
    Address(name="keys", path="/keys", show=own_keys.keys_page, do=own_keys.change_keys),
    Address(name="new", path="/new/{workflow}", show=registering.new_page, do=registering.register),
    Address(name="keep", path="/new/{workflow}/keep", do=registering.keep, is_part=True),
    Address(name="alike", path="/new/{workflow}/alike", do=registering.alike, only_looks=True, is_part=True),
    Address(
        name="term", path="/case/{number}/term/{deadline}", show=deadline_terms.term_page, do=deadline_terms.change_term
    ),
    Address(name="note", path="/case/{number}/note", show=_above, do=remarks.write_note),
    Address(name="amend", path="/case/{number}/amend", show=remarks.amend_page, do=remarks.write_correction),
    Address(name="case-file", path="/case/{number}/case-file", show=_above, do=case_files.begin_case_file),
    Address(name="link", path="/case/{number}/link", show=case_affairs.link_page, do=case_affairs.change_link),
    Address(
        name="hand-over",
        path="/case/{number}/hand-over",
        show=case_affairs.hand_over_page,
        do=case_affairs.change_unit,
    ),
    Address(
        name="restrict",
        path="/case/{number}/restrict",
        show=case_affairs.restrict_page,
        do=case_affairs.change_readers,
    ),
    Address(name="void", path="/case/{number}/void", show=case_affairs.void_page, do=case_affairs.void_entry),
    Address(name="attach", path="/case/{number}/attach", show=_above, do=remarks.attach_files, most=FILES),
    Address(name="file", path="/case/{number}/file/{digest}", show=remarks.give_file),
    Address(name="sealed", path="/case/{number}/sealed", show=sealed.sealed_page, do=sealed.change_sealed),
    Address(name="sources", path="/sources", show=sources.sources_page),
    Address(name="codes", path="/codes", show=sealed.codes_page, do=sealed.read_answers),
    Address(name="paper", path="/case/{number}/paper", do=paper_signatures.enter_page, most=FILES),
    Address(name="sign", path="/case/{number}/sign", show=_above, do=remarks.sign),
    Address(
        name="letter",
        path="/case/{number}/letter/{kind}",
        show=paperwork.letter_page,
        do=paperwork.write_letter,
    ),
    Address(name="decline", path="/case/{number}/decline", show=_above, do=remarks.decline),
)
