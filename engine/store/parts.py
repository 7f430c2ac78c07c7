"""Of which tables and indexes a SQLite file of this version is made: a digest of the statement of each.

Written by `python -m tools.store_columns` after a migration; to make a fresh file for each comparison takes a second.
"""

from collections.abc import Mapping
from typing import Final

PARTS: Final[Mapping[tuple[str, str], str]] = {
    ("index", "ix_asked_signatures_waiting"): "6f82def4e530b9941c75c12862a5b746",
    ("index", "ix_cases_first"): "e874385338076faf75ef0e5a00cfe6cf",
    ("index", "ix_cases_key"): "44a4fe6633f00b3c3ab830d26e60e6f9",
    ("index", "ix_cases_open"): "8f34f01faa982cf7f101b8ce56365043",
    ("index", "ix_cases_parent"): "f3790240f12b0a95d4682b4aaa0be2e3",
    ("index", "ix_cases_workflow_unit_state"): "4ad209aff8989a8c38079b55d7f270e8",
    ("index", "ix_deadlines_case"): "f5b8dac9f5d76536f9a21925dde42662",
    ("index", "ix_deadlines_due"): "99c04f9ea92dab323863473f0b3d5de2",
    ("index", "ix_deadlines_next"): "2e48654b3863aa7d28c33da0a1fc5f4a",
    ("index", "ix_drafts_at"): "e8e0c6e39c863d6a77fcefa9206e3f13",
    ("index", "ix_journal_at"): "2a41f3cd60560b599e2e8fb6132738f8",
    ("index", "ix_journal_by"): "1f56b7c632c24bd622cf45b7fc08c31f",
    ("index", "ix_outbox_next"): "7776076db35a3b60278e79cb3b511536",
    ("index", "ix_questions_open"): "9f72f62bf2fd1909882173aac661d7bc",
    ("index", "ix_reminders_unheard"): "43f7df75845ed5b4279ea8c7d7df90cb",
    ("table", "adopted"): "91ffe2a8b85497d5f5431260066fb1b0",
    ("table", "alembic_version"): "c85bfd889cff304bc45779b35249633d",
    ("table", "asked_signatures"): "1b4bd82782c8beb8567de23db5ff72cb",
    ("table", "attachments"): "ab9f4e0acc1b2cc62b1b85f02c3244b8",
    ("table", "cases"): "ae12f7437cda81d91c0c9456d5d730c9",
    ("table", "checkpoints"): "3a91131be77599af3e76ca2df9d4990c",
    ("table", "counters"): "5005a6770582dadc4b19b3dc74c81f3f",
    ("table", "credentials"): "366559cb7fdb34513e4e93cea922a9b6",
    ("table", "deadlines"): "f31e9ad6c813f7c5f6f052372ff6d485",
    ("table", "drafts"): "f469c3c6455577b17badaead76f6c44d",
    ("table", "grants"): "d333d97a795377f1df4d43f8ecf627bd",
    ("table", "journal"): "a0b792279efe0a7cb73ae14483f32d1f",
    ("table", "log_in_failures"): "29a36a1ed79151a21a75ea6ea4164f2c",
    ("table", "log_ins"): "7838b93bf2aeadfce71450bcf281f674",
    ("table", "named_officers"): "387490fd0b85e579e4ccd58649c1655d",
    ("table", "occurrences"): "07f81b44071b4fbc57d82d26fa80ea2c",
    ("table", "officers"): "5fafd7d03b465b4dc7fcb508dd1cc8cd",
    ("table", "outbox"): "3530874007093f0c71fb8be264c24f60",
    ("table", "questions"): "7f67b9cb46f32bdee416329ff1b4f4be",
    ("table", "reminders"): "9094471e34d6a6df180f8e1cb0009e2b",
    ("table", "sealed_values"): "42c550a130fe5b5babc1b9ac0122e704",
    ("table", "search"): "9b5c8e07b4b1625d6d118630b7ebf8b3",
    ("table", "search_pending"): "940e6196af7d9c485a200e300a91c93f",
    ("table", "settings"): "6860d1ff0c0d5ca0fed48503c87c23af",
    ("table", "signatures"): "06ab207b779a32b17b997f8a7333e9d9",
    ("table", "tree_leaves"): "9969febf17073d25e71215155783ffaa",
    ("table", "tree_tiles"): "29f34403cbf1fc689b586ab987f738b4",
    ("table", "units"): "f13e529e9f05ab9b90d85798a5271974",
    ("table", "workflow_versions"): "fc3df51fa868d082312cdb1bdd9514b2",
}
