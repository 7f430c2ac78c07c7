"""The plan of a move, which the journal keeps before anything moves, and the move by it, one family at a time.

A plan changes no case. It names each case that moves with the journal row after which it was looked at and a digest of
what becomes of it. The move looks at every case again in the commit that moves it: what is no longer as it was planned
stays where it is. So it can be broken off at any moment and begun again, and what is moved already is left alone.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from engine.errors import BadValueError, ConflictError, InvalidWorkflowError, NotFoundError, QinglingError, RefusedError
from engine.journal.event import UnreadableEventError
from engine.journal.migration_events import CaseMigrated, MigrationPlanned, VersionMap
from engine.journal.migration_events import Family as PlannedFamily
from engine.language import Text
from engine.operations.cases.cancelling import take_back
from engine.operations.cases.journal_body import journaled
from engine.operations.cases.uniqueness import ValuesMoved
from engine.operations.cases.uniqueness import follow as follow_given
from engine.operations.cases.value_checks import checked_values
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import refuse_unless_all_seen, veiled, veiled_text
from engine.operations.ledger.reasons import reason_given
from engine.operations.migrating.families import CaseMove, Migrating
from engine.rules.case import Case
from engine.rules.moving import map_faults, unknown_names
from engine.store import case_rows, clock_rows, history_rows, named_rows, search_rows
from engine.store import house_rows as house
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.model import Workflow
from engine.workflow.powers import Power
from engine.working_days.instants import local_day

LONGEST_GRACE: Final = 366
"""Days."""
CHUNK: Final = 500
"""Cases that are read at a time."""
_DIGITS: Final = 16


class MigrationPlan(FrozenStruct, frozen=True, kw_only=True):
    """What a move would do."""

    event: MigrationPlanned
    """What the journal keeps of it."""
    families: tuple[tuple[CaseMove, ...], ...]
    """Cases that move together, the parent first."""
    refused: tuple[tuple[Case, tuple[Text, ...]], ...]
    """Cases that cannot move, and why."""


class Done(FrozenStruct, frozen=True, kw_only=True):
    """What a move did."""

    moved: int
    """Cases."""
    before: int
    """Cases that were moved by it before."""
    left: tuple[tuple[str, Text], ...]
    """Numbers of cases that stay where they are, and why."""


def plan_migration(
    acting: Acting, workflow: str, version: int, maps: Mapping[str, VersionMap], *, grace: int = 0
) -> MigrationPlan:
    """Plan that the running cases of a workflow move to another version, and journal the plan; no case changes.

    Args:
        maps: By workflow: what is called otherwise, of it and of those whose cases stand under its cases.
        grace: Days, counted from today, in which the move makes nobody late.

    Raises:
        RefusedError: If the officer does not keep the ledger, the database shows this log-in only some cases, or no
            running case goes by another version.
        NotFoundError: If there is no such workflow, or that version was not adopted.
        InvalidWorkflowError: If a map is wrong; every fault is named.
        BadValueError: If a value cannot be set, or the days are too many.
    """
    refuse_unless(acting, Power.KEEP_LEDGER)
    refuse_unless_all_seen(acting.ledger)
    if not 0 <= grace <= LONGEST_GRACE:
        raise BadValueError(Text(f"grace: 0 to {LONGEST_GRACE} days", f"宽限：0 至 {LONGEST_GRACE} 日"))
    ledger = acting.ledger
    ledger.workflows.latest(workflow)
    new = ledger.rules(workflow, version)
    not_before = acting.today + timedelta(days=grace)
    with ledger.store.begin():
        ledger.keep(new.workflow, acting.now_at)  # so that it is settled by which versions its children are opened
        maps = {name: _typed(acting, name, version if name == workflow else None, each) for name, each in maps.items()}
        wanted = _cases(ledger, workflow, version)
        gone = _unreadable(ledger, workflow, {each.version for each in wanted})
        _refuse_wrong_maps(ledger, new.workflow, maps, {each.version for each in wanted} - gone.keys())
        migrating = Migrating(acting, workflow, version, maps, not_before)
        families: list[tuple[CaseMove, ...]] = []
        refused: list[tuple[Case, tuple[Text, ...]]] = []
        refused += ((each, (gone[each.version],)) for each in wanted if each.version in gone)
        for case in wanted:
            if case.version in gone or not migrating.is_alive(case):
                continue
            own = migrating.against_parent(case)
            family = () if own is not None else migrating.of_family(case)
            reasons = (own,) if own is not None else _reasons(family)
            if reasons:
                refused.append((case, reasons))
            else:
                families.append(family)
        if not families and not refused:
            raise _nothing_to_move(new.workflow)
        event = MigrationPlanned(
            workflow=workflow,
            version=version,
            digest="",
            maps=maps,
            not_before=not_before.isoformat(),
            moves=tuple(map(_planned, families)),
            refused=tuple((case.id, _digest_of(reasons)) for case, reasons in refused),
        ).digested()
        # Before any case moves: `journal verify` judges each move by the plan that the house's chain holds.
        acting.note_in_house(event)
    return MigrationPlan(event=event, families=tuple(families), refused=tuple(refused))


def migrate(acting: Acting, digest: str, *, reason: str, after_each: Callable[[int], None] | None = None) -> Done:
    """Move cases as a plan says, each with those under it in a commit of its own.

    Args:
        digest: That of the plan, or the beginning of it.
        after_each: Called after each family with how many cases have moved.

    Raises:
        RefusedError: If the officer does not keep the ledger, or the plan is over.
        NotFoundError: If there is no such plan.
        BadValueError: If there is no reason, or several plans have digests that begin so.
    """
    refuse_unless(acting, Power.KEEP_LEDGER)
    refuse_unless_all_seen(acting.ledger)
    why = reason_given(reason)
    plan = planned(acting.ledger, digest)
    not_before = date.fromisoformat(plan.not_before)
    if acting.today > not_before:
        raise RefusedError(
            Text(
                f"the plan was good until {plan.not_before}: later, terms would be late by the move; plan again",
                f"该方案至 {plan.not_before} 有效，逾期办理将使期限因迁移而超期；请重新制定方案",
            )
        )
    migrating = Migrating(
        acting, plan.workflow, plan.version, plan.maps, not_before, planned_on=_planned_on(acting, plan)
    )
    moved, before, reader = 0, 0, acting.ledger.reader
    left: list[tuple[str, Text]] = []
    for family in plan.moves:
        done = _is_done(acting.ledger, plan, family)
        if done:
            before += len(family)
            continue
        case = case_rows.by_id(acting.ledger.store, family[0][0])
        try:
            with acting.ledger.store.begin():
                house.lock_unique(acting.ledger.store)  # before any row is locked, as those do who take a step
                _move(migrating, plan, family, reason=why)
        except QinglingError as error:
            # What is remembered of the family may be what the commit had written that was broken off.
            acting.ledger.forget()
            left.append((veiled(reader, case.number), veiled_text(reader, error.sentence)))
            continue
        moved += len(family)
        if after_each is not None:
            after_each(moved)
    return Done(moved=moved, before=before, left=tuple(left))


def planned(ledger: Ledger, digest: str) -> MigrationPlanned:
    """Return the plan whose digest begins so.

    Raises:
        NotFoundError: If there is none, or what stands there is not what was planned.
        BadValueError: If those of several plans begin so.
    """
    by_digest: dict[str, MigrationPlanned] = {}
    for _, body in case_rows.bodies(ledger.store, MigrationPlanned.kind):
        try:
            found = MigrationPlanned.read(body)
        except UnreadableEventError:
            continue
        # A plan whose row was altered in the database no longer bears its own digest, and is none.
        if digest and found.digest.startswith(digest) and found.digest == found.own_digest:
            by_digest[found.digest] = found
    if len(by_digest) > 1:
        raise BadValueError(
            Text(
                f"the digests of several plans begin with '{digest}'; write more of it",
                f"摘要以“{digest}”开头的方案不止一个，请多写几位",
            )
        )
    for found in by_digest.values():
        return found
    raise NotFoundError(
        Text(
            f"no plan has the digest '{digest}'; plan first, without --apply",
            f"没有摘要为“{digest}”的方案；请先不加 --apply 制定方案",
        )
    )


def _planned_on(acting: Acting, plan: MigrationPlanned) -> date:
    """Return the local day on which a plan was made."""
    at = history_rows.first_at(acting.ledger.store, MigrationPlanned.kind, f'"digest":"{plan.digest}"')
    assert at is not None  # it was read from there
    return local_day(at, acting.ledger.zone)


def _move(migrating: Migrating, plan: MigrationPlanned, family: PlannedFamily, *, reason: str) -> None:
    """Write that a family goes on by another version; inside `begin`.

    Raises:
        ConflictError: If a case is no longer as it was planned.
    """
    store = migrating.acting.ledger.store
    case = case_rows.by_id(store, family[0][0])
    found = migrating.of_family(case)
    # By revision and digest: anything written since on one of them stops the whole family.
    if _planned(found) != family:
        reasons = _reasons(found)
        why = reasons[0] if reasons else Text("it was changed since the plan", "制定方案后已有变动")
        raise ConflictError(Text("{why}; plan again", "{why}；请重新制定方案").format(why=why))
    for each in found:
        _write(migrating.acting, plan, each, reason=reason, parent=None if each is found[0] else case.number)


def _write(acting: Acting, plan: MigrationPlanned, move: CaseMove, *, reason: str, parent: str | None) -> None:
    """Write that one case goes on by another version; inside `begin`."""
    ledger, case, after = acting.ledger, move.case, move.after
    by = plan.maps.get(case.workflow, VersionMap())
    ledger.keep(ledger.rules_of(after).workflow, acting.now_at)
    changes = move.changes
    event = CaseMigrated(
        version=after.version,
        was_version=case.version,
        plan=plan.digest,
        reason=reason,
        set=changes.brought,
        was=changes.replaced,
        states=by.states,
        triggers=by.triggers,
        was_due={name: day for name, day, _ in move.due_days if day is not None},
        rungs={each.name: each.rung for each in move.clocks},
        with_parent=parent,
        deadlines=journaled(move.clocks),
        cancelled=take_back(ledger, move.was, move.clocks),
    )
    entry = acting.entry(case, event, to_state=after.state, clearance=after.clearance)
    shapes = ledger.rules_of(after).shapes
    case_rows.update_one(
        ledger.store,
        case,
        state=after.state,
        clearance=after.clearance,
        fields=after.fields,
        entry=entry,
        shaping=shapes.change(
            after.fields,
            shapes.terms(move.was, move.clocks),
            was_counted=case.clearance,
            counted=after.clearance,
        ),
        otherwise=lambda: ConflictError(Text(f"{case.number} was changed meanwhile", f"{case.number} 已被他人更改")),
    )
    case_rows.go_on_by(ledger.store, case.id, after.version)
    case_rows.append(ledger.store, [entry])
    old, new = ledger.rules_of(case), ledger.rules_of(after)
    people = old.people(case.fields), new.people(after.fields)
    follow_given(ledger, [ValuesMoved(case, new, case.id, after.clearance, after.fields, rules_before=old)])
    named_rows.follow(ledger.store, [(case.id, *people)])
    search_rows.follow(ledger.store, [(case.id, case.fields, after.fields)])
    clock_rows.write(ledger.store, move.clocks)


def _is_done(ledger: Ledger, plan: MigrationPlanned, family: PlannedFamily) -> bool:
    """Say whether a family was moved by this plan before."""
    case_id, revision, _ = family[0]
    rows = case_rows.entries(ledger.store, case_id, after=revision)
    # Bodies are canonical JSON, so that this is in the text as it stands here, or not at all.
    return bool(rows) and rows[0].kind == CaseMigrated.kind and f'"plan":"{plan.digest}"' in rows[0].body


def _nothing_to_move(new: Workflow) -> RefusedError:
    """Return the refusal of a plan that would say nothing, and whose map nobody could judge."""
    return RefusedError(
        Text(
            f"every running case of {new.name} goes by version {new.version}: nothing to move; see: qingling workflow"
            " cases",
            f"“{new.title.zh}”办理中的事项均已按第 {new.version} 版，无可迁移；请查看：qingling 流程 各版本件数",
        )
    )


def _cases(ledger: Ledger, workflow: str, version: int) -> list[Case]:
    """Return the cases of a workflow that go by another version, by id."""
    found: list[Case] = []
    last = 0
    while part := case_rows.select(ledger.store, workflow=workflow, after_id=last, limit=CHUNK):
        found += (each for each in part if each.version != version)
        last = part[-1].id
    return found


def _planned(family: tuple[CaseMove, ...]) -> PlannedFamily:
    """Return what a plan keeps of cases that move together."""
    return tuple((each.case.id, each.case.revision, each.digest) for each in family)


def _reasons(family: tuple[CaseMove, ...]) -> tuple[Text, ...]:
    """Return why cases that move together cannot move."""
    first, *others = family
    below = (
        Text("{number}: {why}", "{number}：{why}").format(number=each.case.number, why=why)
        for each in others
        for why in each.reasons
    )
    return (*first.reasons, *below)


def _digest_of(reasons: tuple[Text, ...]) -> str:
    """Return the digest of why a case cannot move."""
    return sha256("\n".join(each.en for each in reasons).encode()).hexdigest()[:_DIGITS]


def _typed(acting: Acting, name: str, version: int | None, by: VersionMap) -> VersionMap:
    """Return a map with the values that it sets as they are stored.

    Raises:
        BadValueError: If a field cannot hold one.
    """
    if not by.set:
        return by
    rules = acting.ledger.rules(name, version)
    strange = [each for each in by.set if each not in rules.workflow.fields or each in rules.sealed]
    if strange:
        raise BadValueError(
            Text(f"no value can be set in '{strange[0]}'", f"不能填写“{strange[0]}”")
        )  # fmt: skip
    checked = checked_values(acting, rules, by.set, unit="")
    return VersionMap(
        states=by.states, triggers=by.triggers, new_steps=by.new_steps, fields=by.fields, values=by.values,
        set=dict(checked),
    )  # fmt: skip


def _unreadable(ledger: Ledger, workflow: str, versions: set[int]) -> dict[int, Text]:
    """Return the versions that cases go by and that cannot be read any more, and why."""
    found = {}
    for each in versions:
        try:
            ledger.rules(workflow, each)
        except QinglingError as error:
            found[each] = error.sentence
    return found


def _refuse_wrong_maps(ledger: Ledger, new: Workflow, maps: Mapping[str, VersionMap], versions: set[int]) -> None:
    """Refuse maps that do not lead from each version that cases come from; what is under them is looked at by case.

    Raises:
        InvalidWorkflowError: If so; every fault is named.
        NotFoundError: If one is of a workflow that is not there.
    """
    for name in maps:
        ledger.workflows.latest(name)
    by = maps.get(new.name, VersionMap())
    olds = [ledger.rules(new.name, each).workflow for each in sorted(versions)]
    found = unknown_names(olds, new, by) if olds else []
    for old in olds:
        found += (fault for fault in map_faults(old, new, by) if fault not in found)
    if found:
        raise InvalidWorkflowError(found)
