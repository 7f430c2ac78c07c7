"""python-statemachine on SQLAlchemy: a machine over a model whose column it writes, as its pages show."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from statemachine import State, StateMachine

from benchmarks.peers.ground import Step, durable


class Base(DeclarativeBase):
    """All tables."""


class Lead(Base):
    """A lead."""

    __tablename__ = "lead"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    state: Mapped[str]
    fields: Mapped[str]


class Journal(Base):
    """A journal row."""

    __tablename__ = "journal"
    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int]
    at: Mapped[int]
    by: Mapped[str]
    kind: Mapped[str]
    body: Mapped[str]


class Deadline(Base):
    """A deadline."""

    __tablename__ = "deadline"
    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int]
    name: Mapped[str]
    status: Mapped[int]
    due_on: Mapped[str]


class Leads(StateMachine):
    """The steps of a lead."""

    received = State(initial=True)
    assigned = State()
    verified = State()
    closed = State(final=True)
    assign = received.to(assigned)
    verify = assigned.to(verified)
    close = verified.to(closed)


@contextmanager
def stepping(file: Path, _: int) -> Iterator[Step]:
    """Lend the step."""
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", durable)

    def step(lead: int) -> None:
        with Session(engine) as session, session.begin():
            Leads(session.get_one(Lead, lead)).send("assign")
            session.add(Journal(lead_id=lead, at=time.time_ns(), by="chen", kind="moved", body="{}"))
            for running in session.scalars(select(Deadline).where(Deadline.lead_id == lead)):
                running.status = 2
            session.add(Deadline(lead_id=lead, name="verification", status=0, due_on="2019-09-02"))

    yield step
    engine.dispose()
