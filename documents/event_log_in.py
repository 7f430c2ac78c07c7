"""Event logs of any house, read as a stream: CSV with a head, and XES (IEEE 1849), also packed by gzip.

Nothing is held but the event at hand. A file that is no log, or that swells beyond all measure as it is unpacked, is
refused in one line that names the line; of XML neither document types nor entities are taken.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

from engine.errors import BadFileError, system_reason
from engine.language import Text
from engine.replaying.logged import NO_VALUES, LoggedEvent
from engine.working_days.instants import microseconds

USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "case": ("case:concept:name", "case_id", "case id", "case", "caseid", "编号", "案件编号"),
    "event": ("concept:name", "activity", "event", "task", "动作", "活动"),
    "at": ("time:timestamp", "timestamp", "complete timestamp", "time", "at", "时间"),
    "who": ("org:resource", "resource", "user", "who", "经办人"),
    "phase": ("lifecycle:transition", "lifecycle", "phase"),
}
"""Under which headings logs have what is needed, in the order in which they are looked for."""

MOST_BYTES: Final = 8 << 30
"""Of a log as it is unpacked."""
_SWELLS: Final = 300
"""How many times larger than its file a packed log may be, once it is larger than `_FREE`; logs have 5 to 60."""
_FREE: Final = 64 << 20
_PACKED: Final = b"\x1f\x8b"
_SAID: Final = {
    "field larger": "一格内容过长，可能少了一个引号",
    "line contains NUL": "含非文字字符",
    "unexpected end": "末尾少了引号",
    "no element found": "内容不完整",
    "unclosed": "内容不完整",
    "not well-formed": "含不合规的字符或标签",
    "mismatched tag": "标签前后不配对",
    "duplicate attribute": "同一标签中属性重复",
    "junk after": "结尾之后还有内容",
    "undefined entity": "含未定义的实体",
    "unknown encoding": "编码不明，请另存为 UTF-8",
}
"""What the readers of CSV and XML find wrong, by how they begin to say it."""
_SEPARATORS: Final = ",;\t|"
_REMEMBERED: Final = 200_000

Columns = Mapping[str, str]
"""What is needed (case, event, at, who, phase) and the heading under which the log has it."""


class _Moment(NamedTuple):
    """When something happened."""

    at: int
    day_only: bool
    zoned: bool


def read_events(
    path: Path,
    columns: Columns,
    *,
    zone: str,
    assumed: bool,
    more: Sequence[str] | None = (),
    heard: Callable[[frozenset[str]], object] | None = None,
) -> Iterator[LoggedEvent]:
    """Yield the events of a log, in the order of the file.

    Args:
        columns: Headings that were named; what is not named is looked for under its usual headings.
        zone: In which instants without a zone are local time.
        assumed: Nobody named the zone, so a file that has instants with and without one is refused.
        more: Other headings whose values are wanted; None for all.
        heard: Is shown the headings of a CSV before the first event.

    Raises:
        BadFileError: If the file cannot be read, is no log, or an event lacks what is needed; it names the line.
    """
    stamps = _Stamps(path, zone, assumed=assumed)
    with _opened(path) as stream:
        head = stream.read(4096)
        stream.seek(0)
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            yield from _xes(path, stream, columns, stamps, more)
        elif head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise _wrong(path, 0, Text("is a spreadsheet; save it as CSV", "是电子表格，请另存为 CSV"))
        else:
            yield from _csv(path, stream, columns, stamps, more, heard)


class _Stamps:
    """Reads instants, and sees that those with and without a zone are not mixed unknowingly."""

    def __init__(self, path: Path, zone: str, *, assumed: bool) -> None:
        self._path = path
        self._zone = ZoneInfo(zone)
        self._assumed = assumed
        self._known: dict[str, _Moment] = {}
        self._first: dict[bool, int] = {}

    def read(self, text: str, line: int) -> _Moment:
        """Return the instant that *text* says."""
        found = self._known.get(text)
        if found is None:
            found = self._read(text.strip(), line)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text] = found
            if found.zoned not in self._first:
                self._first[found.zoned] = line
                if self._assumed and len(self._first) > 1:
                    self._refuse_mixture(line)
        return found

    def _read(self, text: str, line: int) -> _Moment:
        if not text:
            raise _wrong(self._path, line, Text("has no time", "没有时间"))
        try:
            moment = datetime.fromisoformat(text.replace("/", "-"))
        except ValueError:
            moment = None
        if moment is None or not 1900 <= moment.year < 2200:
            raise _wrong(
                self._path,
                line,
                Text(
                    f"'{text[:40]}' is no time; write 2019-07-08T09:00:00, with +08:00 if it is not local",
                    f"“{text[:40]}”不是时间，请写作 2019-07-08T09:00:00，非本地时间加时区如 +08:00",
                ),
            )
        zoned = moment.tzinfo is not None
        return _Moment(
            microseconds(moment if zoned else moment.replace(tzinfo=self._zone)), len(text) <= len("2019-07-08"), zoned
        )

    def _refuse_mixture(self, line: int) -> None:
        other = min(self._first.values())
        raise _wrong(
            self._path,
            line,
            Text(
                f"of this time and that of line {other} only one has a zone; say in the map of which zone the other is "
                "(zone: Asia/Shanghai)",
                f"此处与第 {other} 行只有一处写明时区；请在对应文件中写明另一处的时区（zone: Asia/Shanghai）",
            ),
        )


def _wrong(path: Path, line: int, sentence: Text) -> BadFileError:
    place = f"{path}:{line}: " if line else f"{path}: "
    return BadFileError(Text(place + sentence.en, place + sentence.zh))


class _Measured:
    """A packed file as it is unpacked, which may not swell beyond all measure."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self._path, self._stream = path, stream
        self._most = min(MOST_BYTES, max(_FREE, path.stat().st_size * _SWELLS))
        self._read = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def writable(self) -> bool:
        """It cannot be written."""
        return False

    def seekable(self) -> bool:
        """It is read from its beginning."""
        return False

    closed = False

    def flush(self) -> None:
        """There is nothing to write."""

    def close(self) -> None:
        """It is closed by who opened it."""

    def seek(self, place: int) -> None:
        """Go back to the beginning."""
        self._stream.seek(place)
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        part = self._stream.read(size if size >= 0 else 1 << 20)
        self._read += len(part)
        if self._read > self._most:
            raise _wrong(self._path, 0, Text("unpacks to far too much to be a log", "解压后过大，不像事件日志"))
        return part

    read1 = read


