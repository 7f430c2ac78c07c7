"""The folder of attached files: each content is kept once, under its digest."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from engine.errors import BadFileError, NotFoundError, system_reason
from engine.journal.chain import Break
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import case_rows
from engine.store import chain_rows as chains
from engine.store.case_columns import AttachedFile
from engine.store.chain_columns import AttachedContent

_TELLING = 8
"""Signs of a digest that tell one content from another."""


def content_file(folder: Path, digest: str) -> Path:
    """Return where the content with that SHA-256 is kept."""
    return folder / digest[:2] / digest


def attached(ledger: Ledger, case: Case) -> list[AttachedFile]:
    """Return the files that are kept with a case, oldest first."""
    return case_rows.attachments(ledger.store, case.id)


def content_of(file: Path) -> bytes:
    """Return the content of a file that is to be kept.

    Raises:
        BadFileError: If it cannot be read, or is no file that can be kept.
    """
    if file.exists() and not file.is_file():
        raise BadFileError(Text(f"{file} is no file that can be kept", f"{file} 不是可以保存的普通文件"))
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadFileError(
            Text(f"{file} cannot be read ({system_reason(error).en})", f"无法读取 {file}（{system_reason(error).zh}）")
        ) from error


def keep_content(folder: Path, content: bytes) -> str:
    """Keep *content* whole or not at all, readable by its owner only, and return its SHA-256.

    Raises:
        BadFileError: If it cannot be written.
    """
    from engine.system.whole_files import apart, put

    digest = sha256(content).hexdigest()
    target = content_file(folder, digest)
    if target.exists():
        return digest
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with apart(folder / digest) as scratch:
            half = scratch / digest
            half.write_bytes(content)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            put(half, target, replace=True)
    except OSError as error:
        raise BadFileError(
            Text(
                f"{folder} cannot take the file ({system_reason(error).en}); nothing was written",
                f"无法写入 {folder}（{system_reason(error).zh}）；未写入任何内容",
            )
        ) from error
    return digest


def write_out(ledger: Ledger, number: str, name: str, *, folder: Path, target: Path) -> AttachedFile:
    """Write a file that is kept with a case to *target*, if its content is still the one that was attached.

    Args:
        name: As it was kept, or the beginning of its SHA-256; of several with that name, the newest.
        folder: Where the contents are kept.
        target: A file, which must not exist yet.

    Raises:
        NotFoundError: If the case keeps no such file.
        BadFileError: If the content is gone or was changed, or *target* exists or cannot be written.
    """
    kept = case_rows.attachments(ledger.store, ledger.case(number).id)
    found = [each for each in kept if each.name == name]
    if not found and len(name) >= _TELLING:
        found = [each for each in kept if each.digest.startswith(name.lower())]
    if not found:
        raise NotFoundError(
            Text(
                f"{number} keeps no file '{name}'; see: qingling show {number}",
                f"{number} 没有名为“{name}”的附件；请查看：qingling show {number}",
            )
        )
    file = found[-1]
    from engine.system.whole_files import written

    content = content_of(content_file(folder, file.digest))
    if sha256(content).hexdigest() != file.digest:
        raise BadFileError(
            Text(
                f"the content of {file.name} is not the one that was attached; see: qingling journal verify",
                f"{file.name} 的内容与所附时不一致；请查看：qingling journal verify",
            )
        )
    try:
        with written(target, replace=False) as half:
            half.write_bytes(content)
    except FileExistsError as error:
        raise BadFileError(
            Text(f"{target} is there already; name another file with --out", f"{target} 已存在；请用 --out 另写文件名")
        ) from error
    return file


def verify_contents(ledger: Ledger, folder: Path) -> tuple[int, tuple[Break, ...]]:
    """Return how many attachments were checked, and each whose content in *folder* is not the one that was attached."""
    kept = chains.attachments(ledger.store)
    return len(kept), tuple(_not_as_attached(kept, folder))


def _not_as_attached(kept: Sequence[AttachedContent], folder: Path) -> Iterator[Break]:
    """Yield what is gone or changed; a content that several attachments share is read once."""
    known: dict[str, str] = {}
    for each in kept:
        if each.digest not in known:
            known[each.digest] = _verdict(content_file(folder, each.digest), each.digest)
        if known[each.digest]:
            yield Break(case=each.number, seq=each.seq, what=known[each.digest], which=each.name)


def _verdict(file: Path, digest: str) -> str:
    """Say what is wrong with a kept content; nothing if it is the one of that SHA-256."""
    from engine.store.backup import digest_of

    try:
        return "" if digest_of(file) == digest else "content changed"
    except OSError:
        return "content missing"
