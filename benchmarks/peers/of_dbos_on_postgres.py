"""DBOS on PostgreSQL: a workflow of one transaction of a datasource, whose record is kept in the same commit."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from dbos import DBOS, DBOSConfig, SQLAlchemyDatasource
from sqlalchemy import text

from benchmarks.peers.ground import Step
from benchmarks.peers.postgres import driver


@contextmanager
def stepping(url: str, _: int) -> Iterator[Step]:
    """Lend the step."""
    config: DBOSConfig = {
        "name": "peers",
        "system_database_url": driver(url),
        "run_admin_server": False,
        "log_level": "ERROR",
    }
    DBOS(config=config)
    source = SQLAlchemyDatasource.create(driver(url))

    @source.transaction(isolation_level="READ COMMITTED")
    def write(lead: int) -> None:
        session, of = source.sql_session(), {"lead": lead}
        state = session.execute(text("SELECT state FROM lead WHERE id = :lead FOR UPDATE"), of).scalar_one()
        assert state == "received"
        session.execute(text("UPDATE lead SET state = 'assigned' WHERE id = :lead"), of)
        session.execute(
            text("INSERT INTO journal (lead_id, at, by, kind, body) VALUES (:lead, :at, 'chen', 'moved', '{}')"),
            {**of, "at": time.time_ns()},
        )
        session.execute(text("UPDATE deadline SET status = 2 WHERE lead_id = :lead"), of)
        session.execute(
            text(
                "INSERT INTO deadline (lead_id, name, status, due_on) VALUES (:lead, 'verification', 0, '2019-09-02')"
            ),
            of,
        )

    @DBOS.workflow()
    def assign(lead: int) -> None:
        write(lead)

    DBOS.launch()
    yield assign
    DBOS.destroy()
