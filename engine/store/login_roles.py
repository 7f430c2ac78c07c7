"""The roles of a PostgreSQL ledger as SQL: who may do what in it with a tool of their own.

One role for each class of people, which nobody logs in with (`ledger_writer`), and one log-in role for each officer,
named by the database and the officer's code (`ledger.zhao`). Policies ask `session_user`, which only a superuser can
change; functions that run as the owner of the tables tell from officers, grants and restrictions what it may see. The
owner, who makes all this, is under no policy.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from engine.errors import BadValueError, RefusedError
from engine.journal.house_events import BACKUP_KEYS, RESTRICTED
from engine.journal.house_head import HOUSE_HEAD
from engine.language import Text
from engine.store.access_rows import TABLE
from engine.store.connection import Store
from engine.store.database import is_postgres, open_postgres, refusals
from engine.store.schema import require_current

KEEPER, WRITER, READER, AUDITOR, CUSTODIAN, SCHEDULER = CLASSES = (
    "keeper", "writer", "reader", "auditor", "custodian", "scheduler",
)  # fmt: skip
_OF_OFFICERS = CLASSES[:-1]
RUN: Final = "run"
"""The log-in by which the program does by itself what is due."""
_LONGEST: Final = 63
"""Bytes of a name that PostgreSQL keeps; a longer one it would cut off."""

_OF_A_CASE = (
    "deadlines", "questions", "attachments", "sealed_values", "occurrences", "asked_signatures", "named_officers",
    "unique_values", "search", "search_pending",
)  # fmt: skip
_OPEN = (
    "units", "grants", "workflow_versions", "adopted", "counters", "tree_leaves", "tree_tiles", "checkpoints",
    "digest_lines",
)  # fmt: skip
"""Tables that hold nothing of a case but its id: open to every officer, as long as they act."""
_SEEN = (
    *_OPEN, "alembic_version", "officers", "settings", "cases", "journal", "signatures", "deadlines", "reminders",
    "questions", "attachments", "outbox", "log_ins", "log_in_failures", "occurrences",
    "asked_signatures", "named_officers", "unique_values", "drafts", "search", "search_pending",
)  # fmt: skip
_ANYBODY = {
    "journal": "INSERT", "signatures": "INSERT", "settings": "INSERT, UPDATE (value)",
    "credentials": "SELECT (seq, officer, way, ended_at), INSERT, UPDATE (ended_at)",
    "log_ins": "INSERT, UPDATE (seen_at, ended_at)",
    "log_in_failures": "INSERT, UPDATE, DELETE", "officers": "UPDATE (contact)",
    "sealed_values": "SELECT (case_id, field, seq, key_id)", "access_log": "INSERT, SELECT (seq, hash)",
}  # fmt: skip
"""What logging in takes, which is journaled, being logged as a reader, and saying how one is reached."""
_CASEWORK = {
    "cases": "INSERT, UPDATE (version, state, unit_id, first_id, dated_on, changed_at, clearance, fields, revision,"
    " head, shape)",
    "deadlines": "INSERT, UPDATE", "reminders": "INSERT, UPDATE (outcome)", "questions": "INSERT, UPDATE (closed_seq)",
    "attachments": "INSERT", "sealed_values": "INSERT", "outbox": "INSERT", "counters": "INSERT, UPDATE (last)",
    "workflow_versions": "INSERT", "occurrences": "INSERT", "asked_signatures": "INSERT, UPDATE, DELETE",
    "named_officers": "INSERT, DELETE", "unique_values": "INSERT, DELETE", "search_pending": "INSERT",
    "drafts": "INSERT, UPDATE, DELETE",
}  # fmt: skip
_SUMS = {"kept_sums": "SELECT, INSERT, DELETE"}
"""Sums tell of every case, so that only those take and keep them who see all."""
_TREE = {"tree_leaves": "INSERT", "tree_tiles": "INSERT", "checkpoints": "INSERT, DELETE"}
_MAY: Mapping[str, tuple[Mapping[str, str], ...]] = {
    READER: (_ANYBODY,),
    AUDITOR: (_ANYBODY, {"access_log": "SELECT"}),
    CUSTODIAN: (_ANYBODY, {"sealed_values": "SELECT (ciphertext), UPDATE (key_id, ciphertext)"}),
    WRITER: (_ANYBODY, _CASEWORK),
    KEEPER: (
        _ANYBODY,
        _CASEWORK,
        _TREE,
        _SUMS,
        {
            "units": "INSERT, UPDATE", "officers": "INSERT, UPDATE (name, contact, left_at)",
            "grants": "INSERT, DELETE", "adopted": "INSERT", "outbox": "UPDATE", "digest_lines": "INSERT",
            "search": "INSERT, DELETE", "search_pending": "DELETE",
        },
    ),
    SCHEDULER: (
        _ANYBODY,
        _CASEWORK,
        _TREE,
        _SUMS,
        {
            "outbox": "UPDATE", "digest_lines": "INSERT", "sealed_values": "SELECT", "credentials": "SELECT",
            "access_log": "SELECT, DELETE", "search": "INSERT, DELETE", "search_pending": "DELETE",
        },
    ),
}  # fmt: skip
_BY_PASSWORD: Final = "password"  # noqa: S105 - the name of a way, no secret
"""The way of those credentials of which a hash is kept that can be guessed at."""
_EVERYBODYS = (HOUSE_HEAD, "headings")
"""Settings that every writer carries on: where the house's chain ends, and headings that an import learned."""
_AN_END: Final = r'^\[[0-9]{1,18},"[0-9a-f]{64}"\]$'
"""What the end of the house's chain looks like; with anything else there the program could not even begin."""
_FURTHEST: Final = 1000
"""Rows of a chain that go in one statement at most; one that is further ahead would leave no place to the next."""
_KEEPERS = (RESTRICTED, BACKUP_KEYS, "custodian", "proof", "calendar")
"""Settings that the scheduler has no business with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredRoles:
    """What roles of the ledger let their officers see."""

    all: Sequence[str]
    """Those that read all units."""
    unit: Sequence[str]
    """Those that read the units in which they are given."""
    restricted: Sequence[str]
    """Those that read restricted cases without being named."""


def role_name(database: str, name: str) -> str:
    """Return the database's role for a class of people: a server holds roles for all its databases at once."""
    return f"{database}_{name}"


