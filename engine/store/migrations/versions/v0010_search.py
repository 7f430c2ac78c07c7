"""Add the tables of words by which cases are found, filled from the cases, and an index of who wrote in which case."""

from alembic import op

from engine.store.search_rows import rebuild

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make them, and write by what each case is found."""
    there = op.get_bind()
    key = "INTEGER" if there.dialect.name == "sqlite" else "BIGINT"
    if there.dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')"
        )
    else:
        op.execute("CREATE TABLE search (case_id BIGINT CONSTRAINT pk_search PRIMARY KEY, words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_search_words ON search USING gin (words)")
    op.execute(f"CREATE TABLE search_pending (case_id {key} CONSTRAINT pk_search_pending PRIMARY KEY, was TEXT)")
    op.create_index("ix_journal_by", "journal", ["by", "case_id"])
    driver = there.connection.driver_connection
    assert driver is not None
    rebuild(driver)


def downgrade() -> None:
    """Take them away; they hold nothing of their own."""
    op.drop_index("ix_journal_by", "journal")
    op.execute("DROP TABLE search_pending")
    op.execute("DROP TABLE search")
