"""Roles of the database: what an officer can do who logs in to PostgreSQL as himself, with the program or without."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from databases import PostgresServer
from ledgers import START, furnished, opened, register
from test_commands_reading import Office

from engine.operations.cases import restricting, succession
from engine.operations.house import database_roles
from engine.operations.house import registration as keeping
from engine.operations.house.verifying import of_schema, verify
from engine.operations.identity.credentials import set_password
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.need_to_know import broken_at, log_of
from engine.store import case_rows
from engine.store.access_rows import AccessLog
from engine.store.connection import open_store

OWN, FOREIGN, RESTRICTED = "0101-XS-2019-0001", "0102-XS-2019-0001", "0101-XS-2019-0002"


class Server:
    """A ledger whose roles were made in the database."""

    def __init__(self, postgres: PostgresServer, owner: str, folder: Path, logged: str = "") -> None:
        self.postgres, self.owner, self.folder = postgres, owner, folder
        self.logged = logged
        """What the server noted while the house was set up, every statement of it."""
        self.name = owner.partition("?")[0].rpartition("/")[2]

    def url(self, code: str) -> str:
        """Return the address under which an officer logs in."""
        return self.postgres.url_of(self.name, f"{self.name}_run" if code == "run" else f"{self.name}.{code}")

    def asked(self, code: str, statement: str) -> str | list[tuple[object, ...]]:
        """Run a statement as an officer, in a transaction that is kept by nobody; return the rows or the SQLSTATE."""
        with psycopg.connect(self.url(code)) as connection:
            try:
                cursor = connection.execute(statement.encode())
                while cursor.nextset():
                    pass
                return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]
            except psycopg.Error as error:
                return error.sqlstate or "?"
            finally:
                connection.rollback()

    def typed(self, words: str, by: str, *, login: str | None = None) -> tuple[int, str]:
        """Run a command as an officer who has logged in to the database as himself."""
        return Office(self.folder, self.url(login or by)).typed(words, by)


@pytest.fixture(scope="module")
def server(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a house with a lead of each unit and a restricted one, and the roles that the program has made."""
    with postgres.migrated() as owner:
        name = owner.partition("?")[0].rpartition("/")[2]
        for setting, value in (("log_statement", "all"), ("log_parameter_max_length", "0")):
            postgres.run(f"ALTER DATABASE {name} SET {setting} = '{value}'")
        log = Path(owner.partition("host=")[2]) / "log"
        begun = len(log.read_text(encoding="utf-8", errors="replace"))
        with furnished(owner, rehearsal=True) as ledger:
            keeper = Acting(ledger, "keeper", START)
            keeping.grant(keeper, "ji", "discipline_office", None)
            keeping.grant(keeper, "qian", "auditor", None)
            keeping.add_officer(keeper, "telephone", "一个人")  # called as cases say their source
            set_password(Acting(ledger, "lian", START), "lian", "zither-walnut-harbour-7")
            keeping.revoke(keeper, "keeper", "custodian", None)
            keeping.revoke(keeper, "keeper", "auditor", None)
            for unit in ("0101", "0102", "0101"):
                register(ledger, by="keeper", unit=unit, reporter="孙二娘", real_name=True)
            restricting.restrict(Acting(ledger, "ji", START), RESTRICTED, ["chen"], reason="事关本院")
            database_roles.apply(keeper, database_roles.roles_of(keeper))
            database_roles.apply(keeper, database_roles.roles_of(keeper))  # again: it changes nothing
            assert [each.kind for each in case_rows.entries(ledger.store, 0)].count("database_roles_made") == 1
            logged = log.read_text(encoding="utf-8", errors="replace")[begun:]
        yield Server(postgres, owner, tmp_path_factory.mktemp("server"), logged)


def test_each_sees_what_he_may_read(server: Server) -> None:
    """With a tool of his own an officer sees the cases that he may read, and in every table only rows of these."""
    seen = {}
    for code in ("keeper", "lian", "chen", "ji", "qian", "none", "run"):
        found = server.asked(code, "SELECT number FROM cases ORDER BY number")
        assert isinstance(found, list), (code, found)
        seen[code] = [number for (number,) in found]
        for table in ("journal", "deadlines", "sealed_values", "questions"):
            others = server.asked(
                code, f"SELECT count(*) FROM {table} t WHERE case_id > 0 AND NOT EXISTS"
                " (SELECT FROM cases c WHERE c.id = t.case_id)"
            )  # fmt: skip
            assert others == [(0,)], (code, table, others)
    every = [OWN, RESTRICTED, FOREIGN]
    assert seen == {
        "keeper": [OWN, FOREIGN], "lian": [OWN], "chen": [OWN, RESTRICTED], "ji": [OWN, FOREIGN], "qian": every,
        "none": [], "run": every,
    }  # fmt: skip


