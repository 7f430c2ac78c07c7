"""The steps add up to the models, and rows come through every step as they were."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from importlib import resources
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from tables import SECOND, fill, rows, seen, shape, with_step

from engine.errors import DatabaseError
from engine.store import column_kinds, schema
from engine.store import tables as models
from engine.store.database import Connection, is_postgres, open_postgres, open_sqlite, sqlite_file
from engine.store.migrations import versions


@contextmanager
def lent(url: str) -> Iterator[Connection]:
    """Open a database of any version."""
    with closing(open_postgres(url) if is_postgres(url) else open_sqlite(url)) as connection:
        yield connection


BREAKING = """
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute("DELETE FROM units WHERE id = 2")
"""
"""A step that forgets the rows which refer to what it takes away."""


def test_head_is_the_newest_step() -> None:
    """The version that the everyday commands compare with is the last step's, and the steps are one line."""
    script = ScriptDirectory.from_config(schema.config())

    assert script.get_heads() == [schema.HEAD]
    assert all(len(step.revision) == len(schema.HEAD) for step in script.walk_revisions())


def test_the_steps_are_package_data() -> None:
    """Everything Alembic reads lies in the package, each step under its number."""
    folder = resources.files("engine.store.migrations")
    names = [Path(str(step)).name for step in resources.files(versions).iterdir() if step.name.startswith("v")]

    assert (folder / "env.py").is_file()
    assert (folder / "script.py.mako").is_file()
    assert max(names).startswith(f"v{schema.HEAD}_")


def test_the_names_of_constraints_are_those_of_the_models() -> None:
    """A rebuild names constraints as the models do."""
    env = resources.files("engine.store.migrations").joinpath("env.py").read_text(encoding="utf-8")

    assert all(f'"{kind}": "{form}"' in env for kind, form in column_kinds.NAMING.items())


