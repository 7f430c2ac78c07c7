"""The tables of who is named where, what is given once and forms that were begun, as `tables` describes all others."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field, SQLModel

from engine.store.column_kinds import KEY, words


class NamedOfficerRow(SQLModel, table=True):
    """An officer whom a field of a case names: kept beside the case, so that theirs are found without a walk."""

    __tablename__: ClassVar[str] = "named_officers"
    __table_args__: ClassVar[dict[str, bool]] = {"sqlite_with_rowid": False}
    """One tree, since each step that names somebody writes into it; for the same reason no key refers to the case."""

    officer: str = Field(sa_column=Column(Text, primary_key=True))
    """The officer's code."""
    case_id: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))


class UniqueValueRow(SQLModel, table=True):
    """A value that is given once, and the case that has it: kept beside the case, which gives it back when void."""

    __tablename__: ClassVar[str] = "unique_values"
    __table_args__: ClassVar[tuple[Index | dict[str, bool], ...]] = (
        Index("ix_unique_values_case", "case_id"),
        {"sqlite_with_rowid": False},
    )

    workflow: str = Field(sa_column=Column(Text, primary_key=True))
    field: str = Field(sa_column=Column(Text, primary_key=True))
    digest: str = Field(sa_column=Column(Text, primary_key=True))
    """SHA-256 of the value's text, as hexadecimal: no key may be as long as a text may be."""
    case_id: int = Field(foreign_key="cases.id", sa_type=KEY)


class DraftRow(SQLModel, table=True):
    """A form that an officer has begun and not sent; nothing sealed is in it."""

    __tablename__: ClassVar[str] = "drafts"
    __table_args__: ClassVar[tuple[Index, ...]] = (Index("ix_drafts_at", "at"),)

    officer: str = Field(sa_column=Column(Text, primary_key=True))
    """The officer's code."""
    case_id: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))
    """0 for a case that is not opened yet."""
    trigger: str = Field(sa_column=Column(Text, primary_key=True))
    """What the form does: a step, or the name of the workflow of a new case."""
    typed: str = Field(sa_column=words())
    """The values as they were typed, by field, as JSON."""
    revision: int = Field(sa_column=Column(Integer, nullable=False))
    """The case's, as the form was begun on it."""
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    """When it was kept last; microseconds since 1970 UTC."""
