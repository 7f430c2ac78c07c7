"""How Alembic runs the steps: on the connection that `engine.store.schema` lends, in its transaction.

On SQLite a table is changed by rebuilding it, for which every constraint must have a name. What
such a rebuild makes of the rows must be looked at step by step: a DATE that becomes a DATETIME,
for one, loses its month and day without a word. So steps are written by hand and tested on rows.
"""

from alembic import context
from sqlalchemy import MetaData

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
"""As in `engine.store.tables`, which is not read here: a step must not change when the models do."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=MetaData(naming_convention=NAMING),
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
