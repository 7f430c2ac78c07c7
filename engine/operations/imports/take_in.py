"""Taking rows of ledgers into the register: new cases, legacy entries, and updates; never half of it.

A row says what a spreadsheet said. A row that is new becomes a case; the state that the ledger names
becomes a *legacy entry* of its own in the journal, because no guard was asked. A row that was taken
before updates its case.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError
from engine.journal.case_events import CaseAmended, CaseOpened, LegacyEntered
from engine.journal.event import SEALED
from engine.journal.events import read_of_case
from engine.journal.ledger_row import ORIGINAL_SEAL, Question
from engine.language import Text
from engine.operations.cases.amending import write_imported
from engine.operations.cases.commit import write_decision, write_openings
from engine.operations.cases.numbering import hold_series, opened_by_steps
from engine.operations.cases.open_questions import asked_fields
from engine.operations.cases.opening import Beginnings, CaseOpening, Legacy
from engine.operations.cases.preparing import prepare_opening
from engine.operations.cases.uniqueness import Given
from engine.operations.cases.value_checks import checked_values, objections
from engine.operations.house.registration import enrol_unit
from engine.operations.imports.doubtful import asking_about, unsaid, without_doubtful
from engine.operations.imports.edited_export import bring_back
from engine.operations.imports.file_label import label_of
from engine.operations.imports.first_units import of_another_unit
from engine.operations.imports.identities import without_identities
from engine.operations.imports.kept_rows import NOTHING_KEPT, KeptBefore, keep_again, kept_before, passed_over
from engine.operations.imports.row import Row, Taken
from engine.operations.imports.row_keys import Register, RowKeys, twice
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.undoing import undone_if_refused
from engine.rules.amendments import amendment, may_amend
from engine.rules.case import Case, Count, Decision
from engine.rules.paired_values import unpaired
from engine.rules.transitions import Rules, grown
from engine.store import case_rows
from engine.store import house_rows as house
from engine.workflow.powers import Power

CHUNK = 250
"""Rows looked up and written together: enough to spare calls, few enough to stay in the processor's cache."""


def take_in(
    acting: Acting,
    workflow: str,
    rows: Iterable[Row],
    *,
    file: Mapping[str, str],
    add_units: bool = False,
    exported: bool = False,
    asking: bool = False,
) -> Iterator[Taken]:
    """Take rows in and yield what became of each; inside `begin` of the caller, who commits or not.

    Args:
        file: Name and digest of the ledger's file; the journal tells the digest, and a label instead of the name.
        add_units: Register units that are not known, with their code as name.
        exported: The ledger was exported from here: its rows carry the numbers of their cases.
        asking: A value that no case may have is left open with a question, instead of refusing its row.

    Raises:
        RefusedError: If the officer may not take ledgers in at all, or such cases are opened by steps only.
    """
    ledger = acting.ledger
    rules = ledger.rules(workflow)
    if not rules.workflow.open_alone and not exported:
        raise _by_steps(rules)
    # Two intakes of one ledger at a time would both find its leads missing, and open each of them twice.
    house.lock_intake(ledger.store)
    # Before any row is locked, as those do who take a step or open what is owed.
    every = [rules.workflow, *(opened_by_steps(ledger, rules.workflow) if exported else ())]
    hold_series(ledger.store, every, gives_once=True, enrols=add_units)
    intake = _Intake(acting, rules, file=label_of(file), asking=asking)
    waiting = iter(rows)
    while chunk := [without_identities(rules, row) for row in islice(waiting, CHUNK)]:
        _enrol(acting, chunk if add_units else ())
        yield from intake.taken(chunk)


