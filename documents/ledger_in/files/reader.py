"""The program of the reader's own process: a file comes in open on standard input, frames go out.

Started by `documents.ledger_in.reader_process`, with the name of the file and, if only one is wanted, of the sheet in
its environment.
"""

import gc
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from documents.ledger_in.files import frames, limits
from documents.ledger_in.files.found import Block, FoundBook, UnreadableError

NAME, SHEET = "LEDGER_READ_NAME", "LEDGER_READ_SHEET"
"""Variables of this process alone: the file's name without its ending, and the one sheet that is wanted."""
_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")
_OLD = (b"\xd0\xcf\x11\xe0", b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")


def main() -> None:
    """Read the file and say what is in it."""
    limits.keep_within(os.fstat(0).st_size)
    gc.disable()  # it ends soon, and holds nothing in circles
    with os.fdopen(os.dup(1), "wb") as out:
        # What a library prints must not come between the frames.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        out.write(frames.frame(frames.READY, {}))
        out.flush()
        try:
            _say(out, os.environ[NAME], os.environ.get(SHEET))
        except BrokenPipeError:  # the parent wants no more
            os._exit(0)


def _say(out: BinaryIO, name: str, wanted: str | None) -> None:
    try:
        for each in said_of(book_of(sys.stdin.buffer.read(), name, wanted)):
            out.write(each)
            out.flush()
    except BrokenPipeError:
        raise
    except UnreadableError as error:
        failed: dict[str, object] = {"why": error.why, **error.details}
    except MemoryError:
        failed = {"why": "memory"}
    except (AttributeError, ImportError, NameError, TypeError) as error:  # ours, not the file's
        failed = {"why": frames.FAULT, "because": repr(error)}
    except Exception as error:  # noqa: BLE001 (a file that is damaged on purpose finds every way to fail)
        failed = {"why": "damaged", "because": repr(error)}
    except BaseException as error:
        # The reader of workbooks dies of some damage by a panic of its own language, which has no public name.
        if type(error).__name__ != "PanicException":
            raise
        failed = {"why": "damaged", "because": "panic"}
    else:
        return
    out.write(frames.frame(frames.FAILED, failed))


def book_of(content: bytes, name: str, wanted: str | None, *, streamed: bool = True) -> FoundBook:
    """Return what is in a file, whatever its extension says.

    Args:
        name: What a text's one sheet is called.
        wanted: Read only this sheet, even if it is hidden.
        streamed: Whether a plain xlsx may take the fast way.

    Raises:
        UnreadableError: If it is empty, protected, damaged or no ledger at all, or has no such sheet.
    """
    if not content.strip(b"\0\r\n\t "):
        raise UnreadableError("empty")
    if content.startswith((*_ARCHIVE, *_OLD)):
        from documents.ledger_in.files.workbooks import archive_book, compound_book

        if content.startswith(_ARCHIVE):
            return archive_book(content, wanted, streamed=streamed)
        return compound_book(content, wanted)
    from documents.ledger_in.files.plain_text import plain_book

    if wanted is not None and wanted != name:
        raise UnreadableError("no_sheet", names=[name])
    return plain_book(content, name)


def said_of(book: FoundBook) -> Iterator[bytes]:
    """Yield the frames of a book: what it is, the first rows of all sheets, then sheet by sheet the rest."""
    yield frames.frame(
        frames.BOOK,
        {
            "shape": book.shape,
            "from_1904": book.from_1904,
            "hidden": book.hidden,
            "unread": book.unread,
            "sheets": [
                {
                    "name": each.name,
                    "left": each.left,
                    "height": each.height,
                    "plain": each.plain,
                    "merges": each.merges,
                    "hidden_columns": each.hidden_columns,
                    "comments": each.comments,
                }
                for each in book.sheets
            ],
        },
    )
    walks = [each.blocks() for each in book.sheets]
    counts = [0] * len(walks)
    for place, walk in enumerate(walks):
        first = next(walk, Block([]))
        counts[place] += len(first.rows)
        yield frames.rows_frame(frames.HEAD, place, first)
    for place, walk in enumerate(walks):
        for block in walk:
            counts[place] += len(block.rows)
            yield frames.rows_frame(frames.ROWS, place, block)
        yield frames.frame(frames.DONE, {"sheet": place, "count": counts[place]})
    yield frames.frame(frames.END, {"counts": counts})


if __name__ == "__main__":
    main()
