"""Checkpoints of the tree over the journal: made, kept, co-signed, compared with it, and proofs against them."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Final

from engine.errors import BadFileError, BadValueError, DatabaseError, NotFoundError, RefusedError, system_reason
from engine.journal.chain import HOUSE, START, Break, JournalEntry, hashed_text
from engine.journal.checkpoint import (
    LOG,
    Checkpoint,
    Request,
    VerifierKey,
    checkpoint_in,
    cosigned_at,
    key_given,
    proof_text,
    signature_in,
)
from engine.journal.house_events import OriginBegun
from engine.journal.note_keys import RAW, has_signed, new_private, public_half, signed
from engine.journal.tree import consistency, inclusion, is_included, leaf_hash, root_of
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import refuse_hidden
from engine.store import case_rows, tree_rows
from engine.store.house_rows import EVERYWHERE
from engine.store.tree_columns import CheckpointRecord
from engine.system.whole_files import written
from engine.working_days.instants import local_day

_FIRST: Final = 1
"""The number of the first epoch; a restore begins the next."""
_SIGNED_LENGTH: Final = 72
"""Bytes of a witness's signature: when it was given, and the signature itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How far checkpoints cover the journal."""

    entries: int
    """Rows of the journal."""
    covered: int
    """Rows that the newest checkpoint covers."""
    made_at: int | None
    """When that was made, in microseconds since 1970 UTC; None if there is none."""
    code: str
    """Its short code."""
    witnesses: tuple[str, ...]
    """Who co-signed it."""
    co_signed: int
    """Rows that the newest checkpoint covers that a witness co-signed."""


def integrate(ledger: Ledger) -> int:
    """Bring all entries into the tree; return how many of them were new."""
    return tree_rows.integrate(ledger.store)


def origin_of(ledger: Ledger) -> OriginBegun | None:
    """Return the origin of the ledger's checkpoints, as its house tells it; None if none was made yet."""
    found = case_rows.last_of_house(ledger.store, [OriginBegun.kind])
    return None if found is None else OriginBegun.read(found.body)


def public_key(ledger: Ledger) -> VerifierKey:
    """Return the key by which checkpoints of this ledger are known.

    Raises:
        RefusedError: If none was made yet.
    """
    origin = origin_of(ledger)
    if origin is None:
        raise RefusedError(
            Text(
                "no checkpoint was made yet; make one: qingling journal checkpoint",
                "尚无检查点；请先生成：qingling journal checkpoint",
            )
        )
    return key_given(origin.key)


def make_checkpoint(acting: Acting, key_file: Path, *, unattended: bool = False, held: int = 0) -> Checkpoint:
    """Bring all entries into the tree, and return a signed checkpoint over them; the first time a key is made for it.

    Where nothing was added since the last one it is that one, with what witnesses added to it.

    Args:
        key_file: Where the ledger's key lies, or is to lie.
        unattended: It is made by the watch and by no officer.
        held: The size that a witness is said to hold, who is asked to go on from there; 0 if none is.

    Raises:
        BadValueError: If the journal has fewer entries than are held; then nothing is made.
        BadFileError: If the key cannot be read or written, or is not the one that the house's journal names.
        NotFoundError: If no registered officer has that code.
        RefusedError: If the officer has left.
    """
    ledger = acting.ledger
    if not unattended:
        acting.actor(EVERYWHERE)
    _refuse_unreached(held, tree_rows.extent(ledger.store).entries if held else 0)
    origin = origin_of(ledger) or begin_origin(acting, key_file)
    private = _private_key(key_file)
    if str(public_half(private, origin.origin, LOG)) != origin.key:
        raise BadFileError(
            Text(
                f"{key_file} is not the key of this ledger's checkpoints; put back the one that belongs to it",
                f"{key_file} 不是本台账检查点的密钥；请放回原来的密钥文件",
            )
        )
    tree_rows.integrate(ledger.store)
    with ledger.reading():
        tree = tree_rows.StoredTree(ledger.store)
        made = Checkpoint(origin=origin.origin, size=tree.size, root=root_of(tree.node, tree.size))
        kept = tree_rows.checkpoints(ledger.store, origin.origin)
    if kept and kept[0].size == made.size:
        there = checkpoint_in(kept[0].note)
        if there.root == made.root:
            return there
    made = signed(made, private)
    with ledger.store.begin():
        record = CheckpointRecord(origin.origin, made.size, acting.now_at, str(made))
        tree_rows.keep_checkpoint(ledger.store, record)
    return made