class _Intake:
    """What one ledger's rows have in common, and what is remembered from one chunk of them to the next."""

    def __init__(self, acting: Acting, rules: Rules, *, file: Mapping[str, str], asking: bool) -> None:
        """Begin with no row taken in."""
        self._acting, self._rules, self._file, self._asking = acting, rules, file, asking
        self._beginnings = Beginnings(acting, remembering=True)
        self._register = Register(acting.ledger, rules)
        self._given = Given(acting.ledger, rules)
        self._seen = RowKeys(rules, asking=asking)
        self._new: set[str] = set()
        """Numbers of the cases that this ledger opened."""

    def taken(self, chunk: Sequence[Row]) -> Iterator[Taken]:
        """Look a chunk up together and write it; yield what became of each row, in the chunk's order."""
        taken: list[Taken | None] = [None] * len(chunk)
        openings: list[tuple[int, CaseOpening]] = []
        keys = list(map(self._seen.key, chunk))
        known = self._register.known(chunk, [key for key, _ in keys])
        before = kept_before(self._acting.ledger, list(known.values())) if known else {}
        self._given.look_up(row.values for row in chunk)
        for position, (row, (key, earlier)) in enumerate(zip(chunk, keys, strict=True)):
            case = self._register.meant(known, row, key, besides=self._new) if known else None
            try:
                if earlier is not None:
                    raise twice(earlier)
                if row.number or case is not None:
                    taken[position] = self._changed(row, case, before)
                else:
                    openings.append((position, self._prepared(row, key)))
            except QinglingError as refused:
                taken[position] = Taken(at=row.at, outcome="refused", refusal=refused.sentence)
        opened = _open(self._acting, [each for _, each in openings], self._beginnings, file=self._file)
        for (position, prepared), outcome in zip(openings, opened, strict=True):
            at = chunk[position].at
            if isinstance(outcome, Case):
                self._new.add(outcome.number)
                taken[position] = Taken(at, "opened", outcome.number, questions=prepared.questions)
            else:
                taken[position] = Taken(at=at, outcome="refused", refusal=outcome)
        yield from (each for each in taken if each is not None)

    def _changed(self, row: Row, case: Case | None, before: Mapping[int, KeptBefore]) -> Taken:
        """Bring a case up to date: the one whose number the row carries, else the one that was found for it."""
        acting, file = self._acting, self._file
        with undone_if_refused(acting.ledger):
            if row.number or case is None:
                return _brought_back(acting, self._rules.workflow.name, row, file=file, asking=self._asking)
            if not acting.ledger.sees(case):
                raise RefusedError(
                    Text("another case stands for this row of the ledger", "台账的这一行已由另一事项登记")
                )
            return _update(acting, case, row, before.get(case.id, NOTHING_KEPT), file=file, asking=self._asking)

    def _prepared(self, row: Row, key: str) -> CaseOpening:
        """Return the opening of a row that is new."""
        return _prepare(self._acting, self._rules, row, key, self._given, file=self._file, asking=self._asking)


def _brought_back(acting: Acting, workflow: str, row: Row, *, file: Mapping[str, str], asking: bool) -> Taken:
    """Write what a row of an exported ledger changes, and what of it is unclear or belongs to no field."""
    case, changed, kept_back = bring_back(
        acting,
        workflow,
        row.number,
        row.revision,
        row.values,
        unit=row.unit,
        state=row.state,
        file=file,
        asking=asking,
    )
    rules = acting.ledger.rules_of(case)
    left_out = _together(*kept_back, passed_over(rules, case, row, moved=True))
    asked: tuple[Question, ...] = ()
    if row.original is not None or row.questions:
        before = kept_before(acting.ledger, [case]).get(case.id, NOTHING_KEPT)
        case, asked, differs = keep_again(acting, case, row, before, file=file, moved=True)
        changed = (*changed, "original") if differs else changed
    outcome = "updated" if changed or asked else "unchanged"
    return Taken(row.at, outcome, case.number, changed=changed, left_out=left_out, questions=asked)


def _open(
    acting: Acting,
    openings: Sequence[CaseOpening],
    beginnings: Beginnings,
    *,
    file: Mapping[str, str],
) -> Sequence[Case | Text]:
    """Write new cases together; if one is refused only now, each by itself. Return the cases or the refusals."""
    try:
        with undone_if_refused(acting.ledger):
            return write_openings(acting, openings, file=dict(file), beginnings=beginnings)
    except (BadValueError, RefusedError) as refused:
        if len(openings) == 1:
            return [refused.sentence]
    found: list[Case | Text] = []
    for each in openings:
        found += _open(acting, [each], beginnings, file=file)
    return found


def _enrol(acting: Acting, chunk: Sequence[Row]) -> None:
    """Register the units of the chunk that are not known yet; rows of one that cannot be are refused each."""
    for code in dict.fromkeys(row.unit for row in chunk if not row.number):
        try:
            acting.ledger.unit(code)
        except RefusedError:
            continue  # it is closed
        except NotFoundError:
            refuse_unless(acting, Power.KEEP_LEDGER)
            with suppress(BadValueError):
                enrol_unit(acting, code, code)


