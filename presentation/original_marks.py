"""What the rows of a ledger carry besides their texts: strokes through them, comments, being hidden."""

from collections.abc import Iterator

from engine.journal.ledger_row import OriginalRow
from engine.language import Text

_STRUCK = Text("struck through", "有删除线")
_COMMENTED = Text("with a comment", "有批注")
_HIDDEN = Text("hidden", "被隐藏")


class OriginalMarks:
    """Counts the rows that carry such a mark: they are taken in as they read, and a person decides what it means."""

    def __init__(self) -> None:
        """Begin with no row seen."""
        self._rows: dict[Text, tuple[int, str]] = {}

    def see(self, original: OriginalRow) -> None:
        """Count one row."""
        for mark, there in (
            (_STRUCK, original.struck),
            (_COMMENTED, original.comments),
            (_HIDDEN, original.is_hidden),
        ):
            if there:
                count, first = self._rows.get(mark, (0, original.at))
                self._rows[mark] = count + 1, first

    def lines(self) -> Iterator[Text]:
        """Yield one line for each kind of mark, with the first row that carries it."""
        for mark, (count, first) in self._rows.items():
            said = Text(
                "! {count} rows {mark}, first {first}: taken in as they read, see whether they stand; the marks are "
                "kept: qingling show NUMBER --original",
                "! {mark}的 {count} 行（首行 {first}），已按文字照常处理，请核对是否有效；"
                "原样留存：qingling show 编号 --original",
            )
            yield said.format(count=count, mark=mark, first=first)
