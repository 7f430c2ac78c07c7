"""The kinds of columns that tables are made of, and how their keys and indexes are called."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Text, TextClause, text
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = NAMING

KEY = BigInteger().with_variant(Integer, "sqlite")


def counted() -> Column[int]:
    """Return a column for a primary key that the database counts up."""
    return Column(KEY, primary_key=True, autoincrement=True)


def instant(*, null: bool = False) -> Column[int]:
    """Return a column for an instant, in microseconds since 1970 UTC."""
    return Column(BigInteger, nullable=null)


def words(*, null: bool = False, unique: bool = False) -> Column[str]:
    """Return a column for text of any length."""
    return Column(Text, nullable=null, unique=unique)


def partial_index(name: str, *columns: str | TextClause, where: str) -> Index:
    """Return an index of the rows for which a condition holds, by columns or what is made of them."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
