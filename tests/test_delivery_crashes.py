"""Sweep and delivery die at any moment, or run side by side: nothing promised is lost, nothing is promised twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from ledgers import DAY, START, furnished, opened, register
from servers import HOST, Endpoint, MailServer, answer
from watchers import ROOT, Watcher, dates, heard, tell, watchers

from engine.operations.deadlines.sweep import sweep
from engine.operations.house import registration as keeping
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store.connection import Store, open_store
from notifications.messages import message_id_of

KILLS = int(os.environ.get("QINGLING_TEST_KILLS", "40"))
"""Of each of the two (`make kills`: 200)."""
EACH = 5
"""After so many kills in which nothing was done, the next may live twice as long."""
LEADS = 45

Reminders = list[tuple[str, int, int, str]]


def leads(ledger: Ledger) -> None:
    """Register leads, their deadlines spread over some weeks."""
    for turn in range(LEADS):
        register(ledger, now=START, received_on=(START - turn % 20 * DAY).date().isoformat(), summary=f"第{turn}件")


def reminders(store: Store) -> Reminders:
    """Return which rungs were taken or skipped, by case number."""
    found = store.query(
        "SELECT c.number, r.rung, r.arming, r.outcome FROM reminders r JOIN deadlines d ON d.id = r.deadline_id"
        " JOIN cases c ON c.id = d.case_id ORDER BY 1, 2, 3"
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


def promised_once(store: Store) -> None:
    """Look that what the four tables say of each reminder is the same: claim, rung, journal and message."""
    behind = store.query(
        "SELECT d.id FROM deadlines d WHERE d.status = 0"
        " AND d.rung <> (SELECT count(*) FROM reminders r WHERE r.deadline_id = d.id AND r.arming = d.arming)"
    )
    assert behind == []
    told = store.query("SELECT count(*) FROM journal WHERE kind = 'reminded'")[0][0]
    taken = (
        "SELECT deadline_id, arming, max(rung) FROM reminders WHERE outcome IN ('sent', 'unheard')"
        " GROUP BY deadline_id, arming, at"
    )
    sent = {tuple(row) for row in store.query(taken)}
    assert told == len(sent)
    lines = Counter(
        (to, *line["ref"])
        for to, payload in store.query("SELECT recipient, payload FROM outbox WHERE kind = 'digest'")
        for line in json.loads(payload)["entries"]
    )
    assert set(lines.values()) <= {1}
    assert {each[1:] for each in lines} <= sent


def kill(nursery: Watcher, most: float, look: Callable[[], None], done: Callable[[], int]) -> None:
    """Let a child work and kill it at a random moment, so many times, looking after each.

    Args:
        most: Seconds that it lives at most; more where a busy machine does nothing in them.
        done: Says how much was done so far.
    """
    chance = random.Random(20190701)
    before = done()
    for turn in range(KILLS):
        if turn and turn % EACH == 0:
            before, most = done(), min(most * 2, 2.0) if done() == before else most
        tell(nursery, str(turn + 1))
        child = int(heard(nursery))
        time.sleep(chance.uniform(0, most))
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        assert heard(nursery) == "gone"
        look()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Reminders:
    """Return the reminders of a ledger that was swept every morning by one that nobody killed."""
    file = tmp_path_factory.mktemp("undisturbed") / "ledger.db"
    file.write_bytes(sqlite_template.read_bytes())
    with furnished(str(file)) as ledger:
        leads(ledger)
        for now in dates():
            sweep(ledger, now=now)
        return reminders(ledger.store)


def test_a_sweep_may_die_at_any_moment(sqlite_url: str, undisturbed: Reminders) -> None:
    """After each kill every reminder is recorded whole or not at all; in the end none is lost or doubled."""
    with furnished(sqlite_url) as ledger:
        leads(ledger)
    with watchers(("nursery", sqlite_url, "sweeping")) as (nursery,), closing(open_store(sqlite_url)) as store:
        kill(nursery, 0.05, lambda: promised_once(store), lambda: len(reminders(store)))
        halfway = reminders(store)
        tell(nursery, "0")
        heard(nursery)
        assert heard(nursery) == "gone"
        promised_once(store)

        assert reminders(store) == undisturbed
        assert len(halfway) > 0, "the kills met no work"
    with opened(sqlite_url) as ledger:
        assert verifying.verify(ledger)[1] == ()


def test_delivery_may_die_at_any_moment(sqlite_url: str, tmp_path: Path) -> None:
    """After many kills each promised message has arrived, more than once only under the same Message-ID."""
    with furnished(sqlite_url) as ledger, MailServer() as mail, Endpoint(answer()) as hook:
        (tmp_path / "secret").write_text("s3cret", "utf-8")
        (tmp_path / "secret").chmod(0o600)
        channels = tmp_path / "channels.yaml"
        channels.write_text(
            "channels:\n"
            f"  mail: {{family: mail, host: {HOST}, port: {mail.port}, security: none, from: q@test.invalid}}\n"
            "  hook: {family: webhook, url: {file: url}, secret: {file: secret}, unencrypted: true}\n",
            "utf-8",
        )
        (tmp_path / "url").write_text(hook.url, "utf-8")
        (tmp_path / "url").chmod(0o600)
        leads(ledger)
        for now in dates():
            sweep(ledger, now=now)
        store = ledger.store
        # Before there was a channel some digests had waited for so long that they were let go.
        let_go = store.query("SELECT id FROM outbox WHERE status <> 0")
        promised = {row[0] for row in store.query("SELECT key FROM outbox WHERE status = 0")}
        # Half of the officers by mail, half by the webhook.
        for number, code in enumerate(sorted({row[0] for row in store.query("SELECT recipient FROM outbox")})):
            contact = {"mail": f"{code}@test.invalid"} if number % 2 else {"hook": code}
            keeping.change_contact(Acting(ledger, "keeper", START), code, contact)

        def arrived() -> Counter[str]:
            letters = [str(each["Message-ID"]).strip("<>").partition("@")[0] for each in mail.letters]
            return Counter([*letters, *(each.fields["message_id"] for each in hook.requests)])

        def sent_have_arrived() -> None:
            sent = {message_id_of(row[0]) for row in store.query("SELECT key FROM outbox WHERE status = 1")}
            assert sent <= arrived().keys()
            assert store.query("SELECT id FROM outbox WHERE status NOT IN (0, 1)") == let_go

        with watchers(("nursery", sqlite_url, "delivering", str(channels))) as (nursery,):
            kill(nursery, 0.12, sent_have_arrived, lambda: arrived().total())
            assert arrived(), "the kills met no work"
            for turn in (KILLS + 100, KILLS + 200):
                tell(nursery, str(turn))
                heard(nursery)
                assert heard(nursery) == "gone"

        assert arrived().keys() == {message_id_of(key) for key in promised}
        assert store.query("SELECT id FROM outbox WHERE status <> 1") == let_go
        assert mail.letters
        assert hook.requests


def test_four_sweeps_and_two_schedulers(database_url: str) -> None:
    """Side by side they promise each reminder once, and each scheduler stops cleanly when it is told to."""
    with furnished(database_url, rehearsal=True) as ledger:
        leads(ledger)
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QINGLING_")},
        "QINGLING_NOW": dates()[-1].isoformat(),
        "QINGLING_LANG": "en",
    }
    command = [sys.executable, str(ROOT / "cli.py"), "--database", database_url, "run"]
    four = [("sweep", database_url, "3")] * 4
    with watchers(*four) as sweepers, ExitStack() as ending:
        runs = []
        for _ in range(2):
            started = subprocess.Popen(
                command, env=env, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
            )
            runs.append(ending.enter_context(started))
            ending.callback(started.kill)  # before its end is waited for, also where something failed
        said = [next(iter(each.stderr or ())) for each in runs]
        for each in sweepers:
            tell(each)
        counted = [int(heard(each)) for each in sweepers]
        with closing(open_store(database_url)) as store:
            _wait_until(lambda: not _due(store))
            promised_once(store)
            found = reminders(store)
        for each in runs:
            each.send_signal(signal.SIGTERM)
        ends = [each.communicate(timeout=60)[1] for each in runs]

    assert all("keeping watch" in each for each in said)
    assert [each.returncode for each in runs] == [0, 0], ends
    assert all("failed" not in each for each in ends), ends
    assert len({each[:3] for each in found}) == len(found)
    assert sum(counted) <= sum(each[3] == "sent" for each in found)
    # The schedulers open returns as well, which have deadlines of their own.
    assert sum(each[3] == "sent" for each in found if "-XS-" in each[0]) == LEADS
    with opened(database_url) as ledger:
        assert verifying.verify(ledger)[1] == ()


def _due(store: Store) -> int:
    """Return how many deadlines are still to be reminded of."""
    at = int(dates()[-1].timestamp()) * 1_000_000
    found: int = store.query("SELECT count(*) FROM deadlines WHERE status = 0 AND next_at <= ?", (at,))[0][0]
    return found


def _wait_until(holds: Callable[[], bool]) -> None:
    """Wait a little for something that other processes are about to do."""
    ends = time.monotonic() + timedelta(seconds=60).total_seconds()
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)
