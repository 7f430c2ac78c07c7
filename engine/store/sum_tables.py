"""The table of sums over cases that are kept, as `tables` describes all others."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Integer, Text
from sqlmodel import Field, SQLModel

from engine.store.column_kinds import instant, words


class KeptSumRow(SQLModel, table=True):
    """What the cases of a block come to in the figures of a period; it holds while nothing was added to them.

    It is made of the cases and their journal and spares counting them again; without it nothing is missing.
    """

    __tablename__: ClassVar[str] = "kept_sums"

    asked: str = Field(sa_column=Column(Text, primary_key=True))
    """Workflow, days, length of lists, and a digest of all else that decides the figures, as JSON."""
    block: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    """The ids of its cases without their last bits."""
    cases: int = Field(sa_column=Column(Integer, nullable=False))
    """How many cases it had at the end of the period."""
    entries: int = Field(sa_column=Column(BigInteger, nullable=False))
    """How many rows their journals had."""
    kin: int = Field(sa_column=Column(BigInteger, nullable=False))
    """The same of the cases that they opened, and that opened them."""
    made_at: int = Field(sa_column=instant())
    sums: str = Field(sa_column=words())
    """As JSON."""