def _prepare(
    acting: Acting, rules: Rules, row: Row, key: str, given: Given, *, file: Mapping[str, str], asking: bool
) -> CaseOpening:
    """Return the opening of a row that is new."""
    if not rules.workflow.open_alone:
        raise _by_steps(rules)
    unit = acting.ledger.unit(row.unit)
    actor = acting.actor(unit.id)
    try:
        prepared = prepare_opening(acting, rules, unit, row.values, actor=actor, legacy=True, asked=row.asked)
    except (BadValueError, RefusedError):
        clear = without_doubtful(acting, rules, row) if asking else row
        if clear is row:
            raise
        row = clear
        prepared = prepare_opening(acting, rules, unit, row.values, actor=actor, legacy=True, asked=row.asked)
    try:
        given.refuse(prepared.values, at=row.at)
    except RefusedError as taken:
        if not asking:
            raise
        row = asking_about(rules, row, dict.fromkeys(rules.unique.intersection(row.values), taken.sentence))
        prepared = prepare_opening(acting, rules, unit, row.values, actor=actor, legacy=True, asked=row.asked)
    sealed = prepared.sealed if row.seal is None else {**prepared.sealed, ORIGINAL_SEAL: row.seal}
    if sealed:
        # Asked for here, where a key that is missing refuses this row, and not the whole chunk when it is written.
        _ = acting.ledger.custodian
    legacy = None
    if row.state is not None and row.state != rules.machine.initial:
        legacy = Legacy(
            state=rules.machine.entered(row.state),
            values=_implied(rules, row, prepared.values),
            event=_legacy_event(rules, row, prepared.values, file),
        )
    open_ends = unsaid(rules, row, prepared.values) if asking else ()
    return prepared._replace(
        sealed=sealed, import_key=key, legacy=legacy, original=row.original, questions=(*row.questions, *open_ends)
    )


def _update(
    acting: Acting, case: Case, row: Row, before: KeptBefore, *, file: Mapping[str, str], asking: bool
) -> Taken:
    """Bring a case up to what its row says now, each change journaled.

    What the row said before and still says changes nothing, even if officers have since written
    something else: the register goes before a ledger that stood still.

    Raises:
        RefusedError: If the row changes what only steps may write.
    """
    if case.unit != row.unit:
        return Taken(row.at, "unchanged", case.number, left_out=of_another_unit(case))
    ledger = acting.ledger
    own = ledger.rules_of(case)
    may_amend(own, case, actor=acting.actor(case.unit_id))
    if asking:
        row = without_doubtful(acting, own, row, case=case)
    says = _compared(acting, own, case, row)
    if says.nothing_new:
        case, _, differs = keep_again(acting, case, row, before, file=file, moved=False)
        changed_row = ("original",) if differs else ()
        return Taken(row.at, "updated" if differs else "unchanged", case.number, changed=changed_row)
    # A legacy entry asks no guard: it is for cases that only ledgers have spoken of so far.
    under_way = case_rows.has_moved(ledger.store, case.id) or not _came_from_ledger(ledger, case)
    left_out = _left_out(own, case, row, sealed_before=says.sealed_before, kept_state=says.moved and under_way)
    changed: list[str] = [*says.differing, *says.sealed]
    if changed:
        case = _amended(acting, own, case, says, under_way=under_way, file=file)
    if says.moved and not under_way:
        case = _moved(acting, own, case, row, file)
        changed.append("state")
    unclear = passed_over(own, case, row, moved=under_way)
    case, asked, differs = keep_again(acting, case, row, before, file=file, moved=under_way)
    if differs:
        changed.append("original")
    outcome = "updated" if changed or asked else "unchanged"
    kept_back = _together(left_out, unclear)
    return Taken(row.at, outcome, case.number, changed=tuple(changed), left_out=kept_back, questions=asked)


class _Says(NamedTuple):
    """What a row says now that its case does not."""

    differing: Mapping[str, object]
    sealed: Mapping[str, str]
    """Values to be sealed, in clear, of fields that had none."""
    sealed_before: bool
    """It has a value of a field that was sealed before; the two cannot be compared."""
    moved: bool
    """It stands in another state."""
    asks: bool
    """It leaves questions."""

    @property
    def nothing_new(self) -> bool:
        """Whether the case stays as it is."""
        return not (self.differing or self.sealed or self.moved or self.sealed_before or self.asks)


def _compared(acting: Acting, rules: Rules, case: Case, row: Row) -> _Says:
    """Compare a row with its case, apart from what ledgers said of it before."""
    ledger = acting.ledger
    values = ledger.naming.unveiled(row.values, case.fields)
    checked = grown(rules, case.fields, checked_values(acting, rules, values, unit=case.unit, case=case))
    sealed = {k: str(v) for k, v in checked.items() if k in rules.sealed and v and case.fields.get(k) != SEALED}
    differing = {
        k: v for k, v in checked.items() if k not in rules.sealed and v is not None and case.fields.get(k) != v
    }
    if differing:
        said = _said_before(ledger, case)
        differing = {k: v for k, v in differing.items() if said.get(k) != v}
    return _Says(
        differing,
        sealed,
        sealed_before=any(k in rules.sealed and v and k not in sealed for k, v in checked.items()),
        moved=row.state is not None and row.state != case.state,
        asks=bool(row.questions),
    )


