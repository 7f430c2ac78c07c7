"""The kinds of columns that tables are made of."""

from sqlalchemy import BigInteger, Column, Index, Integer, Text, text

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


def partial_index(name: str, *columns: str, where: str) -> Index:
    """Return an index of the rows for which a condition holds, on both databases."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