NO = "42501"
ATTACKS: dict[str, dict[str, object]] = {
    # what an officer types:                                                             who -> what the database says
    "UPDATE journal SET body = '{}'": {"lian": NO, "keeper": NO, "qian": NO, "run": NO},
    "DELETE FROM journal": {"lian": NO, "keeper": NO, "run": NO},
    "TRUNCATE journal": {"lian": NO, "keeper": NO, "run": NO},
    "DELETE FROM cases": {"lian": NO, "keeper": NO, "run": NO},
    "DELETE FROM sealed_values": {"lian": NO, "keeper": NO, "bao": NO, "run": NO},
    "UPDATE cases SET number = 'x'": {"lian": NO, "keeper": NO},
    "UPDATE cases SET state = 'x' WHERE number LIKE '0102%'": {"lian": [(0,)], "qian": NO},
    "UPDATE cases SET unit_id = (SELECT id FROM units WHERE code = '0102')": {"lian": NO},
    "SELECT ciphertext FROM sealed_values": {"lian": NO, "qian": NO, "none": NO},
    "SELECT kept FROM credentials": {"lian": NO, "qian": NO, "keeper": NO},
    "SELECT ql_kept(seq) LIKE '$argon2id$%' FROM credentials WHERE officer = 'lian' AND way = 'password'":
        {"lian": [(True,)], "qian": [(False,)], "keeper": [(False,)], "ji": []},
    "SELECT count(ql_kept(seq)) FROM generate_series(1, 200) seq": {"lian": [(1,)], "ji": [(0,)]},
    "INSERT INTO access_log VALUES (9223372036854775807, 1, 'lian', 'x', 'x', '', 'shown', '{}', '', '')": {"lian": NO},
    "INSERT INTO journal SELECT 0, 2147483647, at, 'lian', kind, from_state, to_state, clearance, body, hash"
    " FROM journal LIMIT 1": {"lian": NO},
    "UPDATE settings SET value = '{}' WHERE name = 'house_head'": {"lian": NO, "ji": NO},
    "UPDATE settings SET value = 'x' WHERE name = 'house_head'": {"lian": "22P02"},
    "INSERT INTO settings VALUES ('headings', 'x')": {"lian": "22P02"},
    "SELECT number FROM cases WHERE number LIKE '0102%'": {"telephone": []},
    "SELECT officer FROM access_log": {"lian": NO},
    "INSERT INTO journal SELECT case_id, 99, at, 'ji', kind, from_state, to_state, clearance, body, hash"
    " FROM journal WHERE case_id > 0 LIMIT 1": {"lian": NO, "keeper": NO},
    "INSERT INTO journal SELECT 2, 99, at, 'lian', kind, from_state, to_state, clearance, body, hash"
    " FROM journal LIMIT 1": {"lian": NO},
    "UPDATE settings SET value = '{}' WHERE name = 'restricted'": {"lian": [(0,)], "run": [(0,)]},
    "INSERT INTO settings VALUES ('restricted', '{}') ON CONFLICT (name) DO UPDATE SET value = '{}'": {"lian": NO},
    "INSERT INTO grants SELECT id, 'auditor', 0 FROM officers WHERE code = 'lian'": {"lian": NO, "run": NO},
    "UPDATE officers SET code = 'lian'": {"lian": NO, "keeper": NO},
    "CREATE TRIGGER t BEFORE INSERT ON journal EXECUTE FUNCTION suppress_redundant_updates_trigger()": {"lian": NO},
    "ALTER TABLE cases DISABLE ROW LEVEL SECURITY": {"lian": NO, "keeper": NO},
    "DROP POLICY ql_cases_0 ON cases": {"lian": NO, "keeper": NO},
    "CREATE TABLE t (a int)": {"lian": NO, "keeper": NO},
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'": {"lian": NO},
    "SET row_security = off; SELECT * FROM cases": {"lian": NO},
    "SET ROLE postgres": {"lian": NO},
    "SET SESSION AUTHORIZATION postgres": {"lian": NO},
    "SET session_replication_role = replica": {"lian": NO},
    "SELECT pg_read_file('/etc/passwd')": {"lian": NO},
    "COPY cases TO PROGRAM 'cat'": {"lian": NO},
    "COPY journal FROM STDIN": {"lian": "0A000"},
    "CREATE TEMPORARY TABLE officers AS SELECT 'lian' AS code, NULL::bigint AS left_at; SELECT number FROM cases":
        {"none": []},
}  # fmt: skip