def _amended(
    acting: Acting, rules: Rules, case: Case, says: _Says, *, under_way: bool, file: Mapping[str, str]
) -> Case:
    """Write the values that differ.

    Raises:
        RefusedError: If only steps may write them, or they do not go together.
    """
    ledger, differing, sealed = acting.ledger, says.differing, says.sealed
    fields: Mapping[str, object] = {**case.fields, **differing, **dict.fromkeys(sealed, SEALED)}
    if under_way:
        fields = amendment(
            rules,
            case,
            {**differing, **sealed},
            actor=acting.actor(case.unit_id),
            family=ledger.family(case, rules.asks_to_amend),
            today=acting.today,
            besides=objections(ledger, rules, differing, unit_id=case.unit_id, case_id=case.id),
            asked=asked_fields(ledger, case),
        )
    elif wrong := list(unpaired(rules.pairs, case.fields, fields, legacy=True)):
        raise RefusedError(Text(f"{case.number} is not amended", f"{case.number} 不能修改"), wrong)
    moves = says.moved and not under_way
    return write_imported(acting, rules, case, fields, differing, sealed=sealed, file=file, moves=moves)


def _moved(acting: Acting, rules: Rules, case: Case, row: Row, file: Mapping[str, str]) -> Case:
    """Enter the state that the ledger names, as a legacy entry."""
    assert row.state is not None
    state, values = rules.machine.entered(row.state), _implied(rules, row, case.fields)
    event = _legacy_event(rules, row, case.fields, file)
    family = acting.ledger.family(case, rules.counting)
    scope = rules.scope(case, values, family, by=acting.by, today=acting.today) | {"state": state}  # the one it enters
    count = case.clearance if case.clearance == Count.REPEATS else int(rules.count(state, scope))
    return write_decision(acting, case, Decision(event, state, values, count, rules.applies(scope)))


def _together(*said: Text | None) -> Text | None:
    """Return sentences as one; None if there are none."""
    found = [each for each in said if each is not None]
    if not found:
        return None
    return Text("; ".join(each.en for each in found), "；".join(each.zh for each in found))


def _came_from_ledger(ledger: Ledger, case: Case) -> bool:
    """Say whether a ledger opened the case."""
    return CaseOpened.read(case_rows.entries(ledger.store, case.id)[0].body).file is not None


def _left_out(rules: Rules, case: Case, row: Row, *, sealed_before: bool, kept_state: bool) -> Text | None:
    """Return what a row says that is not taken over; None if there is no such thing."""
    found = []
    if kept_state and row.state is not None:
        says, stands = rules.workflow.states[row.state].title, rules.workflow.states[case.state].title
        found.append(
            Text(
                "the ledger says '{says}', here it is '{stands}': only a step moves it (qingling advance)",
                "台账写“{says}”，本件为“{stands}”：状态只能由办理步骤改变（qingling advance）",
            ).format(says=says, stands=stands)
        )
    if sealed_before:
        found.append(
            Text(
                "the sealed value is kept and was not compared; correct it with: qingling amend",
                "密封内容保持原样，未作比对；如须更正请用 qingling amend",
            )
        )
    return _together(*found)


def _said_before(ledger: Ledger, case: Case) -> Mapping[str, object]:
    """Return what ledgers have said of a case so far, the later ones last."""
    said: dict[str, object] = {}
    for entry in case_rows.entries(ledger.store, case.id):
        event = read_of_case(entry.kind, entry.body)
        if isinstance(event, CaseOpened | CaseAmended | LegacyEntered) and event.file is not None:
            said.update(event.set)
    return said


def _by_steps(rules: Rules) -> RefusedError:
    """Return the refusal of new cases that only steps open."""
    workflow, parents = rules.workflow, rules.workflow.parents
    return RefusedError(
        Text(
            f"a {workflow.title.en} is opened by a step of its {' or '.join(parents)}, not by a ledger",
            f"{workflow.title.zh}由所属事项（{'、'.join(parents)}）的步骤生成，不能从台账导入",
        )
    )


def _implied(rules: Rules, row: Row, values: Mapping[str, object]) -> Mapping[str, object]:
    """Return the values with those that the ledger's wording of the state implies."""
    assert row.state is not None
    return {**values, **_sets(rules, row)}


def _sets(rules: Rules, row: Row) -> Mapping[str, object]:
    """Return the values that the ledger's wording of a state implies."""
    assert row.state is not None
    implied = rules.workflow.states[row.state].legacy_sets.get(row.words or "", {})
    if not isinstance(implied, Mapping):
        raise RefusedError(Text("the state implies no values", "该状态不附带取值"))
    return implied


def _legacy_event(rules: Rules, row: Row, values: Mapping[str, object], file: Mapping[str, str]) -> LegacyEntered:
    """Return what the journal says of a state that a ledger brought."""
    implied = {k: v for k, v in _sets(rules, row).items() if values.get(k) != v}
    assert row.state is not None
    return LegacyEntered(ledger_says=row.words or row.state, at=row.at, file=dict(file), set=implied)
