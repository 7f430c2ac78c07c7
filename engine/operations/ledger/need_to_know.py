"""Who reads a ledger: what an officer may read, the ledger as they see it, and the log of what was read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from engine.errors import RefusedError
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.reading_rights import COUNTS, DEEDS, Deed, Reader, Subject, mask, may
from engine.store import access_rows, case_rows, named_rows
from engine.store import house_rows as house
from engine.store.narrowed import open_narrowed, written_by
from engine.workflow.powers import Power, ReadingScope
from engine.working_days.instants import microseconds

AccessRow = access_rows.AccessRow
AccessLog = access_rows.AccessLog


def reader_called(ledger: Ledger, code: str) -> Reader:
    """Return what an officer may read.

    Raises:
        NotFoundError: If no registered officer has that code.
        RefusedError: If the officer has left.
    """
    given = house.roles_of(ledger.store, code)
    if given is None:
        ledger.actor(code, house.EVERYWHERE)  # says which of the two it is
        given = []
    declared = ledger.workflows.declared_roles()
    scope, units, powers, trusted = ReadingScope.PART, set[int](), set[Power](), set[int]()
    for name, unit_id in given:
        role = declared.get(name)
        if role is None:
            continue
        everywhere = unit_id == house.EVERYWHERE
        powers |= role.may if everywhere else frozenset()
        scope = max(scope, ReadingScope.ALL if everywhere and role.reads is ReadingScope.UNIT else role.reads)
        if role.reads is ReadingScope.UNIT:
            units.add(unit_id)
        if Power.READ_RESTRICTED in role.may:
            trusted.add(unit_id)
    reader = Reader(
        code=code, scope=scope, units=frozenset(units), powers=frozenset(powers), trusted_in=frozenset(trusted)
    )
    restricted = ledger.restricted
    if not restricted:
        return reader
    cases = case_rows.by_ids(ledger.store, sorted(restricted))
    return reader.replace(
        given=frozenset(case_id for case_id, to in restricted.items() if code in to),
        hidden={
            case_id: case.number
            for case_id, case in cases.items()
            if not _let_in(reader, Subject(unit_id=case.unit_id, restricted_to=restricted[case_id]))
        },
    )


def everybody(ledger: Ledger) -> Reader:
    """Return somebody of whom nothing is known: of what anybody may read, masks stand for all restricted cases."""
    known = case_rows.by_ids(ledger.store, sorted(ledger.restricted)).values()
    return Reader(code="", scope=ReadingScope.NONE, hidden={each.id: each.number for each in known})


def _let_in(reader: Reader, subject: Subject) -> bool:
    """Say whether a restriction lets a reader in, whatever else would keep them out."""
    return may(reader.replace(scope=ReadingScope.ALL), Deed.READ, subject)


def may_read_less(ledger: Ledger, reader: Reader, before: Reader) -> bool:
    """Say whether somebody may read less than they might before, so that what was made for them then shows too much.

    A restriction of a case that they could not read then is nothing to them, and they learn nothing of it.
    """
    if reader.scope < before.scope or not (reader.reads_all or before.units <= reader.units):
        return True
    hidden = case_rows.by_ids(ledger.store, sorted(reader.hidden.keys() - before.hidden.keys())).values()
    return any(
        before.reads_all or each.unit_id in before.units or ledger.has_part(reader.code, each) for each in hidden
    )


def only_readers(ledger: Ledger) -> tuple[tuple[Case, frozenset[str]], ...]:
    """Return the restricted cases, each with the codes of those who read it: named, or by a role that may."""
    restricted = ledger.restricted
    if not restricted:
        return ()
    roles, trusted = ledger.workflows.roles_that_may(Power.READ_RESTRICTED), dict[str, set[str]]()
    for code, role, unit in house.grants(ledger.store):
        if role in roles:
            trusted.setdefault(unit, set()).add(code)
    everywhere = trusted.get("", set())
    cases = case_rows.by_ids(ledger.store, sorted(restricted)).values()
    return tuple((each, restricted[each.id].union(everywhere, trusted.get(each.unit, ()))) for each in cases)


def the_only_officer(ledger: Ledger) -> str | None:
    """Return the code of the officer whom `init` named while nobody else acts in the ledger; else None.

    On a single person's machine nobody need say who reads. As soon as there are two, it is not known.
    """
    acting = [each.code for each in house.officers(ledger.store) if each.left_at is None]
    return acting[0] if acting == [ledger.settings.get("officer")] else None


def refuse_unless_may(ledger: Ledger, reader: Reader, deed: Deed) -> None:
    """Refuse a deed that an officer may not do at all.

    Raises:
        RefusedError: If so; it names what it takes.
    """
    if may(reader, deed):
        if deed in WHOLE:
            refuse_unless_all_seen(ledger)
        return
    need, roles = DEEDS[deed], ledger.workflows.declared_roles()
    able = [
        name
        for name, each in roles.items()
        if (each.reads >= need.scope or each.reads is ReadingScope.UNIT)
        and (need.power is None or need.power in each.may)
    ]
    where = Text("", "") if need.scope < ReadingScope.ALL else Text(" in all units", "在全部单位")
    raise RefusedError(
        Text("{by} may not {deed} (needs role {roles}{en})", "{by} 不能{deed}（须{zh}具有{roles}角色）").format(
            by=ledger.naming.officer(reader.code),
            deed=DOES[deed],
            en=where.en,
            zh=where.zh,
            roles=ledger.naming.roles(able, between=Text(" or ", "或")),
        )
    )


def refuse_unless_all_seen(ledger: Ledger) -> None:
    """Refuse what looks at the whole ledger where the database shows this log-in only some rows of it.

    Without that a sweep would find nothing due, and a backup would lack what was not seen.

    Raises:
        RefusedError: If so.
    """
    if not ledger.store.sees_all:
        raise RefusedError(
            Text(
                f"{UNSEEN.en}; log in to it as the one who runs what is due, or as its owner",
                f"{UNSEEN.zh}；请改用定时任务的登录角色或数据库所有者登录",
            )
        )


UNSEEN = Text("the database does not show every case to this log-in", "数据库未向本登录角色开放全部事项")
"""What every look at the whole ledger says where it was none."""

WHOLE = frozenset({Deed.SWEEP, Deed.SEND, Deed.BACKUP, Deed.FREEZE})
"""Deeds that take every row of the ledger."""

DOES: Mapping[Deed, Text] = {
    Deed.READ: Text("read cases", "查阅事项"),
    Deed.LIST: Text("list cases", "列出事项"),
    Deed.SEARCH: Text("search cases", "检索事项"),
    Deed.JOURNAL: Text("read the journal", "查看日志"),
    Deed.VERIFY: Text("verify the whole journal", "校验全部日志"),
    Deed.HOUSE: Text("see units and officers", "查看单位和人员"),
    Deed.REPORT: Text("make reports", "生成报告"),
    Deed.ZERO: Text("ask whether a campaign is cleared", "核对清零"),
    Deed.EXPORT: Text("export cases", "导出事项"),
    Deed.PRINT: Text("write papers out", "取出文书和附件"),
    Deed.OUTBOX: Text("see messages", "查看消息"),
    Deed.SEND: Text("send messages", "发送消息"),
    Deed.SWEEP: Text("sweep the whole ledger", "巡检全部台账"),
    Deed.BACKUP: Text("back up the whole ledger", "备份全部台账"),
    Deed.RESTORE: Text("restore a backup", "用备份恢复台账"),
    Deed.FREEZE: Text("freeze a statement", "封存结果"),
    Deed.ACCESS: Text("read who read what", "查看查阅记录"),
}
"""What each deed is, as words that follow "may" and "可"."""


def limits(ledger: Ledger, reader: Reader, deed: Deed) -> Text | None:
    """Return the sentence that says to what a reader's lists and sums are limited; None if to nothing.

    Of lists it does not say that restricted cases are missing: those are as if there were none.
    """
    counted = Text("restricted cases are counted; * stands for their numbers", "限制查阅的事项计入统计，编号以 * 代替")
    if reader.reads_all:
        if deed in COUNTS and not ledger.store.sees_all:
            return UNSEEN
        return counted if deed in COUNTS and reader.hidden else None
    codes = ", ".join(each.code for each in house.units(ledger.store) if each.id in reader.units)
    part = Text("cases that name you or that you took part in", "指明本人或本人办理过的事项")
    where = Text("unit {codes}, and {en}", "限本单位（{codes}）及{zh}").format(codes=codes, en=part.en, zh=part.zh)
    chosen = where if codes else Text("{en}", "限{zh}").format(en=part.en, zh=part.zh)
    return Text("limited to what {who} may read: {en}", "{who} 的可查阅范围：{zh}").format(
        who=reader.code, en=chosen.en, zh=chosen.zh
    )


def ledger_seen_by(ledger: Ledger, reader: Reader, deed: Deed) -> Ledger:
    """Return the ledger as an officer may read it: itself, or one that sees only some cases and writes nothing.

    What only counts sees restricted cases of the officer's units as well, without their numbers. The caller closes it
    if it is another one.
    """
    if reader.sees_everything:
        return ledger
    besides = set[int](reader.given)
    if not reader.reads_all:
        besides |= written_by(ledger.store, reader.code)
        besides |= {
            case.id
            for case in case_rows.by_ids(ledger.store, sorted(named_rows.of(ledger.store, reader.code))).values()
            if case.unit_id not in reader.units and ledger.names(reader.code, case)
        }
    store = open_narrowed(
        ledger.store.url,
        unit_ids=None if reader.reads_all else reader.units,
        case_ids=besides.difference(reader.hidden),
        hidden=reader.hidden,
        masks={each: mask(each) for each in reader.hidden} if deed in COUNTS else {},
        officer=reader.code,
    )
    seen = Ledger(store, ledger.workflows)
    seen.real_at, seen.reader = ledger.real_at, reader
    return seen


def veiled(reader: Reader | None, words: str) -> str:
    """Return words with the numbers of cases masked that are hidden from a reader."""
    return words if reader is None else reader.veiled(words)


def refuse_hidden(reader: Reader | None, row: str) -> None:
    """Refuse to give a row of the journal as it is to who may not read a case that it names; masked, it proves nothing.

    Raises:
        RefusedError: If so.
    """
    if veiled(reader, row) != row:
        raise RefusedError(
            Text(
                "that row names a case that you may not read; let an officer who may read it give the proof",
                "该行提及您不能查阅的事项，请由可查阅的人员出具证明",
            )
        )


def veiled_text(reader: Reader | None, said: Text) -> Text:
    """Return a sentence of the program, veiled in both languages."""
    return Text(veiled(reader, said.en), veiled(reader, said.zh))


def digest_of(numbers: Iterable[str]) -> str:
    """Return the SHA-256 over the numbers of what a list showed, in its order, so that it can be compared later."""
    return sha256("\n".join(numbers).encode()).hexdigest()


def broken_at(rows: Iterable[AccessRow]) -> int | None:
    """Return the first row of the access log that does not follow from the one before it; None if all do.

    Rows at the beginning may be gone, since the log has a term; of those at the end it cannot know.
    """
    before: AccessRow | None = None
    for row in rows:
        follows = before is None or (row.seq == before.seq + 1 and row.previous == before.hash)
        if not follows or row.hash != access_rows.hashed(row):
            return row.seq
        before = row
    return None


def log_of(ledger: Ledger) -> AccessLog:
    """Return the access log of a ledger."""
    return AccessLog(ledger.store)


def kept_since(ledger: Ledger, now: datetime) -> int:
    """Return the instant, in microseconds since 1970 UTC, before which the log of reading is no longer kept."""
    years = ledger.workflows.house_terms().access_log_years
    day = now.replace(day=28) if (now.month, now.day) == (2, 29) else now
    return microseconds(day.replace(year=now.year - years))