def test_all_else_is_refused(server: Server) -> None:
    """Whoever logs in alters no row of the journal and reads no other unit's case nor a sealed value."""
    answers = {
        (statement, code): (server.asked(code, statement), expected)
        for statement, by in ATTACKS.items()
        for code, expected in by.items()
    }
    wrong = [(*place, got) for place, (got, expected) in answers.items() if got != expected]
    assert not wrong, "\n".join(map(str, wrong))


def test_who_may_not_read_the_access_log_writes_rows_that_follow(server: Server) -> None:
    """Rows follow from one another, the first of a connection and those after it, whose hash the server makes."""
    store = open_store(server.url("lian"))
    asked = {"search": '"停车场" %s \\', "count": 2, "open": True}
    said = {"at": 1, "officer": "lian", "way": "desk", "deed": "search", "subject": "", "answer": "shown"}
    written = [AccessLog(store).append(**said, asked=asked)]  # type: ignore[arg-type]  # as declared
    log = AccessLog(store)
    written += [log.append(**said, asked=asked) for _ in range(3)]  # type: ignore[arg-type]
    store.close()
    with opened(server.owner) as ledger:
        rows = list(log_of(ledger).rows())
    assert broken_at(rows) is None
    assert rows[-4:] == written


def test_the_program_works_under_them(server: Server) -> None:
    """Casework, lists, reading the journal, sweep and backup run under a role; what it cannot see it says."""
    lead = "receive --unit 0101 --received-on 2019-06-28 --source telephone --summary words"
    outcomes = {
        "receive": server.typed(lead, "lian"),
        "receive for another unit": server.typed(lead.replace("0101", "0102"), "lian"),
        "assign": server.typed(f"advance {OWN} assign --responsible-leader liu --handler chen", "keeper"),
        "note": server.typed(f"note {OWN} words", "chen"),
        "show": server.typed(f"show {OWN}", "lian"),
        "show another's": server.typed(f"show {FOREIGN}", "lian"),
        "list": server.typed("list --json", "lian"),
        "log": server.typed("journal log --json", "qian"),
        "under another name": server.typed(f"note {OWN} words", "zhou", login="lian"),
        "verify": server.typed("journal verify --tables", "qian"),
        "verify in part": server.typed("journal verify --tables", "ji"),
        "zero in part": server.typed("zero zhengzhou_2019", "ji"),
        "doctor": server.typed("doctor", "ji"),
        "sweep in part": server.typed("sweep", "lian"),
        "sweep": server.typed("sweep", "keeper", login="run"),
        "backup in part": server.typed("backup {file}.bak", "keeper"),
        "backup": server.typed("backup {file}.bak", "keeper", login="run"),
    }
    shown = "\n".join(f"{name}: {code} {answer[:600]}" for name, (code, answer) in outcomes.items())
    assert {name: code for name, (code, _) in outcomes.items()} == {
        "receive": 0, "receive for another unit": 21, "assign": 0, "note": 0, "show": 0, "show another's": 20,
        "list": 0, "log": 0, "under another name": 12, "verify": 0, "verify in part": 0, "zero in part": 30,
        "doctor": 2, "sweep in part": 21, "sweep": 0, "backup in part": 21, "backup": 0,
    }, shown  # fmt: skip
    assert "completeness was not looked at" in outcomes["verify in part"][1]
    for name in ("verify in part", "doctor", "backup in part"):
        assert "to this log-in" in outcomes[name][1], outcomes[name]
    with opened(server.owner) as ledger:
        assert verify(ledger)[1] == ()