@contextmanager
def _opened(path: Path) -> Iterator[_Measured]:
    """Open a log, packed or not; every fault of the file is one line."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _PACKED
            raw.seek(0)
            if packed:
                with gzip.open(raw) as stream:
                    yield _Measured(path, cast("IO[bytes]", stream))
            else:
                yield _Measured(path, raw)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _wrong(path, 0, Text("is a damaged gzip file", "gzip 文件已损坏")) from error
    except OSError as error:
        why = system_reason(error)
        raise _wrong(path, 0, Text(f"cannot be read: {why.en}", f"无法读取：{why.zh}")) from error


def _csv(
    path: Path,
    stream: _Measured,
    columns: Columns,
    stamps: _Stamps,
    more: Sequence[str] | None,
    heard: Callable[[frozenset[str]], object] | None,
) -> Iterator[LoggedEvent]:
    text = TextIOWrapper(cast("IO[bytes]", stream), encoding="utf-8-sig", newline="")
    line = 1
    try:
        first = text.readline()
        if not first.strip():
            raise _wrong(path, 1, Text("is empty", "文件为空"))
        separator = max(_SEPARATORS, key=first.count)
        heads = [each.strip() for each in next(csv.reader([first], delimiter=separator))]
        if heard is not None:
            heard(frozenset(heads))
        places = _places(path, heads, columns)
        case_at, event_at, at_at = places["case"], places["event"], places["at"]
        who_at, phase_at = places.get("who", -1), places.get("phase", -1)
        wanted = tuple((each, heads.index(each)) for each in (heads if more is None else more) if each in heads)
        reader = csv.reader(text, delimiter=separator)
        for row in reader:
            line = reader.line_num + 1
            if not row:
                continue
            if len(row) != len(heads):
                raise _wrong(path, line, _not_so_many(len(row), len(heads)))
            case, activity = row[case_at], row[event_at]
            if not case or not activity:
                raise _wrong(path, line, Text("names no case or no event", "缺少案件编号或事件名称"))
            if "\0" in activity or "\0" in case:
                raise _wrong(path, line, Text("holds a character that no text has", "含非文字字符"))
            moment = stamps.read(row[at_at], line)
            yield LoggedEvent(
                case,
                activity,
                moment.at,
                moment.day_only,
                row[who_at] if who_at >= 0 else "",
                row[phase_at] if phase_at >= 0 else "",
                line,
                {name: row[place] for name, place in wanted} if wanted else NO_VALUES,
            )
    except UnicodeDecodeError as error:
        raise _wrong(path, line, Text("is not UTF-8; save it as UTF-8", "不是 UTF-8 编码，请另存为 UTF-8")) from error
    except csv.Error as error:
        raise _wrong(path, line + 1, _broken("CSV", str(error))) from error


def _broken(form: str, said: str) -> Text:
    """Return what is wrong with a file of that form; its reader says it in English alone."""
    known = next((f"：{zh}" for en, zh in _SAID.items() if said.startswith(en)), "")
    return Text(f"is no {form}: {said}", f"不是正确的 {form}{known}")


def _not_so_many(cells: int, heads: int) -> Text:
    return Text(f"has {cells} cells, and the head has {heads}", f"有 {cells} 格，表头有 {heads} 格")


def _places(path: Path, heads: list[str], columns: Columns) -> dict[str, int]:
    """Return where the columns stand that are needed."""
    # From the last, so that of headings that read alike the first one counts.
    folded = {each.casefold().replace("_", " "): place for place, each in reversed(list(enumerate(heads)))}
    found: dict[str, int] = {}
    for what, usual in USUAL.items():
        if what in columns:
            if columns[what] in heads:
                found[what] = heads.index(columns[what])
                continue
            near = ", ".join(heads[:20])
            raise _wrong(
                path,
                1,
                Text(f"has no column '{columns[what]}'; it has: {near}", f"没有“{columns[what]}”列；现有：{near}"),
            )
        for each in usual:
            if each.replace("_", " ") in folded:
                found[what] = folded[each.replace("_", " ")]
                break
    for what in ("case", "event", "at"):
        if what not in found:
            raise _wrong(path, 1, _no_column(what, heads))
    return found


def _no_column(what: str, heads: list[str]) -> Text:
    title = {
        "case": Text("the case", "案件编号"),
        "event": Text("the event", "事件名称"),
        "at": Text("the time", "时间"),
    }[what]
    has = ", ".join(heads[:20])
    return Text(
        f"which column is {title.en}? Say it in the map (columns: {{{what}: ...}}); there are: {has}",
        f"哪一列是{title.zh}？请在对应文件中写明（columns: {{{what}: …}}）；现有各列：{has}",
    )


def _xes(
    path: Path, stream: _Measured, columns: Columns, stamps: _Stamps, more: Sequence[str] | None
) -> Iterator[LoggedEvent]:
    from xml.parsers.expat import ExpatError

    walker = _Walker(path, columns, stamps, more)
    try:
        while part := stream.read(1 << 16):
            walker.parser.Parse(part, False)
            yield from walker.taken()
        walker.parser.Parse(b"", True)
    except ExpatError as error:
        said = str(error).partition(":")[0]
        raise _wrong(path, error.lineno, _broken("XML", said)) from error
    yield from walker.taken()
    if not walker.is_log:
        raise _wrong(path, 0, Text("is XML but no XES log: it has no <log>", "是 XML，但不是 XES 日志：没有 <log>"))


class _Walker:
    """Takes the traces and events of XES as its parser comes to them; holds one trace."""

    def __init__(self, path: Path, columns: Columns, stamps: _Stamps, more: Sequence[str] | None) -> None:
        from xml.parsers.expat import ParserCreate

        self.parser = ParserCreate(namespace_separator=None)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.is_log = False
        self._path, self._stamps, self._more = path, stamps, None if more is None else frozenset(more)
        self._keys = {what: columns.get(what, USUAL[what][0]) for what in USUAL}
        self._within: list[str] = []
        self._trace: dict[str, str] = {}
        self._event: dict[str, str] = {}
        self._events: list[tuple[int, dict[str, str]]] = []
        self._line = 0
        self._ready: list[LoggedEvent] = []

    def taken(self) -> list[LoggedEvent]:
        """Return the events of the traces that are complete."""
        ready, self._ready = self._ready, []
        return ready

    def _refuse(self, *_: object) -> None:
        raise _wrong(
            self._path,
            self.parser.CurrentLineNumber,
            Text("declares a document type or an entity; no log does", "含文档类型或实体声明，不像事件日志"),
        )

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        name = name.rpartition(":")[2]
        within = self._within
        above = within[-1] if within else ""
        within.append(name)
        if len(within) > 64:
            raise _wrong(self._path, self.parser.CurrentLineNumber, Text("is nested too deeply", "嵌套层数过多"))
        if name == "log" and len(within) == 1:
            self.is_log = True
        elif name == "trace":
            self._trace, self._events = {}, []
        elif name == "event":
            self._event, self._line = {}, self.parser.CurrentLineNumber
        elif above == "event":
            self._event[attributes.get("key", "")] = attributes.get("value", "")
        elif above == "trace":
            self._trace["case:" + attributes.get("key", "")] = attributes.get("value", "")

    def _end(self, name: str) -> None:
        self._within.pop()
        name = name.rpartition(":")[2]
        if name == "event":
            if "trace" not in self._within:
                raise _wrong(self._path, self._line, Text("an event stands outside a trace", "事件不在任何轨迹之内"))
            self._events.append((self._line, self._event))
        elif name == "trace":
            self._ready += map(self._logged, self._events)
            self._events = []

    def _logged(self, found: tuple[int, dict[str, str]]) -> LoggedEvent:
        line, event = found
        whole = {**self._trace, **event}
        keys = self._keys
        case, activity = whole.get(keys["case"], ""), whole.get(keys["event"], "")
        if not case or not activity:
            raise _wrong(self._path, line, Text("names no case or no event", "缺少案件编号或事件名称"))
        moment = self._stamps.read(whole.get(keys["at"], ""), line)
        more = self._more
        values = whole if more is None else {name: value for name, value in whole.items() if name in more}
        who, phase = whole.get(keys["who"], ""), whole.get(keys["phase"], "")
        return LoggedEvent(case, activity, moment.at, moment.day_only, who, phase, line, values or NO_VALUES)
