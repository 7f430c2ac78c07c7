"""The table of signatures that were asked for, as `tables` describes all others."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from engine.store.column_kinds import KEY, words


class AskedSignatureRow(SQLModel, table=True):
    """A signature that was asked for and stands: not declined, void or used by its step yet."""

    __tablename__: ClassVar[str] = "asked_signatures"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        Index(
            "ix_asked_signatures_waiting",
            "officer",
            sqlite_where=text("given_seq IS NULL"),
            postgresql_where=text("given_seq IS NULL"),
        ),
    )

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=KEY)
    field: str = Field(sa_column=Column(Text, primary_key=True))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    """The journal row that asks it."""
    officer: str = Field(sa_column=words())
    """Code of who is to sign."""
    given_seq: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    """The journal row by which it was given."""
    reminded_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    """When who is to sign was last written to, or it was asked; microseconds since 1970 UTC."""
