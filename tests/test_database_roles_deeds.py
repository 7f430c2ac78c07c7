"""Roles of the database, deed by deed: what each class of officers does with the program, logged in as themselves."""

from base64 import b64encode
from collections.abc import Iterator

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from databases import PostgresServer
from ledgers import START, furnished, opened, register
from test_database_roles import FOREIGN, OWN, RESTRICTED, Server

from engine.errors import DatabaseError, RefusedError
from engine.journal.sealing import PublicKey, key_id, open_sealed
from engine.operations.cases import drafts, restricting
from engine.operations.cases.key_change import OldKey, replace_custodian
from engine.operations.house import database_roles
from engine.operations.house import registration as keeping
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting

CLASSES = ("keeper", "zhou", "bao", "qian", "none")
"""Who keeps the ledger; who writes in 0101; the custodian of all units; the auditor; who has no role."""

TYPED = {
    # what is typed:                                                           what each of CLASSES is answered
    "today": (0, 0, 0, 0, 0),
    "list --search 停车场": (0, 0, 0, 0, 0),
    "list --json --workflow lead --where state=='received'": (0, 0, 0, 0, 0),
    "export ledger -o {file}.csv --reason words": (0, 21, 0, 0, 21),
    "import {folder}/{by}.csv --apply": (0, 0, 0, 11, 11),
    "note --where state=='received' --workflow lead --state received --apply words": (0, 0, 0, 21, 0),
    "amend --where source=='telephone' --reason words --summary {by} --workflow lead --unit 0101 --apply":
        (0, 0, 0, 21, 0),
    "officer contact {by} email={by}@example.org": (0, 0, 0, 0, 0),
    "officer contact lian email=x@example.org": (0, 21, 21, 21, 21),
    "reporter ask 0101-XS-2019-0001 --reason words": (21, 21, 0, 21, 20),
    "advance assign --where state=='received' --unit 0101 --responsible-leader liu --handler chen": (0, 0, 0, 0, 0),
    "advance assign --where state=='received' --unit 0101 --responsible-leader liu --handler chen --apply":
        (0, 0, 21, 21, 0),
    "credential password --password-file {folder}/password": (0, 0, 0, 0, 0),
    "login {by} --password-file {folder}/nothing": (21, 21, 21, 21, 21),
    "login {by} --password-file {folder}/password": (0, 0, 0, 0, 0),
    "logout": (0, 0, 0, 0, 0),
}  # fmt: skip
"""In bulk and in a list, what an officer may not read is not there: that is no refusal; and a trial refuses nothing."""

WRITTEN = ("journal", "cases", "deadlines", "questions", "outbox", "sealed_values", "search_pending")