def begin_origin(acting: Acting, key_file: Path, *, was: Checkpoint | None = None, kept: int = 0) -> OriginBegun:
    """Give the ledger's tree a name and a key, which the house's journal tells, or the next name after a restore.

    Args:
        key_file: Where the key is to lie; one that lies there is used.
        was: The newest checkpoint that is known of the origin before.
        kept: How many of its entries are still there.

    Raises:
        BadFileError: If the key cannot be read or written.
    """
    before = origin_of(acting.ledger)
    if not key_file.exists():
        try:
            key_file.parent.mkdir(parents=True, exist_ok=True)
            with written(key_file, replace=False) as file:
                file.write_text(b64encode(new_private()).decode() + "\n", encoding="ascii")
        except FileExistsError:
            pass  # somebody was faster; theirs is as good
        except OSError as error:
            raise BadFileError(
                Text(
                    f"{key_file} cannot be written ({system_reason(error).en})",
                    f"无法写入 {key_file}（{system_reason(error).zh}）",
                )
            ) from error
    if before is None:
        name = f"qingling/{token_hex(8)}/{_FIRST}"
    else:
        stem, _, number = before.origin.rpartition("/")
        name = f"{stem}/{int(number) + 1}"
    event = OriginBegun(
        origin=name,
        key=str(public_half(_private_key(key_file), name, LOG)),
        was=None if before is None else before.origin,
        was_size=None if was is None else was.size,
        was_root=None if was is None else b64encode(was.root).decode(),
        kept=None if was is None else kept,
    )
    with acting.ledger.store.begin():
        acting.note_in_house(event)
    return event


def continue_after_restore(acting: Acting, key_file: Path, there: Checkpoint | None) -> None:
    """Begin the next origin in a ledger that was made from a backup, if it had one.

    The tree goes on from the entries that the backup holds, so that checkpoints up to there, and proofs against them,
    still hold.

    Args:
        there: The newest checkpoint of the ledger that was put aside, which may cover what the backup does not hold.
    """
    before = origin_of(acting.ledger)
    if before is None:
        return
    inside = newest(acting.ledger)
    known = [each for each in (there, inside) if each is not None and each.origin == before.origin]
    was = max(known, key=lambda each: each.size, default=None)
    kept = 0 if was is None else min(was.size, tree_rows.size_of(acting.ledger.store))
    begin_origin(acting, key_file, was=was, kept=kept)


def coverage(ledger: Ledger) -> Coverage:
    """Return how far checkpoints cover the journal."""
    store = ledger.store
    with ledger.reading():
        entries = tree_rows.extent(store).entries
        origin = origin_of(ledger)
        rows = [] if origin is None else tree_rows.checkpoints(store, origin.origin)
    found = [(each, row) for row in rows if (each := _as_kept(row)) is not None]
    newest = found[0][0] if found else None
    co_signed = [each.size for each, _ in found if _witnesses(each)]
    return Coverage(
        entries=entries,
        covered=0 if newest is None else newest.size,
        made_at=found[0][1].made_at if found else None,
        code="" if newest is None else newest.short_code,
        witnesses=() if newest is None else _witnesses(newest),
        co_signed=max(co_signed, default=0),
    )


def newest(ledger: Ledger) -> Checkpoint | None:
    """Return the newest checkpoint that the ledger keeps of its origin; one that was altered is passed over."""
    origin = origin_of(ledger)
    found = [] if origin is None else tree_rows.checkpoints(ledger.store, origin.origin)
    return next(filter(None, map(_as_kept, found)), None)


def covering(ledger: Ledger, case_id: int, seq: int) -> Checkpoint | None:
    """Return the oldest checkpoint of the ledger's origin that covers a row of the journal; None if none does.

    Args:
        case_id: Of the case whose row it is; `HOUSE` for one of the house.
    """
    origin, place = origin_of(ledger), tree_rows.position_of(ledger.store, case_id, seq)
    if origin is None or place is None:
        return None
    kept = filter(None, map(_as_kept, tree_rows.checkpoints(ledger.store, origin.origin)))
    return min((each for each in kept if each.size > place), key=lambda each: each.size, default=None)


def of_codes(ledger: Ledger, codes: Sequence[str]) -> tuple[tuple[Checkpoint, ...], tuple[Break, ...]]:
    """Return the checkpoints that short codes on papers stand for, and which codes stand for none that is kept."""
    kept = {each.short_code: each for each in filter(None, map(_as_kept, tree_rows.checkpoints(ledger.store)))}
    asked = dict.fromkeys("".join(each.split()).lower() for each in codes)
    unknown = tuple(Break(case="", seq=0, what="unknown code", which=each) for each in asked if each not in kept)
    return tuple(kept[each] for each in asked if each in kept), unknown


