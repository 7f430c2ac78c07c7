"""Adopting texts: from then on the ledger works by them; each adoption is one row of the house's chain."""

from collections.abc import Sequence
from hashlib import sha256
from json import loads

from engine.errors import DatabaseError, InvalidWorkflowError
from engine.journal.canonical import canonical
from engine.journal.house_events import TextsAdopted
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import officers_who_may, refuse_unless
from engine.operations.ledger.adopted import NewText
from engine.operations.ledger.ledger import Ledger
from engine.store import adopted_rows, chain_rows
from engine.store.connection import Store
from engine.store.house_columns import AdoptedRecord
from engine.workflow.powers import Power
from engine.workflow.registry import Workflows
from engine.workflow.texts import TextKind


def adopt(acting: Acting, texts: Sequence[NewText], *, reason: str) -> tuple[NewText, ...]:
    """Let the ledger work by *texts* from now on, and return them with their versions; none is adopted twice.

    Raises:
        RefusedError: If the officer does not keep the ledger.
        InvalidWorkflowError: If a workflow's version was adopted with other content, or a newer one was.
    """
    refuse_unless(acting, Power.KEEP_LEDGER)
    with acting.ledger.store.begin():
        adopted = write_adoption(acting, texts, reason=reason)
    acting.ledger.forget()
    return adopted


def write_adoption(acting: Acting, texts: Sequence[NewText], *, reason: str | None = None) -> tuple[NewText, ...]:
    """Write that *texts* are adopted, inside `begin` of the caller, and return those that were not before.

    Raises:
        InvalidWorkflowError: As for `adopt`.
    """
    store = acting.ledger.store
    fresh = not_adopted(store, texts)
    if fresh:
        row = acting.note_in_house(
            TextsAdopted(
                texts=tuple((each.kind.value, each.name, each.version, each.digest) for each in fresh), reason=reason
            )
        )
        adopted_rows.adopt(
            store,
            (
                AdoptedRecord(
                    kind=each.kind, name=each.name, version=each.version, digest=each.digest, plain=each.plain,
                    shipped=int(each.shipped), seq=row.seq,
                )
                for each in fresh
            ),
        )  # fmt: skip
    return fresh


def not_adopted(store: Store, texts: Sequence[NewText]) -> tuple[NewText, ...]:
    """Return those of *texts* by which the ledger does not work yet, with the versions that they would have.

    Raises:
        InvalidWorkflowError: If a workflow's version was adopted with other content, or a newer one was.
    """
    known = adopted_rows.texts(store)
    newest = {(each.kind, each.name): each for each in known}  # the last one stays
    digests = {(each.kind, each.name, each.version): each.digest for each in known}
    found: list[NewText] = []
    for each in texts:
        place = each.kind.value, each.name
        last = newest.get(place)
        if each.kind is not TextKind.WORKFLOW:
            if last is None or last.digest != each.digest:
                found.append(each._replace(version=1 if last is None else last.version + 1))
            continue
        same = digests.get((*place, each.version))
        if same is None and (last is None or last.version < each.version):
            found.append(each)
        elif same != each.digest:
            raise InvalidWorkflowError([_taken(each, 0 if last is None else last.version)])
    return tuple(found)


def _taken(workflow: NewText, newest: int) -> Text:
    """Return the sentence that a version of a workflow cannot be adopted beside the newest one."""
    return Text(
        f"workflow {workflow.name}: version {newest} is adopted already; write version: {newest + 1} for the changed"
        " declaration",
        f"流程 {workflow.name}：已采用第 {newest} 版；请将修改后的声明写为 version: {newest + 1}",
    )


def adopted_versions(ledger: Ledger) -> list[AdoptedRecord]:
    """Return every version of every text that the ledger has adopted, by kind and name."""
    return adopted_rows.texts(ledger.store)


def newer_shipped(ledger: Ledger, shipped: Sequence[NewText]) -> tuple[NewText, ...]:
    """Return those of the program's texts that would replace adopted ones of the program; the house's own stay."""
    newest = {(each.kind, each.name): each for each in adopted_rows.texts(ledger.store)}

    def is_newer(text: NewText) -> bool:
        last = newest.get((text.kind.value, text.name))
        if last is None:
            return True
        if not last.shipped or last.digest == text.digest:
            return False
        return text.kind is not TextKind.WORKFLOW or text.version > last.version

    return not_adopted(ledger.store, [each for each in shipped if is_newer(each)])


def adopt_baseline(acting: Acting, texts: Sequence[NewText], *, books: Sequence[Workflows]) -> tuple[NewText, ...]:
    """Adopt what a ledger worked by before there was adoption: the versions that cases began with, and *texts*.

    Args:
        texts: Those of the program and of the house's folder.
        books: Whose lists of roles say who keeps the ledger; the first by which anybody does counts.

    Raises:
        RefusedError: If the officer does not keep the ledger.
        DatabaseError: If a version that cases began with was altered.
    """
    ledger = acting.ledger
    store = ledger.store
    judges = [Ledger(store, each) for each in books]
    judge = next((each for each in judges if officers_who_may(each, Power.KEEP_LEDGER)), judges[0])
    refuse_unless(Acting(judge, acting.by, acting.now), Power.KEEP_LEDGER)
    given = {(each.name, each.version): each for each in texts if each.kind is TextKind.WORKFLOW}
    in_use = []
    for each in chain_rows.declarations(store):
        if sha256(canonical(loads(each.plain)).encode()).hexdigest() != each.digest:
            raise DatabaseError(
                Text(
                    f"workflow {each.name} version {each.version} was altered; restore a backup: qingling restore",
                    f"流程 {each.name} 第 {each.version} 版已被改动；请用备份恢复：qingling restore",
                )
            )
        same = given.pop((each.name, each.version), None)
        shipped = same is not None and same.shipped and same.plain == each.plain
        in_use.append(NewText(TextKind.WORKFLOW, each.name, each.version, each.plain, shipped))
    rest = [each for each in texts if each.kind is not TextKind.WORKFLOW]
    with store.begin():
        adopted = write_adoption(acting, [*in_use, *given.values(), *rest])
    ledger.forget()
    return adopted