BEHIND = (
    ("a policy opened", "ALTER POLICY ql_cases_0 ON cases USING (true)", "ql_cases_0"),
    ("a right given", "GRANT UPDATE ON journal TO {name}_reader", "REVOKE UPDATE ON journal FROM {name}_reader"),
    ("policies left out", "ALTER TABLE journal DISABLE ROW LEVEL SECURITY",
     "ALTER TABLE journal ENABLE ROW LEVEL SECURITY"),
    ("a class given", 'GRANT {name}_keeper TO "{name}.lian"', 'REVOKE {name}_keeper FROM "{name}.lian"'),
    ("all tables lent", 'GRANT pg_read_all_data TO "{name}.lian"', 'REVOKE pg_read_all_data FROM "{name}.lian"'),
    ("an officer lent", 'GRANT "{name}.qian" TO "{name}.lian"', 'REVOKE "{name}.qian" FROM "{name}.lian"'),
    ("past all policies", 'ALTER ROLE "{name}.lian" BYPASSRLS', 'ALTER ROLE "{name}.lian" NOBYPASSRLS'),
    ("a copy of the cases", "CREATE MATERIALIZED VIEW lent AS SELECT * FROM cases", "DROP MATERIALIZED VIEW lent"),
)  # fmt: skip


def test_what_the_owner_changes_in_the_roles_is_found(server: Server) -> None:
    """What was made is journaled; what was given past the program is found until it is undone."""
    unfound = []
    with opened(server.owner) as ledger, psycopg.connect(server.owner, autocommit=True) as connection:
        assert database_roles.differences(ledger) == ()
        for what, change, back in BEHIND[1:]:
            for each, wanted in ((change, 1), (back, 0)):
                connection.execute(each.format(name=server.name).encode())
                if len(database_roles.differences(ledger)) != wanted:
                    unfound.append((what, each))
        connection.execute(BEHIND[0][1].encode())
        if not [each for each in of_schema(ledger) if each.what == "database roles"]:
            unfound.append((BEHIND[0][0], ""))
        keeper = Acting(ledger, "keeper", START)
        database_roles.apply(keeper, database_roles.roles_of(keeper))
        assert database_roles.differences(ledger) == ()
        assert not verify(ledger)[1]
    assert unfound == []


def test_doctor_says_that_officers_changed_since(server: Server) -> None:
    """A role given or an officer gone since the roles were made: said until they are brought up, by any who asks."""
    said = []
    with opened(server.owner) as ledger:
        keeper = Acting(ledger, "keeper", START)
        database_roles.apply(keeper, database_roles.roles_of(keeper))
        said.append(database_roles.are_behind(ledger))
        keeping.grant(keeper, "zhou", "auditor", None)
        said.append(database_roles.are_behind(ledger))
        assert "have changed since they were made" in server.typed("doctor", "qian")[1]
        assert "qingling database roles --apply" in server.typed("upgrade", "keeper")[1]
        keeping.revoke(keeper, "zhou", "auditor", None)
        said.append(database_roles.are_behind(ledger))
        assert "have changed since" not in server.typed("doctor", "qian")[1]
    assert said == [False, True, False]


def test_a_servers_log_of_all_statements_holds_no_value(server: Server) -> None:
    """Values go beside their statements, never in them: a log that leaves those out tells nothing of a case."""
    with opened(server.owner) as ledger:
        values = {"孙二娘", "$argon2id$", str(ledger.case(OWN).fields["summary"])}
    assert "INSERT INTO journal" in server.logged
    assert {each for each in values if each in server.logged} == set()


def test_who_has_left_sees_and_does_nothing_more(server: Server) -> None:
    """From that moment on a log-in is nobody's; at the next `database roles` it is shut, until its officer is back."""
    open_to_all = ("cases", "journal", "officers", "settings", "units", "grants", "counters", "outbox", "credentials")
    deeds = {
        "UPDATE counters SET last = last + 1": [(0,)],
        "INSERT INTO outbox (key, kind, recipient, payload, created_at, status, attempts, next_try_at)"
        " VALUES ('k', 'digest', 'keeper', '{}', 1, 0, 0, 1)": NO,
        "INSERT INTO settings VALUES ('headings', '{}')": NO,
    }
    with opened(server.owner) as ledger:
        keeper = Acting(ledger, "keeper", START)
        keeping.leave(keeper, "zhou")
        wrong: list[object] = [
            (table, found) for table in open_to_all
            if (found := server.asked("zhou", f"SELECT count(*) FROM {table}")) != [(0,)]
        ]  # fmt: skip
        wrong += [(deed, found) for deed, answer in deeds.items() if (found := server.asked("zhou", deed)) != answer]
        assert wrong == []
        database_roles.apply(keeper, database_roles.roles_of(keeper))
        with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
            server.asked("zhou", "SELECT 1")
        succession.return_(keeper, "zhou")
        database_roles.apply(keeper, database_roles.roles_of(keeper))
        assert server.asked("zhou", "SELECT count(*) > 0 FROM officers") == [(True,)]
