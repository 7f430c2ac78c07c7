"""transitions on SQLModel: the machine is bound to the row's object, as its pages show for models."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, event
from sqlmodel import Field, Session, SQLModel, select
from transitions import Machine

from benchmarks.peers.ground import Step, durable


class Lead(SQLModel, table=True):
    """A lead."""

    __tablename__ = "lead"
    id: int = Field(primary_key=True)
    number: str
    state: str
    fields: str


class Journal(SQLModel, table=True):
    """A journal row."""

    __tablename__ = "journal"
    id: int | None = Field(default=None, primary_key=True)
    lead_id: int
    at: int
    by: str
    kind: str
    body: str


class Deadline(SQLModel, table=True):
    """A deadline."""

    __tablename__ = "deadline"
    id: int | None = Field(default=None, primary_key=True)
    lead_id: int
    name: str
    status: int
    due_on: str


class Standing:
    """What the machine moves."""

    state: str


MACHINE = Machine(
    model=None,
    states=["received", "assigned", "verified", "closed"],
    transitions=[
        ["assign", "received", "assigned"],
        ["verify", "assigned", "verified"],
        ["close", "verified", "closed"],
    ],
    initial="received",
    auto_transitions=False,
)


@contextmanager
def stepping(file: Path, _: int) -> Iterator[Step]:
    """Lend the step."""
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", durable)

    def step(lead: int) -> None:
        with Session(engine) as session, session.begin():
            row = session.get_one(Lead, lead)
            standing = Standing()
            MACHINE.add_model(standing, initial=row.state)
            standing.trigger("assign")  # type: ignore[attr-defined]  # the machine gives it
            MACHINE.remove_model(standing)
            row.state = standing.state
            session.add(Journal(lead_id=lead, at=time.time_ns(), by="chen", kind="moved", body="{}"))
            for running in session.exec(select(Deadline).where(Deadline.lead_id == lead)):
                running.status = 2
            session.add(Deadline(lead_id=lead, name="verification", status=0, due_on="2019-09-02"))

    yield step
    engine.dispose()