def test_the_sum_of_the_steps_is_the_models(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Tables, columns, keys, references, indexes and their conditions are those that the models declare."""
    declared = str(tmp_path / "declared.db")
    if is_postgres(database_url):
        declared = str(request.getfixturevalue("empty_postgres_url"))
    with seen(declared) as connection:
        models.metadata.create_all(connection)
        connection.commit()

    assert shape(database_url) == shape(declared)


def test_the_comparison_sees_a_condition(database_url: str) -> None:
    """An index without its condition would be noticed: the comparison above is not blind."""
    before = shape(database_url)
    with lent(database_url) as connection:
        connection.execute("DROP INDEX ix_cases_open")
        connection.execute("CREATE INDEX ix_cases_open ON cases (workflow, unit_id, state)")

    assert "clearance = 0" in str(before["cases"]["indexes"])
    assert shape(database_url) != before


def test_rows_come_through_every_step(empty_url: str, tmp_path: Path) -> None:
    """Filled at each version and brought up and back, every row keeps every column both versions have."""
    settings = with_step(tmp_path / "later", SECOND)
    if not is_postgres(empty_url):
        schema._make(sqlite_file(empty_url))
    with lent(empty_url) as connection:
        schema.migrate(connection, empty_url, schema.HEAD, settings)
        fill(empty_url)
        first = rows(empty_url), shape(empty_url)
        schema.migrate(connection, empty_url, "head", settings)
        second = rows(empty_url), shape(empty_url)
        schema.migrate(connection, empty_url, schema.HEAD, settings)
        third = rows(empty_url), shape(empty_url)

    changed = {"cases": {"secrecy": "plain"}, "units": {}}
    expected = {table: [row | changed.get(table, {}) for row in found] for table, found in first[0].items()}
    for row in expected["units"]:
        del row["closed_at"]
    assert second[0] == expected
    assert third[0] == first[0] | {"units": [row | {"closed_at": None} for row in first[0]["units"]]}
    assert second[1]["cases"]["indexes"] == first[1]["cases"]["indexes"]
    assert second[1]["cases"]["references"] == first[1]["cases"]["references"]
    assert third[1] == first[1]


def test_a_step_that_breaks_a_reference_is_undone(empty_url: str, tmp_path: Path) -> None:
    """A step after which a row refers to nothing is refused whole, on SQLite too."""
    schema.bring_up(empty_url)
    fill(empty_url)
    before = rows(empty_url)

    with lent(empty_url) as connection:
        with pytest.raises((DatabaseError, sa.exc.IntegrityError)):
            schema.migrate(connection, empty_url, "head", with_step(tmp_path / "later", BREAKING))
        assert schema.version_of(connection) == schema.HEAD

    assert rows(empty_url) == before


def test_a_version_that_has_no_step_is_refused(database_url: str) -> None:
    """A database of a newer program is not brought anywhere."""
    with lent(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        with pytest.raises(DatabaseError, match="0999"):
            schema.migrate(connection, database_url)


def test_nothing_lies_below_the_first_version(database_url: str) -> None:
    """Going back from the first version is refused, since it would throw the ledger away."""
    fill(database_url)
    before = rows(database_url)

    with lent(database_url) as connection, pytest.raises(DatabaseError) as refused:
        schema.migrate(connection, database_url, "base")

    assert "no version below the first" in refused.value.sentence.en
    assert rows(database_url) == before


def test_lateness_is_derived_from_the_journal(empty_url: str) -> None:
    """A deadline that ran past its day before its next row was late: the upgrade says so, marked as derived."""
    schema.bring_up(empty_url, "0001")
    fill(empty_url)
    day = 86_400_000_000
    due = {"due_on": "2019-07-11", "extended": 0, "original_due_on": "2019-07-11", "round": 1}
    start = 1_561_939_200_000_000  # 2019-07-01 08:00 in Shanghai
    told = [
        (start, {**due, "status": 0}),
        (start + 15 * day, {**due, "status": 0, "due_on": "2019-07-20"}),
        (start + 17 * day, {**due, "status": 2, "due_on": "2019-07-20"}),
    ]
    with seen(empty_url) as connection:
        journal = sa.Table("journal", sa.MetaData(), autoload_with=connection)
        deadlines = sa.Table("deadlines", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.text("INSERT INTO settings (name, value) VALUES ('zone', '\"Asia/Shanghai\"')"))
        row = dict(connection.execute(journal.select().where(journal.c.case_id == 1)).mappings().first() or {})
        for seq, (at, each) in enumerate(told, start=100):
            body = json.dumps({"deadlines": {"term": each}})
            connection.execute(journal.insert(), {**row, "seq": seq, "at": at, "body": body})
        term = dict(connection.execute(deadlines.select().where(deadlines.c.id == 1)).mappings().first() or {})
        was = {
            "id": 77, "case_id": 1, "name": "term", "round": 1, "status": 2, "provisional": 0,
            "ended_at": start + 17 * day, "ledger": '{"extensions":[],"pauses":[]}', "due_on": "2019-07-20",
        }  # fmt: skip
        connection.execute(deadlines.insert(), {**term, **was})
        connection.execute(deadlines.update().where(deadlines.c.id < 77).values(ended_at=None))
        connection.commit()

    schema.bring_up(empty_url)

    with lent(empty_url) as connection:
        found = connection.execute("SELECT met_on, ledger FROM deadlines WHERE id = 77").fetchone()
    assert found is not None
    (breach,) = json.loads(found[1])["breaches"]
    assert found[0] == "2019-07-18"
    assert (breach["due_on"], breach["first_late_on"], breach["ended_on"]) == ("2019-07-11", "2019-07-12", "2019-07-16")
    assert (breach["why"], breach["derived"]) == ("moved", True)


def test_digests_that_wait_are_found_by_their_lines(empty_url: str) -> None:
    """The upgrade writes a row for each reminder that waits in a digest, and nothing of what has gone out."""
    digest = '{"as_of":"2019-07-01","entries":[{"ref":[7,0,1]},{"ref":[8,2,3]},{"number":"a line of old"}]}'
    kept = [
        (1, "digest", digest, 0), (2, "digest", digest, 1), (3, "new", '{"number":"x"}', 0), (4, "digest", "spoilt", 0),
    ]  # fmt: skip
    schema.bring_up(empty_url, "0010")
    with seen(empty_url) as connection:
        for key, kind, payload, status in kept:
            connection.execute(
                sa.text(
                    "INSERT INTO outbox (id, key, kind, recipient, payload, created_at, status, attempts, next_try_at)"
                    " VALUES (:id, :key, :kind, 'zhou', :payload, 1, :status, 0, 1)"
                ),
                {"id": key, "key": str(key), "kind": kind, "payload": payload, "status": status},
            )
        connection.commit()
    schema.bring_up(empty_url)

    found = rows(empty_url)
    assert [tuple(each.values()) for each in found["digest_lines"]] == [(7, 0, 1, 1), (8, 2, 3, 1)]
    assert [(each["id"], each["payload"], each["open_lines"]) for each in found["outbox"]] == [
        (1, digest, 3), (2, digest, None), (3, '{"number":"x"}', None), (4, "spoilt", None),
    ]  # fmt: skip


def test_what_is_given_once_is_found_by_key(empty_url: str) -> None:
    """The upgrade writes a row for each value that a case has in a field its version declares unique; none of the void.

    Of two that have one value all the same, which no program of ours wrote, the first has the row. A later step gives
    each case its own terms again.
    """
    unique = {"serial": {"type": "text", "unique": True}, "note": {"type": "text"}}
    plain = {1: {"serial": {"type": "text"}}, 2: unique, 3: unique}
    told = [
        # id, version, clearance, values
        (11, 1, 0, '{"serial":"old"}'), (12, 2, 0, '{"note":"serial","serial":"a"}'), (13, 2, 3, '{"serial":"b"}'),
        (14, 3, 4, '{"serial":"b"}'), (15, 3, 1, '{"serial":"a"}'), (16, 3, 0, '{"note":"serial"}'), (17, 3, 0, "{"),
    ]  # fmt: skip
    schema.bring_up(empty_url, "0011")
    fill(empty_url)
    with seen(empty_url) as connection:
        cases = sa.Table("cases", sa.MetaData(), autoload_with=connection)
        kept = sa.Table("workflow_versions", sa.MetaData(), autoload_with=connection)
        for version, fields in plain.items():
            values = {"name": "w", "version": version, "digest": "", "plain": json.dumps({"fields": fields})}
            connection.execute(kept.insert(), {**values, "stored_at": version})
        row = dict(connection.execute(cases.select().where(cases.c.id == 1)).mappings().first() or {})
        for case_id, version, clearance, text in told:
            own = {"id": case_id, "number": str(case_id), "workflow": "w", "version": version, "import_key": None}
            connection.execute(cases.insert(), {**row, **own, "clearance": clearance, "fields": text})
        connection.commit()

    schema.bring_up(empty_url, "0017")
    with seen(empty_url) as connection:  # terms of another case: these have none
        connection.execute(sa.text("UPDATE cases SET shape = (shape & ~15) | 7 WHERE id > 10 AND shape <> 0"))
        connection.commit()
    schema.bring_up(empty_url, unsaid={"before": "0017", "after": "0018", "digest": ""})

    with lent(empty_url) as connection:
        ((kept,),) = connection.execute(f"SELECT value FROM settings WHERE name = '{schema.UNSAID}'").fetchall()
        bits = connection.execute("SELECT DISTINCT shape & 15 FROM cases WHERE id > 10").fetchall()
    assert (json.loads(kept)["mended"], bits) == (6, [(0,)])
    wanted = {("w", "serial", sha256(b"a").hexdigest(), 12), ("w", "serial", sha256(b"b").hexdigest(), 14)}
    assert {tuple(each.values()) for each in rows(empty_url)["unique_values"]} == wanted
