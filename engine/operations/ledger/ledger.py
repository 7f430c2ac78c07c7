"""What every verb works with: the store, the declarations, the zone, and what is remembered of them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from unicodedata import normalize

from engine.errors import NotFoundError, QinglingError, RefusedError
from engine.journal.chain import JournalEntry
from engine.journal.house_events import RESTRICTED, founded_for_rehearsal
from engine.journal.house_head import SHORT
from engine.journal.sealing import PublicKey
from engine.language import Text
from engine.operations.ledger.evidence import Evidence
from engine.operations.ledger.kept_declarations import KeptDeclarations
from engine.operations.ledger.ledger_naming import LedgerNaming
from engine.operations.ledger.unit_calendars import Calendars
from engine.rules.case import Actor, Case, Family, doers_of
from engine.rules.readers import codes_by_name
from engine.rules.reading_rights import Deed, Reader, Subject, may
from engine.rules.transitions import Rules
from engine.store import case_rows, history_rows
from engine.store import house_rows as house
from engine.store.connection import Store
from engine.store.narrowed import wrote_in
from engine.workflow.field_traits import OFFICER_TYPES
from engine.workflow.model import Workflow
from engine.workflow.problems import did_you_mean, like_in_surname
from engine.workflow.proofs import Proof
from engine.workflow.registry import Workflows
from engine.working_days.calendars import Calendar
from engine.working_days.instants import local_day, microseconds

ZONE = "Asia/Shanghai"
"""The zone of local dates unless `init` was given another."""


class Ledger:
    """An open ledger."""

    def __init__(self, store: Store, workflows: Workflows, *, real_now: datetime | None = None) -> None:
        """Open nothing; remember what to work with.

        Args:
            real_now: The clock's instant if `now` is set by hand; it is then noted in every journal row.
        """
        self.store = store
        self.workflows = workflows
        self.reader: Reader | None = None
        """For whom cases are looked up: what they may not read is not found; None for the program itself."""
        self.evidence: Evidence | None = None
        """How the officer of this run is known; None if the name was only typed, or nobody acts."""
        self.proven = set[str]()
        """Officers who are known well enough to write, as far as it was asked."""
        self.unjudged = defaultdict[Text, set[int]](set)
        """Cases of which a condition could not be judged, by the title of the value that they lack."""
        self.reopen: Callable[[], Ledger] | None = None
        """Opens the same ledger in another process, as pickle sends it there; None if nobody said how."""
        self.real_at = None if real_now is None else microseconds(real_now)
        self._rules: dict[tuple[str, int], Rules] = {}
        self._actors: dict[tuple[str, int], Actor] = {}
        self._settings: Mapping[str, object] | None = None
        self._founding: str | None = None
        self._calendars: Calendars | None = None
        self._units: dict[str, house.HouseUnit] = {}
        self._kept = KeptDeclarations(store)
        self._house_stands: tuple[int, tuple[int, str] | None] | None = None
        """How often something was undone when it was read, and how the house stood."""
        self._as_of: tuple[int, tuple[int, int] | None, house.HouseRead] | None = None
        """How often something was undone, what was written, and how the house stood, as `look_again` saw it last."""
        self._naming: LedgerNaming | None = None
        self._codes: tuple[Mapping[str, str], Mapping[str, str]] | None = None
        self.lists_in_force: dict[tuple[object, ...], Mapping[str, str]] = {}
        """By what decides them, the lists by which new cases are classed: each row of a ledger asks for them."""
        self._today: tuple[datetime, date] | None = None
        """The last instant that a local date was asked of, and that date."""

    def reading(self) -> AbstractContextManager[None]:
        """Lend one snapshot: what is read inside is of one moment."""
        return self.store.reading()

    def close(self) -> None:
        """Close what the ledger was opened on."""
        self.store.close()

    @property
    def settings(self) -> Mapping[str, object]:
        """What was said at `init`."""
        if self._settings is None:
            self._settings, self._founding = house.settings_and_founding(self.store)
        return self._settings

    @property
    def house_stands(self) -> tuple[int, str] | None:
        """Number and short hash of the newest row of the house's chain by which roles and rules are judged.

        None where no house was set up.
        """
        if self._house_stands is None or self._house_stands[0] != self.store.undone:
            self._house_stands = self.store.undone, house.stands(self.store)
        return self._house_stands[1]

    def house_stands_at(self, row: JournalEntry) -> None:
        """Remember the row of the house's chain that was just written, and nothing that was read before it."""
        self.store.forget()
        self._house_stands = self.store.undone, (row.seq, row.hash[:SHORT])

    @property
    def is_rehearsal(self) -> bool:
        """Whether the ledger was founded for rehearsal: it proves nothing, and takes a clock set by hand.

        Only the first row of the journal says so, which nothing changes; no setting does.
        """
        _ = self.settings
        return founded_for_rehearsal(self._founding or "")

    @property
    def opened_at(self) -> datetime | None:
        """What the database's own clock said when the ledger was opened; None if it has none, as a file."""
        return self.store.opened_at

    @property
    def zone(self) -> str:
        """The zone of local dates."""
        return str(self.settings.get("zone") or ZONE)

    @property
    def restricted(self) -> Mapping[int, frozenset[str]]:
        """The restricted cases, with what they have opened: id -> codes of the only officers who read them.

        What is restricted by itself below a restricted case is read by those whom both name.
        """
        stored = self.settings.get(RESTRICTED)
        found: dict[int, frozenset[str]] = {}
        waiting = {int(key): frozenset(map(str, to)) for key, to in stored.items()} if isinstance(stored, dict) else {}
        while waiting:
            opened: dict[int, frozenset[str]] = {}
            for case_id, to in waiting.items():
                narrowed = found.get(case_id, to) & to
                if found.get(case_id) != narrowed:
                    found[case_id] = narrowed
                    for each in case_rows.children(self.store, case_id):
                        opened[each.id] = opened.get(each.id, narrowed) & narrowed
            waiting = opened
        return found

    @property
    def custodian(self) -> PublicKey:
        """What sealed values are sealed to.

        Raises:
            RefusedError: If `init` made no custodian's key.
        """
        key = self.settings.get("custodian")
        if not isinstance(key, dict):
            raise RefusedError(
                Text(
                    "there is no custodian's key to seal the reporter's identity to; make one: qingling reporter key",
                    "尚无保管人密钥，无法密封举报人信息；请先生成：qingling reporter key",
                )
            )
        return PublicKey(id=key["id"], value=key["value"])

    @property
    def calendar(self) -> Calendar:
        """The working days by which the house counts dates."""
        if self._calendars is None:
            self._calendars = Calendars(self.store, self.settings.get("calendar"), self.zone)
        return self._calendars.house

    def calendar_of(self, unit_id: int) -> Calendar:
        """Return the working days by which a unit's dates are counted: the house's, with its own over them."""
        _ = self.calendar
        assert self._calendars is not None
        return self._calendars.of_unit(unit_id)

    def today(self, now: datetime, now_at: int | None = None) -> date:
        """Return the local date of *now*; *now_at* is the same as it is stored, for who knows that."""
        if self._today is None or self._today[0] is not now:
            self._today = now, local_day(microseconds(now) if now_at is None else now_at, self.zone)
        return self._today[1]

    def rules(self, name: str, version: int | None = None) -> Rules:
        """Return the rules of a workflow: the version a case began with, or the latest."""
        if version is None:
            workflow = self.workflows.latest(name)
            key = (name, workflow.version)
        else:
            key = (name, version)
            if key in self._rules:
                return self._rules[key]
            workflow = self.workflows.at(name, version)
        if key not in self._rules:
            self._rules[key] = Rules(workflow)
        return self._rules[key]

    def rules_of(self, case: Case) -> Rules:
        """Return the rules of the version that *case* began with."""
        known = self._rules.get((case.workflow, case.version))
        return self.rules(case.workflow, case.version) if known is None else known

    def rules_of_child(self, parent: Case, name: str) -> Rules:
        """Return the rules by which *parent* opens a child: those that were the latest when its own version began.

        What the steps of a running case bring to its children fits these, and may not fit a later version.
        """
        pinned = house.pinned_version(self.store, name, by=(parent.workflow, parent.version))
        return self.rules(name, pinned)

    def actor(self, code: str, unit_id: int) -> Actor:
        """Return who acts and with which roles in the unit.

        Raises:
            NotFoundError: If no registered officer has that code.
            RefusedError: If the officer has left.
        """
        key = (code, unit_id)
        if key not in self._actors:
            self._forget_if_moved()
            found = house.actor(self.store, code, unit_id)
            if found is None:
                left = house.officer(self.store, code) is not None
                raise no_officer(code, [each.name for each in house.officers(self.store)], left=left)
            self._actors[key] = found.replace(naming=self.naming, proof=self._proof(code))
        return self._actors[key]

    def _forget_if_moved(self) -> None:
        """Forget what is remembered if the house was changed meanwhile: a row must name what it was judged by."""
        if self.store.memory is not None and not self.store.is_writing:
            return  # it was looked at again when the turn began, and what a turn shows is of that moment
        if self._house_stands is not None and house.stands(self.store) != self._house_stands[1]:
            self.forget()

    def _proof(self, code: str) -> Proof:
        """Return by what an officer counts as known: a rehearsal takes a typed name for everything."""
        if self.is_rehearsal:
            return Proof.SIGNATURE
        return self.evidence.proof if self.evidence is not None and self.evidence.officer == code else Proof.ASSERTED

    @property
    def naming(self) -> LedgerNaming:
        """What officers, units and roles are called in sentences."""
        if self._naming is None:
            self._naming = LedgerNaming(self.store, self.workflows.roles, lambda: self.reader)
        return self._naming

    def known_codes(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return the codes of all officers and of all units by what they are called, for checking values."""
        if self._codes is None:
            self._codes = (
                codes_by_name((each.code, each.name) for each in house.officers(self.store) if each.left_at is None),
                codes_by_name((each.code, each.name) for each in house.units(self.store)),
            )
        return self._codes

    def keep(self, workflow: Workflow, now_at: int) -> None:
        """Keep the declaration that a case begins with, once for each version; inside `begin`.

        Raises:
            InvalidWorkflowError: If the version was kept before with other content.
        """
        self._kept.keep(workflow, now_at, latest=self.workflows.latest)

    def look_again(self) -> None:
        """Forget what is remembered of the house if anything in it was changed meanwhile, by whatever process.

        Every change of officers, roles, units and adopted texts is a row of the house's chain, and settings are
        compared one by one: one statement, and none where the database says that nothing was written.
        """
        self.forget_who()
        written = self.store.as_written
        if written is not None and self._as_of is not None and self._as_of[:2] == (self.store.undone, written):
            return  # nobody has written anything at all
        found = house.read_again(self.store)
        if self._as_of is None or self._as_of[::2] != (self.store.undone, found):
            self.forget()
            self._settings, self._founding = house.said_in(found)
        self._as_of = self.store.undone, written, found
        self._house_stands = self.store.undone, found.stands

    def forget_who(self) -> None:
        """Forget as whom officers are known, since somebody else acts from now on."""
        self._actors.clear()
        self.proven.clear()

    def forget(self) -> None:
        """Forget what is remembered of the house, after changing it or undoing what was written."""
        self._as_of = None
        self.store.forget()
        self._kept.forget()
        self._actors.clear()
        self.proven.clear()
        self._units.clear()
        self.lists_in_force.clear()
        self._settings = None
        self._calendars = None
        self._codes = None
        self._naming = None
        self._today = None
        self._house_stands = None

    def case(self, number: str) -> Case:
        """Return the case with that number.

        Raises:
            NotFoundError: If there is none, or none that the reader may read; nobody is shown which.
        """
        found = case_rows.find(self.store, number.strip())
        if found is None:  # typed by a Chinese keyboard, or in small letters
            plain = normalize("NFKC", number.strip())
            found = case_rows.find(self.store, plain) or case_rows.find(self.store, plain.upper())
        if found is None or not self.sees(found):
            raise NotFoundError(
                Text(
                    f"no case has the number '{number}'; see: qingling list",
                    f"没有编号为“{number}”的事项；请查看：qingling list",
                )
            )
        return found

    def sees(self, case: Case) -> bool:
        """Say whether the reader may read a case; everything is seen where nobody in particular reads."""
        reader = self.reader
        if reader is None or reader.sees_everything:
            return True
        if case.id in reader.hidden or case.id in reader.given:
            return case.id in reader.given
        people = frozenset[str]()
        if case.unit_id not in reader.units and not reader.reads_all and self.has_part(reader.code, case):
            people = frozenset({reader.code})
        return may(reader, Deed.READ, Subject(unit_id=case.unit_id, people=people))

    def sees_number(self, number: str) -> bool:
        """Say whether the reader may know of a number; of what is no case's number anybody may."""
        if self.reader is None or self.reader.sees_everything:
            return True
        found = case_rows.find(self.store, number)
        return found is None or self.sees(found)

    def called(self, number: str) -> str | Text:
        """Return what stands for a case in a sentence to who reads: its number, or no more than that there is one."""
        return number if self.sees_number(number) else Text("another case", "另一事项")

    def has_part(self, officer: str, case: Case) -> bool:
        """Say whether a case names an officer, or has a row of theirs in its journal."""
        return self.names(officer, case) or wrote_in(self.store, case.id, officer)

    def names(self, officer: str, case: Case) -> bool:
        """Say whether one of a case's fields for officers names this one."""
        fields = self.rules_of(case).workflow.fields
        named = [case.fields.get(each.name) for each in fields.values() if each.type in OFFICER_TYPES]
        return any(officer == value or (isinstance(value, list) and officer in value) for value in named)

    def unit(self, code: str) -> house.HouseUnit:
        """Return the unit with that code.

        Raises:
            NotFoundError: If there is none.
            RefusedError: If it is closed.
        """
        if code in self._units:
            return self._units[code]
        found = self.unit_ever(code)
        if found.closed_at is not None:
            raise RefusedError(Text(f"unit {code} is closed", f"单位 {code} 已撤销"))
        self._units[code] = found
        return found

    def unit_ever(self, code: str) -> house.HouseUnit:
        """Return the unit with that code, closed or not: what it had is still asked about.

        Raises:
            NotFoundError: If there is none.
        """
        found = house.unit(self.store, code)
        if found is None:  # as for numbers
            plain = normalize("NFKC", code.strip())
            found = house.unit(self.store, plain) or house.unit(self.store, plain.upper())
        if found is None:
            near = did_you_mean(code, [word for each in house.units(self.store) for word in (each.code, each.name)])
            raise NotFoundError(
                Text(
                    f"no unit has the code '{code}'{near.en}; see: qingling unit list",
                    f"没有代码为“{code}”的单位{near.zh}；请查看：qingling unit list",
                )
            )
        return found

    def family(self, case: Case, wanted: frozenset[str], timeline: Sequence[JournalEntry] | None = None) -> Family:
        """Return what rules ask to see besides the case: children, history, parent; of *timeline* if it is given."""
        store = self.store
        if not wanted:
            return ALONE
        parent = case_rows.by_id(store, case.parent_id) if "parent" in wanted and case.parent_id else None
        history = "history" in wanted
        moves, came_from = history_rows.looked_back(store, case, timeline) if history else ((), None)
        parent_moves = history_rows.moves(store, parent.id) if history and parent else ()
        return Family(
            children=case_rows.children(store, case.id) if "children" in wanted else (),
            parent=parent,
            doers=doers_of(moves),
            parent_doers=doers_of(parent_moves),
            moves=moves,
            parent_moves=parent_moves,
            after=self.counting(case.unit_id) if "calendar" in wanted else None,
            came_from=came_from,
        )

    def counting(self, unit_id: int) -> Callable[[date, str], date]:
        """Return what counts terms such as `15 working_days` from a day, by the calendar of a unit."""
        from engine.working_days.count import add

        def after(day: date, term: str) -> date:
            amount, unit = term.split()
            due = add(day, int(amount), unit if unit.endswith("s") else f"{unit}s", self.calendar_of(unit_id)).due
            return due.date() if isinstance(due, datetime) else due

        return after


ALONE = Family()
"""What rules that ask for nothing are shown."""


def no_officer(code: str, names: Sequence[str], *, left: bool) -> QinglingError:
    """Return the refusal of who is not a registered officer, or is none any more.

    Args:
        names: What the officers are called, for whom may be meant.
    """
    if left:
        return RefusedError(Text(f"officer '{code}' has left", f"人员“{code}”已离任"))
    near = did_you_mean(code, like_in_surname(code, names))
    return NotFoundError(
        Text(
            f"'{code}' is no registered officer{near.en}; see: qingling officer list",
            f"“{code}”不是在册人员{near.zh}；请查看：qingling officer list",
        )
    )
