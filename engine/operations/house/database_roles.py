"""Which officer gets which class of the database's roles; what a class may do stands in the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from engine.journal.chain import Break
from engine.journal.house_events import DatabaseRolesMade, LedgerRestored
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows
from engine.store import house_rows as house
from engine.store import login_roles as store_roles
from engine.store.login_roles import AUDITOR, CUSTODIAN, KEEPER, READER, WRITER, DeclaredRoles
from engine.workflow.powers import Power, ReadingScope, Role


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseRoles:
    """What is to be made in the database."""

    statements: tuple[str, ...]
    officers: Mapping[str, tuple[str, ...]]
    """Code of each officer who acts -> classes."""
    named: str
    """What log-in roles of officers are called, with CODE for the officer's code."""
    run: str
    """Name of the log-in of what the program does by itself."""


def roles_of(acting: Acting) -> DatabaseRoles:
    """Return the roles that the ledger's officers and their roles call for.

    Raises:
        BadValueError: If a name is too long for a role.
        DatabaseError: If it cannot be read.
        RefusedError: If the officer does not keep the ledger, or it is a file.
    """
    refuse_unless(acting, Power.KEEP_LEDGER)
    return _called_for(acting.ledger)


def _called_for(ledger: Ledger) -> DatabaseRoles:
    """Return the roles that the ledger's officers and their roles call for."""
    database, schema = store_roles.names_of(ledger.store.url)
    declared = ledger.workflows.declared_roles()
    given: dict[str, list[tuple[Role, bool]]] = {
        each.code: [] for each in house.officers(ledger.store) if each.left_at is None
    }
    for code, role, unit in house.grants(ledger.store):
        if role in declared and code in given:
            given[code].append((declared[role], not unit))
    officers = {code: _classes(roles) for code, roles in given.items()}
    statements = store_roles.statements(
        database,
        schema,
        DeclaredRoles(
            all=[name for name, each in declared.items() if each.reads is ReadingScope.ALL],
            unit=[name for name, each in declared.items() if each.reads is ReadingScope.UNIT],
            restricted=[name for name, each in declared.items() if Power.READ_RESTRICTED in each.may],
        ),
        officers,
    )
    return DatabaseRoles(
        statements=tuple(statements),
        officers=officers,
        named=store_roles.officer_role(database, "CODE"),
        run=store_roles.role_name(database, store_roles.RUN),
    )


def apply(acting: Acting, roles: DatabaseRoles) -> None:
    """Make them, all or none, and journal that, with what the database says of them then.

    Raises:
        DatabaseError: If the user of the database may not.
    """
    ledger = acting.ledger
    store_roles.apply(ledger.store.url, roles.statements)
    made = DatabaseRolesMade(statements=_digest_of(roles.statements), catalog=_catalog(ledger))
    last = _made(ledger)
    if last is None or (last.statements, last.catalog) != (made.statements, made.catalog):
        with ledger.store.begin():
            acting.note_in_house(made)


def differences(ledger: Ledger) -> tuple[Break, ...]:
    """Return that the database's roles, rights or policies are not those that were made; nothing where none were."""
    made = _made(ledger)
    if made is None or made.catalog == _catalog(ledger):
        return ()
    return (Break(case="", seq=0, what="database roles"),)


def are_behind(ledger: Ledger) -> bool:
    """Say whether officers, their roles, what roles may do, or the program changed since the database's were made."""
    made = _made(ledger)
    return made is not None and made.statements != _digest_of(_called_for(ledger).statements)


def _made(ledger: Ledger) -> DatabaseRolesMade | None:
    """Return what was made last; None if nothing was, or a restore has begun the database again since."""
    if ledger.store.dialect != "postgresql":
        return None
    found = case_rows.last_of_house(ledger.store, [DatabaseRolesMade.kind, LedgerRestored.kind])
    return DatabaseRolesMade.read(found.body) if found is not None and found.kind == DatabaseRolesMade.kind else None


def _catalog(ledger: Ledger) -> str:
    """Return a digest of what the database says of its roles now."""
    ((database,),) = ledger.store.query("SELECT current_database()")
    return store_roles.catalog_digest(ledger.store, str(database))


def _digest_of(statements: Sequence[str]) -> str:
    """Return a digest of what is run."""
    return sha256(";\n".join(statements).encode()).hexdigest()


def _classes(roles: list[tuple[Role, bool]]) -> tuple[str, ...]:
    """Return the classes of an officer with these roles, each with whether it is given in all units."""
    everywhere = {power for role, in_all in roles if in_all for power in role.may}
    anywhere = {power for role, _ in roles for power in role.may}
    found = []
    if everywhere & {Power.KEEP_LEDGER, Power.MANAGE_OFFICERS}:
        found.append(KEEPER)
    elif any(not role.only_reads for role, _ in roles):
        found.append(WRITER)
    else:
        found.append(READER)
    if Power.READ_ACCESS_LOG in everywhere:
        found.append(AUDITOR)
    if Power.OPEN_SEALS in anywhere:
        found.append(CUSTODIAN)
    return tuple(found)