def _of_code(ledger: Ledger, code: str) -> Checkpoint:
    """Return the checkpoint of this origin that a short code stands for.

    Raises:
        NotFoundError: If none is kept; the tree of an origin before this one can be proven no more.
    """
    origin, (found, _) = origin_of(ledger), of_codes(ledger, [code])
    if origin is None or not found or found[0].origin != origin.origin:
        raise NotFoundError(
            Text(f"no checkpoint of this journal has the code {code}", f"本日志没有核验码为 {code} 的检查点")
        )
    return found[0]


def is_made_on(ledger: Ledger, day: date) -> bool:
    """Say whether the newest checkpoint that the ledger keeps was made on that local date."""
    origin = origin_of(ledger)
    found = [] if origin is None else tree_rows.checkpoints(ledger.store, origin.origin)
    return bool(found) and local_day(found[0].made_at, ledger.zone) == day


def compared(ledger: Ledger, held: Sequence[Checkpoint]) -> tuple[Break, ...]:
    """Return where the journal is not what checkpoints say; each is compared with the entries, and with no tile.

    Args:
        held: Checkpoints, best such as were kept elsewhere; the newest that the ledger keeps is compared as well.
    """
    altered = [each for each in tree_rows.checkpoints(ledger.store) if _as_kept(each) is None]
    own = newest(ledger)
    asked = (*held, *(() if own is None else (own,)))
    with ledger.reading():
        origins = _origins(ledger)
        roots = tree_rows.roots(ledger.store, [each.size for each in asked])
        size = tree_rows.size_of(ledger.store)
    kept = (Break(case="", seq=0, what="checkpoint", which=f"{each.size}") for each in altered)
    return (*kept, *_not_as_said(asked, origins, roots, size))


def _as_kept(row: CheckpointRecord) -> Checkpoint | None:
    """Return the checkpoint that a row keeps; None if it was altered, or stands in another's place."""
    with suppress(BadFileError):
        found = checkpoint_in(row.note)
        return found if (found.origin, found.size) == (row.origin, row.size) else None
    return None


def _not_as_said(
    asked: Iterable[Checkpoint], origins: dict[str, OriginBegun | None], roots: dict[int, bytes], size: int
) -> Iterator[Break]:
    """Yield what is wrong with each checkpoint, once."""
    for each in dict.fromkeys(asked):
        after = origins.get(each.origin)
        if each.origin not in origins:
            yield Break(case="", seq=0, what="another journal", which=each.origin)
        elif after is not None and after.kept is not None and each.size > after.kept:
            yield Break(case="", seq=0, what="lost", which=f"{after.kept} / {each.size}")
        elif each.size not in roots:
            yield Break(case="", seq=0, what="fewer", which=f"{size} / {each.size}")
        elif roots[each.size] != each.root:
            yield Break(case="", seq=0, what="another root", which=f"{each.size} {each.short_code}")


def _origins(ledger: Ledger) -> dict[str, OriginBegun | None]:
    """Return each origin that the ledger had, with the one that followed it."""
    rows = case_rows.rows_of_kinds(ledger.store, [HOUSE], [OriginBegun.kind])
    begun = [OriginBegun.read(body) for _, _, body in rows]
    return {each.origin: begun[n + 1] if n + 1 < len(begun) else None for n, each in enumerate(begun)}


def prove(
    ledger: Ledger, number: str, seq: int | None, code: str | None = None
) -> tuple[JournalEntry, Checkpoint, str]:
    """Return an entry of a case, a checkpoint, and the proof that it covers that entry, as a file's text.

    Args:
        seq: Its number in the case; the newest that is covered if None.
        code: The short code on a paper, whose checkpoint it is to be; None for the newest.

    Raises:
        BadValueError: If the case has no such entry.
        DatabaseError: If the journal is not what the checkpoint says.
        NotFoundError: If no case has that number, or no checkpoint of this origin has that code.
        RefusedError: If no checkpoint covers it, or it names a case that the reader may not read.
    """
    store = ledger.store
    with ledger.reading():
        case = ledger.case(number)
        entries = {each.seq: each for each in case_rows.entries(store, case.id)}
        checkpoint = newest(ledger) if code is None else _of_code(ledger, code)
        if seq is not None and seq not in entries:
            raise BadValueError(Text(f"{number} has no entry {seq}", f"{number} 没有第 {seq} 行日志"))
        places = ((each, tree_rows.position_of(store, case.id, each)) for each in _asked(entries, seq))
        size = 0 if checkpoint is None else checkpoint.size
        found = next(((each, place) for each, place in places if place is not None and place < size), None)
        if found is None or checkpoint is None:
            raise RefusedError(
                Text(
                    "no checkpoint covers that entry yet; make one: qingling journal checkpoint",
                    "尚无检查点涵盖该行日志；请先生成：qingling journal checkpoint",
                )
            )
        which, place = found
        entry = entries[which]
        path = inclusion(tree_rows.StoredTree(store).node, place, checkpoint.size)
    previous = entries[which - 1].hash if which - 1 in entries else START
    leaf = leaf_hash(tree_rows.data_of(entry.hash))
    text = hashed_text(previous, *entry[1:-1])
    refuse_hidden(ledger.reader, text)
    if sha256(text.encode()).hexdigest() != entry.hash or not is_included(
        leaf, place, checkpoint.size, path, checkpoint.root
    ):
        raise DatabaseError(
            Text(
                f"entry {which} of {number} is not the one that the checkpoint covers; see: qingling journal verify",
                f"{number} 第 {which} 行与检查点不符；请校验：qingling journal verify",
            )
        )
    return entry, checkpoint, proof_text(text, place, path, checkpoint)