def officer_role(database: str, code: str) -> str:
    """Return the log-in role of an officer; no name of the server's own is like it, and none of another house on it."""
    return f"{database}.{code}"


def names_of(url: str) -> tuple[str, str]:
    """Return the names of the database and of the schema that *url* leads to.

    Raises:
        RefusedError: If it is not on PostgreSQL.
        DatabaseError: If it cannot be reached.
    """
    if not is_postgres(url):
        raise RefusedError(
            Text(
                "this ledger is a file: roles are PostgreSQL's; keep the file where only its owner reads it",
                "本台账是文件数据库，没有数据库角色（仅 PostgreSQL 有）；请设好文件权限",
            )
        )
    with refusals(url), closing(open_postgres(url)) as connection:
        require_current(connection, url)
        ((database, schema),) = connection.execute("SELECT current_database(), current_schema()").fetchall()
        return str(database), str(schema)


def apply(url: str, statements: Sequence[str]) -> None:
    """Run them all, or none.

    Raises:
        DatabaseError: If the user of *url* may not make roles, or does not own the tables.
    """
    with refusals(url), closing(open_postgres(url)) as connection, connection.transaction():
        for each in statements:
            connection.execute(each.encode())


def catalog_digest(store: Store, database: str) -> str:
    """Return a digest of what the database says of policies, rights and functions, of its roles and whose they are.

    Whatever statement changes one of them changes it; names and order are those of the catalogue.
    """
    said = sha256()
    named = [role_name(database, each) for each in (*CLASSES, RUN)]
    for each in _CATALOG:
        for row in store.query(each, (named, officer_role(database, "")) * (each.count("?") // 2)):
            said.update(("\x1f".join(map(str, row)) + "\n").encode())
        said.update(b"\x1e")
    return said.hexdigest()


_CATALOG: Final = (
    (
        "SELECT c.relname, p.polname, p.polcmd, p.polroles::regrole[]::text, p.polqual::text, p.polwithcheck::text"
        " FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace ORDER BY 1, 2"
    ),
    (
        "SELECT relname, relrowsecurity, relforcerowsecurity, relacl::text FROM pg_catalog.pg_class"
        " WHERE relnamespace = current_schema()::regnamespace"
        " AND (relkind = 'r' AND relacl IS NOT NULL OR relkind IN ('m', 'v', 'f', 'p')) ORDER BY 1"
    ),
    (
        "SELECT c.relname, a.attname, a.attacl::text FROM pg_catalog.pg_attribute a"
        " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND a.attacl IS NOT NULL ORDER BY 1, 2"
    ),
    (
        "SELECT proname, prosrc, prosecdef, proacl::text, proconfig::text FROM pg_catalog.pg_proc"
        " WHERE pronamespace = current_schema()::regnamespace ORDER BY 1, 2"
    ),
    (
        "SELECT r.rolname, m.rolname FROM pg_catalog.pg_auth_members a JOIN pg_catalog.pg_roles r ON r.oid = a.roleid"
        " JOIN pg_catalog.pg_roles m ON m.oid = a.member WHERE r.rolname = ANY (?) OR starts_with(r.rolname, ?)"
        " OR m.rolname = ANY (?) OR starts_with(m.rolname, ?) ORDER BY 1, 2"
    ),
    (
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication FROM pg_catalog.pg_roles"
        " WHERE rolname = ANY (?) OR starts_with(rolname, ?) ORDER BY 1"
    ),
)
"""What decides who may do what: policies; rights on tables, on what shows them otherwise, and on columns; functions;
which role has which; and which are past all that."""


def statements(database: str, schema: str, roles: DeclaredRoles, officers: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the SQL that makes the roles and ties officers to them; run again it brings them up to date.

    Args:
        officers: Code of each who acts -> classes; each gets a log-in role.

    Raises:
        BadValueError: If a name is longer than PostgreSQL keeps.
    """
    class_of = {each: _named(role_name(database, each)) for each in CLASSES}
    where = _named(schema)
    writing = ", ".join(class_of[each] for each in (KEEPER, WRITER, SCHEDULER))
    return [
        *(_made(role_name(database, each), "NOLOGIN") for each in CLASSES),
        TABLE.replace(" access_log ", f" {where}.access_log "),
        # All is taken away first, so that a right which a newer version no longer gives does not linger.
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {where} FROM PUBLIC, {', '.join(class_of.values())}",
        f"REVOKE CREATE ON SCHEMA {where} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {where} TO {', '.join(class_of.values())}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {where} TO {writing}",
        *_functions(where, class_of, roles, [role_name(database, each) for each in (SCHEDULER, KEEPER, AUDITOR)]),
        *(f"GRANT SELECT ON {where}.{each} TO {', '.join(class_of.values())}" for each in _SEEN),
        *(
            f"GRANT {rights} ON {where}.{table} TO {class_of[each]}"
            for each, given in _MAY.items()
            for part in given
            for table, rights in part.items()
        ),
        *_policies(where, class_of),
        *_log_ins(database, class_of, officers),
    ]


def _named(name: str) -> str:
    """Return a name as SQL takes any."""
    if len(name.encode()) > _LONGEST:
        raise BadValueError(Text(f"{name} is too long for a role of PostgreSQL", f"{name} 作为 PostgreSQL 角色名过长"))
    return '"' + name.replace('"', '""') + '"'


def _text(words: str) -> str:
    """Return words as SQL takes any."""
    return "'" + words.replace("'", "''") + "'"


def _texts(words: Sequence[str]) -> str:
    """Return words as a list of SQL."""
    return f"ARRAY[{', '.join(map(_text, words))}]::text[]"


def _made(name: str, how: str) -> str:
    """Return what makes a role unless it is there: it may hold for another schema."""
    begun = f"CREATE ROLE {_named(name)} {how}"
    return (
        f"DO $do$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {_text(name)}) THEN"
        f" EXECUTE {_text(begun)}; END IF; END $do$"
    )


def _functions(where: str, class_of: Mapping[str, str], roles: DeclaredRoles, seeing: Sequence[str]) -> Iterator[str]:
    """Yield what tells policies of who asks; all read only tables, past the policies, as their owner.

    Args:
        seeing: Names of the classes that see what all officers are known by; the first sees every row of every case.
    """
    scheduler = seeing[0]
    mine = f"FROM {where}.grants g JOIN {where}.officers o ON o.id = g.officer_id WHERE o.code = {where}.ql_me()"
    anywhere = f"(g.role = ANY ({_texts(roles.all)}) OR g.unit_id = 0 AND g.role = ANY ({_texts(roles.unit)}))"
    trusted = f"g.role = ANY ({_texts(roles.restricted)}) AND g.unit_id IN (0, c.unit_id)"
    bodies = {
        "ql_me() RETURNS text": f"SELECT code FROM {where}.officers WHERE left_at IS NULL"
        " AND current_database() || '.' || code = session_user::text",
        "ql_all() RETURNS boolean": f"SELECT EXISTS (SELECT {mine} AND {anywhere})",
        "ql_units() RETURNS bigint[]": "SELECT coalesce(array_agg(g.unit_id), '{}')"
        f" {mine} AND g.unit_id <> 0 AND g.role = ANY ({_texts(roles.unit)})",
        "ql_part() RETURNS bigint[]": "SELECT coalesce(array_agg(id), '{}') FROM ("
        f"SELECT j.case_id AS id FROM {where}.journal j WHERE j.by = {where}.ql_me() AND j.case_id > 0"
        # A code may be a value of other fields as well, such as a source: it is kept apart who is named.
        f" UNION SELECT n.case_id FROM {where}.named_officers n WHERE n.officer = {where}.ql_me()) part",
        "ql_hidden() RETURNS bigint[]": "WITH RECURSIVE r(id, codes) AS (SELECT key::bigint, value FROM"
        f" jsonb_each((SELECT value::jsonb FROM {where}.settings WHERE name = {_text(RESTRICTED)})) UNION"
        f" SELECT c.id, r.codes FROM {where}.cases c JOIN r ON c.parent_id = r.id)"
        f" SELECT coalesce(array_agg(r.id), '{{}}') FROM r JOIN {where}.cases c ON c.id = r.id"
        f" WHERE NOT jsonb_exists(r.codes, {where}.ql_me()) AND NOT EXISTS (SELECT {mine} AND {trusted})",
        "ql_sees_all() RETURNS boolean": f"SELECT pg_has_role(session_user, {_text(scheduler)}, 'MEMBER')"
        f" OR ({where}.ql_all() AND {where}.ql_hidden() = '{{}}')",
        "ql_sees_log_ins() RETURNS boolean": "SELECT EXISTS (SELECT FROM unnest("
        f"{_texts(seeing)}) r WHERE pg_has_role(session_user, r::name, 'MEMBER'))",
        "ql_digest(bigint, text, integer) RETURNS text": "SELECT encode(sha256(convert_to(ciphertext, 'UTF8')), 'hex')"
        f" FROM {where}.sealed_values WHERE case_id = $1 AND field = $2 AND seq = $3",
        # Who audits compares what others are known by with the journal, which has the digest of a password's hash.
        "ql_kept(bigint) RETURNS text": f"SELECT CASE WHEN way <> {_text(_BY_PASSWORD)} OR officer = {where}.ql_me()"
        " THEN kept ELSE encode(sha256(convert_to(kept, 'UTF8')), 'hex') END"
        f" FROM {where}.credentials WHERE seq = $1 AND (officer = {where}.ql_me() OR {where}.ql_sees_log_ins())",
        "ql_last(bigint) RETURNS bigint": f"SELECT coalesce(max(seq), 0) FROM {where}.journal WHERE case_id = $1",
        # A row that is far ahead would leave no number to the next one, and nobody could read anything any more.
        "ql_follows(bigint, text) RETURNS boolean": "SELECT ($1, $2) = (coalesce(max(l.seq), 0) + 1,"
        f" coalesce(max(l.hash), '')) FROM (SELECT seq, hash FROM {where}.access_log ORDER BY seq DESC LIMIT 1) l",
    }
    for head, body in bodies.items():
        signature = f"{where}.{head.partition(' RETURNS')[0]}"
        yield (
            f"CREATE OR REPLACE FUNCTION {where}.{head} LANGUAGE sql STABLE SECURITY DEFINER"
            f" SET search_path = pg_catalog, pg_temp AS $ql${body}$ql$"
        )
        yield f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {signature} TO {', '.join(class_of.values())}"


def _conditions(where: str, class_of: Mapping[str, str], me: str) -> Mapping[str, Sequence[tuple[str, str, str]]]:
    """Return by table which rows officers see and write: command, classes and condition.

    Args:
        me: What gives the code of the officer who asks.
    """
    people = ", ".join(class_of[each] for each in _OF_OFFICERS)
    keeper = class_of[KEEPER]
    seen = (
        f"((SELECT {where}.ql_all()) OR unit_id = ANY ((SELECT {where}.ql_units())::bigint[])"
        f" OR id = ANY ((SELECT {where}.ql_part())::bigint[]))"
        f" AND NOT id = ANY ((SELECT {where}.ql_hidden())::bigint[])"
    )
    of_case = f"EXISTS (SELECT FROM {where}.cases c WHERE c.id = case_id)"
    of_house = f"(case_id = 0 OR {of_case})"
    mine = f"officer = {me}"
    near = f"seq <= {where}.ql_last(case_id) + {_FURTHEST}"
    everybodys = (
        f"name = ANY ({_texts(_EVERYBODYS)}) AND value::jsonb IS NOT NULL"
        f" AND (name <> {_text(HOUSE_HEAD)} OR value ~ {_text(_AN_END)})"
    )
    return {
        "cases": [("ALL", people, seen)],
        **{each: [("ALL", people, of_case)] for each in _OF_A_CASE},
        "signatures": [("ALL", people, of_house)],
        "reminders": [
            ("ALL", people, f"EXISTS (SELECT FROM {where}.deadlines d WHERE d.id = deadline_id)"),
        ],
        "journal": [
            ("SELECT", people, of_house),
            ("INSERT", people, f"by = {me} AND {of_house} AND {near}"),
            ("INSERT", keeper, f"by = 'qingling' AND {of_house} AND {near}"),
        ],
        "outbox": [
            ("SELECT", people, f"recipient = {me} OR (SELECT {where}.ql_sees_all())"),
            ("UPDATE", keeper, f"(SELECT {where}.ql_sees_all())"),
            ("INSERT", people, "true"),
        ],
        "settings": [
            ("SELECT", people, "true"),
            ("INSERT", people, everybodys),
            ("UPDATE", people, everybodys),
            ("ALL", keeper, "true"),
            ("ALL", class_of[CUSTODIAN], f"name = {_text(CUSTODIAN)}"),
        ],
        "credentials": [
            ("ALL", people, mine),
            ("SELECT", f"{keeper}, {class_of[AUDITOR]}", "true"),
            ("ALL", keeper, "true"),
        ],
        "officers": [("SELECT", people, "true"), ("UPDATE", people, f"code = {me}"), ("ALL", keeper, "true")],
        "log_ins": [("ALL", people, mine), ("SELECT", f"{keeper}, {class_of[AUDITOR]}", "true")],
        "log_in_failures": [("ALL", people, mine)],
        "drafts": [("ALL", people, mine)],
        "kept_sums": [("ALL", keeper, f"(SELECT {where}.ql_sees_all())")],
        "access_log": [("SELECT", people, "true"), ("INSERT", people, f"{mine} AND {where}.ql_follows(seq, previous)")],
        **{each: [("ALL", people, "true")] for each in _OPEN},
    }


def _policies(where: str, class_of: Mapping[str, str]) -> Iterator[str]:
    """Yield which rows each class sees and writes; what is not let through is as if it were not there."""
    scheduler, me = class_of[SCHEDULER], f"(SELECT {where}.ql_me())"
    for table, given in _conditions(where, class_of, me).items():
        free = f"name <> ALL ({_texts(_KEEPERS)})" if table == "settings" else "true"
        of_scheduler = [("ALL", scheduler, free), *([("SELECT", scheduler, "true")] if free != "true" else [])]
        yield f"ALTER TABLE {where}.{table} ENABLE ROW LEVEL SECURITY"
        # Who has left is nobody's officer: neither rows of their own units nor what is open to all officers.
        of_people = [(command, to, f"{me} IS NOT NULL AND ({condition})") for command, to, condition in given]
        for number, (command, to, condition) in enumerate([*of_people, *of_scheduler]):
            name = f"ql_{table}_{number}"
            kind = f"WITH CHECK ({condition})" if command == "INSERT" else f"USING ({condition})"
            yield f"DROP POLICY IF EXISTS {name} ON {where}.{table}"
            yield f"CREATE POLICY {name} ON {where}.{table} FOR {command} TO {to} {kind}"


def _log_ins(database: str, class_of: Mapping[str, str], officers: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what gives each officer a log-in role with the classes that are theirs, and takes others from it."""
    yield _made(role_name(database, RUN), "LOGIN")
    yield f"GRANT {class_of[SCHEDULER]} TO {_named(role_name(database, RUN))}"
    yield _parted(database, class_of, [officer_role(database, each) for each in officers])
    for code, classes in officers.items():
        name = officer_role(database, code)
        yield _made(name, "LOGIN")
        yield f"ALTER ROLE {_named(name)} LOGIN"  # who has left may be back
        yield f"REVOKE {', '.join(class_of.values())} FROM {_named(name)}"
        yield f"GRANT {', '.join(class_of[each] for each in classes)} TO {_named(name)}"


def _parted(database: str, class_of: Mapping[str, str], acting: Sequence[str]) -> str:
    """Return what takes every class, and the log-in, from those who are officers no more."""
    theirs = f"starts_with(rolname, {_text(officer_role(database, ''))}) AND NOT rolname = ANY ({_texts(acting)})"
    revoke = f"REVOKE {', '.join(class_of.values())} FROM %I"
    return (
        f"DO $do$ DECLARE gone text; BEGIN FOR gone IN SELECT rolname FROM pg_catalog.pg_roles WHERE {theirs} LOOP"
        f" EXECUTE format({_text(revoke)}, gone); EXECUTE format('ALTER ROLE %I NOLOGIN', gone); END LOOP; END $do$"
    )