@pytest.fixture(scope="module")
def server(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a house with leads of two units and a restricted one, files to import, and the roles made."""
    folder = tmp_path_factory.mktemp("deeds")
    (folder / "password").write_text("violin gravel sunday maple\n", "utf-8")
    (folder / "nothing").write_text("another one altogether\n", "utf-8")
    for place, by in enumerate(CLASSES):
        rows = "".join(f"0101,2019-06-{20 - place},电话,{by} 第{n}件\n" for n in range(3))
        (folder / f"{by}.csv").write_text(f"单位,受理时间,线索来源,线索内容\n{rows}", "utf-8")
    with postgres.migrated() as owner:
        with furnished(owner, rehearsal=True, custodian=public(KEYS[0])) as ledger:
            keeper = Acting(ledger, "keeper", START)
            for code, role in (("qian", "auditor"), ("bao", "custodian"), ("ji", "discipline_office")):
                keeping.grant(keeper, code, role, None)
            for role in ("custodian", "auditor"):
                keeping.revoke(keeper, "keeper", role, None)
            for unit in ("0101", "0102", "0101"):
                register(ledger, by="keeper", unit=unit, reporter="孙二娘", real_name=True)
            restricting.restrict(Acting(ledger, "ji", START), RESTRICTED, ["chen"], reason="事关本院")
            database_roles.apply(keeper, database_roles.roles_of(keeper))
        yield Server(postgres, owner, folder)


KEYS = [X25519PrivateKey.generate() for _ in range(2)]


def public(key: X25519PrivateKey) -> PublicKey:
    """Return what is sealed to."""
    plain = key.public_key().public_bytes_raw()
    return PublicKey(id=key_id(key.private_bytes_raw()), value=b64encode(plain).decode())


def rows(owner: psycopg.Connection) -> list[int]:
    """Return how many rows the tables hold in which a deed leaves something."""
    counted = owner.execute(" UNION ALL ".join(f"SELECT count(*) FROM {each}" for each in WRITTEN).encode())
    return [int(count) for (count,) in counted.fetchall()]


def test_each_class_does_what_it_may_or_is_refused_in_one_line(server: Server) -> None:
    """In bulk, by import, at log-in and in what one looks up, a deed is done whole or leaves no row behind."""
    wrong: list[tuple[object, ...]] = []
    with psycopg.connect(server.owner, autocommit=True) as owner:
        for by in CLASSES:
            for words, answers in TYPED.items():
                expected, before = answers[CLASSES.index(by)], rows(owner)
                typed = words.replace("{by}", by).replace("{folder}", str(server.folder))
                code, said = server.typed(typed, by)
                refused = [line for line in said.splitlines() if line.startswith(("Error: ", "错误："))]
                if code != expected or len(refused) != (code != 0) or "Traceback" in said:
                    wrong.append((by, typed, code, said[-600:]))
                elif code != 0 and rows(owner) != before:
                    wrong.append((by, typed, "it left rows behind", said[-600:]))
    with opened(server.owner) as ledger:
        assert verify(ledger)[1] == ()
    assert not wrong, "\n".join(map(str, wrong))


def test_only_the_custodian_seals_again(server: Server) -> None:
    """With the key in hand others are refused, as the custodian is who is shown only some; else all is renewed."""
    hidden = (
        "CREATE OR REPLACE FUNCTION ql_sees_all() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT {}'"
    )
    old = OldKey(private=KEYS[0].private_bytes_raw(), by_way="passphrase")
    done: list[tuple[str, int]] = []
    with psycopg.connect(server.owner, autocommit=True) as owner:
        for by, sees_all in (("bao", "false"), *((each, "true") for each in CLASSES)):
            owner.execute(hidden.format(sees_all).encode())
            with opened(server.url(by)) as ledger:
                try:
                    done.append((by, replace_custodian(Acting(ledger, by, START), public(KEYS[1]), old=old)))
                except RefusedError as error:
                    done.append((by, error.exit_code))
    assert done == [("bao", 21), ("keeper", 21), ("zhou", 21), ("bao", 3), ("qian", 21), ("none", 21)]
    with opened(server.owner) as ledger:
        assert verify(ledger)[1] == ()
        kept = ledger.store.query(
            "SELECT c.number, s.field, s.ciphertext FROM sealed_values s JOIN cases c ON c.id = s.case_id"
        )
    private = KEYS[1].private_bytes_raw()
    names = [open_sealed(private, text, case=number, field=field) for number, field, text in kept]
    assert names == ["孙二娘"] * 3


def test_what_somebody_has_begun_is_theirs(server: Server) -> None:
    """Who may write keeps drafts, which nobody else is shown; who may write nothing is refused in one line."""
    kept: dict[str, object] = {}
    for by in (*CLASSES, "keeper"):
        with opened(server.url(by)) as ledger:
            acting = Acting(ledger, by, START)
            try:
                drafts.save_draft(acting, "", "lead", {"summary": f"of {by}"})
            except DatabaseError as error:
                kept[by] = error.exit_code
            else:
                kept[by] = [each.values["summary"] for each in drafts.drafts_of(acting)]
    assert kept == {"keeper": ["of keeper"], "zhou": ["of zhou"], "bao": ["of bao"], "qian": 12, "none": 12}
    assert server.asked("keeper", "SELECT count(*) FROM drafts") == [(1,)]


ALTERED: dict[str, tuple[str, object]] = {
    # what an officer types at the database itself:              who, and what it says
    "UPDATE officers SET contact = '{}' WHERE code = 'lian'": ("zhou", [(0,)]),
    "UPDATE officers SET contact = '{}'": ("zhou", [(1,)]),
    "UPDATE officers SET name = 'x' WHERE code = 'zhou'": ("zhou", "42501"),
    "UPDATE officers SET left_at = NULL": ("none", "42501"),
    "SELECT count(*) FROM officers WHERE code IN ('lian', 'zhou')": ("none", [(2,)]),
    f"SELECT count(*) FROM cases WHERE number IN ('{OWN}', '{FOREIGN}')": ("none", [(0,)]),
}


def test_how_one_is_reached_is_ones_own(server: Server) -> None:
    """A class writes the contact of the one who is logged in and no other, and no other column of the row."""
    answers = {words: (by, server.asked(by, words)) for words, (by, _) in ALTERED.items()}
    assert answers == ALTERED