def request(ledger: Ledger, *, since: int | None) -> Request:
    """Return what a witness is asked about the newest checkpoint.

    Args:
        since: The size that the witness holds; if None, that of the newest checkpoint which came back co-signed.

    Raises:
        BadValueError: If the tree never had that size.
        RefusedError: If there is no checkpoint.
    """
    key = public_key(ledger)
    store = ledger.store
    with ledger.reading():
        kept = [checkpoint_in(each.note) for each in tree_rows.checkpoints(store, key.name)]
        if not kept:
            raise RefusedError(Text("no checkpoint was made yet", "尚无检查点"))
        old = max((each.size for each in kept if _witnesses(each)), default=0) if since is None else since
        _refuse_unreached(old, kept[0].size)
        path = consistency(tree_rows.StoredTree(store).node, old, kept[0].size) if old else []
    return Request(old=old, proof=tuple(path), checkpoint=kept[0])


def _refuse_unreached(held: int, size: int) -> None:
    """Refuse to go on from a size that the journal or its newest checkpoint has not reached."""
    if not 0 <= held <= size:
        raise BadValueError(Text(f"there are only {size} entries, not {held}", f"日志仅有 {size} 行，没有 {held} 行"))


def take_cosignature(ledger: Ledger, answer: str, witness: VerifierKey) -> Checkpoint:
    """Keep a witness's signature beneath the checkpoint that it signed; return that.

    Raises:
        BadFileError: If the answer is no signature, or by that witness of no checkpoint of this ledger.
    """
    try:
        line = signature_in(answer.removesuffix("\n"))
    except ValueError:
        raise BadFileError(Text("this is no answer of a witness", "该文件不是见证答复")) from None
    with ledger.store.begin():
        for record in tree_rows.checkpoints(ledger.store, public_key(ledger).name):
            there = checkpoint_in(record.note)
            bare = Checkpoint(origin=there.origin, size=there.size, root=there.root, signatures=(line,))
            if has_signed(witness, bare):
                more = there.signed(line)
                tree_rows.keep_checkpoint(ledger.store, record._replace(note=str(more)))
                return more
    raise BadFileError(
        Text(
            f"{witness.name} did not sign any checkpoint of this ledger with that answer",
            f"该答复不是 {witness.name} 对本台账任何检查点的签名",
        )
    )


def _asked(entries: dict[int, JournalEntry], seq: int | None) -> Sequence[int]:
    """Return the numbers of the entries that may be meant, the first choice first."""
    return sorted(entries, reverse=True) if seq is None else [seq]


def _witnesses(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Return who co-signed a checkpoint that the ledger keeps; each was looked at when it was taken in."""
    return tuple(each.name for each in checkpoint.signatures if len(each.value) == _SIGNED_LENGTH and cosigned_at(each))


def _private_key(key_file: Path) -> bytes:
    """Return the ledger's key.

    Raises:
        BadFileError: If it cannot be read.
    """
    try:
        private = b64decode(key_file.read_bytes().strip(), validate=True)
    except OSError as error:
        raise BadFileError(
            Text(
                f"the key of the checkpoints, {key_file}, cannot be read ({system_reason(error).en}); put it back",
                f"无法读取检查点密钥 {key_file}（{system_reason(error).zh}）；请放回该文件",
            )
        ) from error
    except ValueError:
        private = b""
    if len(private) != RAW:
        raise BadFileError(Text(f"{key_file} holds no key of checkpoints", f"{key_file} 不是检查点密钥"))
    return private
