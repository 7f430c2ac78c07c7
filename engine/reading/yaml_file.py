"""YAML files become plain mappings with line numbers; refuses what could harm or mislead.

Read event by event rather than through a constructor: nothing is ever built but texts, numbers,
truths, lists and mappings, nesting is counted before it can hurt, and words such as `on`, `no` and
`2019-12-31` stay the texts that their writer sees.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from engine.errors import system_reason
from engine.language import Text, lazy_pattern
from engine.workflow.problems import Path as Place
from engine.workflow.problems import Problem, Where
from engine.workflow.texts import KeptText, Source

LARGEST: Final = 1_000_000
"""Bytes of one file."""
DEEPEST: Final = 30
"""Lists and mappings within one another."""
MOST: Final = 50_000
"""Values in one file, those repeated by aliases counted each time."""

_TOO_DEEP: Final = Text("is nested too deeply", "嵌套层数过多")
# A code such as 0101 stays a text, and so does a number of more digits than JSON keeps exactly.
_WHOLE: Final = lazy_pattern(r"-?(?:0|[1-9]\d{0,14})")
_DECIMAL: Final = lazy_pattern(r"-?(?:0|[1-9]\d{0,14})\.\d{1,15}")
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}


class _WrongError(Exception):
    """The file cannot be taken: line (from 1, 0 if unknown) and sentence."""

    def __init__(self, line: int, sentence: Text) -> None:
        super().__init__(line, sentence)
        self.line = line
        self.sentence = sentence


_HALF_A_CHARACTER = lazy_pattern(r"\\(?:u|U0000)[dD][89a-fA-F][0-9a-fA-F]{2}")
"""An escape of which YAML makes what no file and no database can hold; JSON writes some characters by two of them."""


def read(
    source: Source, shown: str, *, mended: Callable[[str], str] = str
) -> tuple[dict[str, Any], Where, tuple[Problem, ...]]:
    """Return what a YAML file says, where each part stands, and what is wrong (then it says nothing).

    A text that was kept is JSON: it was found sound as a file, is read ten times as fast, and has no lines.

    Args:
        shown: The name under which problems tell of the file.
        mended: Gives the text of a file in the form of YAML, if people write it more freely; keeps its lines.
    """
    if isinstance(source, KeptText):
        import json

        return json.loads(source.plain), Where(shown), ()
    try:
        return _mapping(mended(_text(source)), shown, words=False)
    except _WrongError as error:
        problem = Problem(file=shown, line=error.line, culprit="", sentence=error.sentence)
        return {}, Where(shown), (problem,)


def read_words(text: str, shown: str) -> tuple[dict[str, Any], Where, tuple[Problem, ...]]:
    """Return the same of a text whose scalars are all texts, or None where nothing stands: dates, hours, weekdays.

    JSON is taken too, however it is indented.
    """
    try:
        try:
            return _mapping(text, shown, words=True)
        except _WrongError:
            import json

            if not text.lstrip().startswith("{"):
                raise
            try:
                # JSON may be indented by tabs, which YAML refuses; on one line it is both.
                again = json.dumps(json.loads(text))
            except ValueError:
                again = text
            return _mapping(again, shown, words=True)
    except _WrongError as error:
        problem = Problem(file=shown, line=error.line, culprit="", sentence=error.sentence)
        return {}, Where(shown), (problem,)


def _text(path: Path) -> str:
    """Return the file's text."""
    try:
        if path.stat().st_size > LARGEST:
            raise _WrongError(0, Text("is larger than 1 MB; no declaration is", "超过 1 MB，不像流程声明"))
        content = path.read_bytes()
    except OSError as error:
        why = system_reason(error)
        raise _WrongError(0, Text(f"cannot be read: {why.en}", f"无法读取：{why.zh}")) from error
    if not content.strip():
        raise _WrongError(0, Text("is empty", "文件为空"))
    if b"\0" in content:
        raise _WrongError(0, Text("is no text file; save it as UTF-8 text", "不是文本文件，请另存为 UTF-8 文本"))
    try:
        # Notepad on Windows puts a mark before the text.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _WrongError(line, _coding(content)) from error
    half = _HALF_A_CHARACTER.search(text)
    if half is not None:
        raise _WrongError(
            text.count("\n", 0, half.start()) + 1,
            Text(f"{half[0]} is half a character; type it whole", f"{half[0]} 是残缺字符，请直接写出该字符"),
        )
    return text


def _coding(content: bytes) -> Text:
    """Return the sentence about text that is not UTF-8."""
    try:
        # Nearly any bytes are some text in GB18030; only what holds Chinese characters is taken for it.
        chinese = sum("\u4e00" <= each <= "\u9fff" for each in content.decode("gb18030"))
    except UnicodeDecodeError:
        chinese = 0
    if chinese:
        return Text("the file is in GBK; save it as UTF-8", "文件编码是 GBK，请另存为 UTF-8")
    return Text("the file is not UTF-8; save it as UTF-8", "文件编码不是 UTF-8，请另存为 UTF-8")


_SAID: Final = {
    "mapping values are not allowed": "此处不应有冒号；值中含冒号的请加引号",
    "could not find expected ':'": "缺少冒号，或冒号后缺少空格",
    "did not find expected key": "此处应为键；请检查缩进和上一行的引号",
    "did not find expected '-'": "此处应为“-”；请检查缩进",
    "expected <block end>": "缩进与上文不一致",
    "did not find expected ',' or ']'": "方括号未闭合，或缺少逗号",
    "did not find expected ',' or '}'": "花括号未闭合，或缺少逗号",
    "expected ',' or ']'": "方括号未闭合，或缺少逗号",
    "expected ',' or '}'": "花括号未闭合，或缺少逗号",
    "unexpected end of stream": "引号未闭合",
    "cannot start any token": "有不能用于开头的字符；请加引号",
    "undefined alias": "引用了没有的锚点",
    "control characters are not allowed": "含控制字符",
    "unacceptable character": "含控制字符",
    "did not find expected <document start>": "上一行已结束，此处不应再有内容",
}
"""What the reader of YAML finds wrong, by words in what it says."""


def _mapping(text: str, shown: str, *, words: bool) -> tuple[dict[str, Any], Where, tuple[Problem, ...]]:
    """Return the one mapping that *text* writes."""
    import yaml

    composed = _Composer(text, words=words)
    try:
        plain = composed.document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _WrongError(mark.line + 1 if mark else 0, _not_yaml(error, text)) from error
    if not isinstance(plain, dict):
        raise _WrongError(1, Text("must begin with keys, as in `key: value`", "开头须为键，如 key: value"))
    return (
        plain,
        Where(shown, composed.lines),
        tuple(composed.doubles_in(shown)),
    )


def _not_yaml(error: Any, text: str) -> Text:
    """Return the sentence about text that is no YAML."""
    mark = getattr(error, "problem_mark", None)
    lines = text.splitlines()
    if mark and mark.line < len(lines) and "\t" in lines[mark.line]:
        return Text("is not YAML: use blanks instead of tabs", "不是正确的 YAML：请用空格代替制表符")
    why = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable")
    if "nesting depth" in why:  # newer parsers count for themselves, and may give up before their first event
        return _TOO_DEEP
    return Text(f"is not YAML: {why}", f"不是正确的 YAML：{next((zh for en, zh in _SAID.items() if en in why), why)}")


class _Composer:
    """Builds one document from the parser's events."""

    def __init__(self, text: str, *, words: bool) -> None:
        self._words = words
        self.lines: dict[Place, int] = {}
        self._doubles: list[tuple[int, Place]] = []
        self._events = _events(text)
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._count = 0

    def doubles_in(self, shown: str) -> Iterator[Problem]:
        """Yield each key that stands twice, with both lines."""
        for line, place in self._doubles:
            first = self.lines[place]
            sentence = Text(f"the key stands here and in line {first}", f"键重复，另见第 {first} 行")
            yield Problem(file=shown, line=line, culprit=".".join(map(str, place)), sentence=sentence)

    def document(self) -> Any:
        """Return what the only document holds."""
        found: Any = None
        documents = 0
        for event in self._events:
            kind = type(event).__name__
            # By the names of the events: the library is imported only where a file is read, for the sake of start-up.
            if kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    raise _WrongError(_line(event), Text("holds more than one document", "包含多个文档"))
                found = self._value(next(self._events), ())
        return found

    def _value(self, event: Any, place: Place) -> Any:
        """Return what begins with *event*, at *place*."""
        line = _line(event)
        self.lines.setdefault(place, line)
        self._more(1, line)
        kind = type(event).__name__
        if kind == "AliasEvent":
            return self._repeated(event, line)
        if event.tag is not None and not (kind == "ScalarEvent" and event.tag == "!"):
            raise _WrongError(line, Text(f"tags such as {event.tag} are not allowed", f"不允许使用标签 {event.tag}"))
        if len(place) > DEEPEST:
            raise _WrongError(line, _TOO_DEEP)
        before = self._count
        if event.anchor is not None:
            # Until its value is whole: an alias within it would stand for what holds itself, and never end.
            self._anchors[event.anchor] = None
        value: Any
        if kind == "ScalarEvent":
            value = event.value if event.style in {"'", '"', "|", ">"} else self._meaning(event.value)
        elif kind == "SequenceStartEvent":
            value = self._sequence(place)
        else:
            value = self._keys(place)
        if event.anchor is not None:
            self._anchors[event.anchor] = value, self._count - before + 1
        return value

    def _meaning(self, written: str) -> object:
        """Return what a word without quotes means; where only words are wanted, itself or nothing."""
        meaning = _meaning(written)
        return written if self._words and meaning is not None else meaning

    def _sequence(self, place: Place) -> list[Any]:
        """Return a list."""
        found: list[Any] = []
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            found.append(self._value(event, (*place, len(found))))
        return found

    def _keys(self, place: Place) -> dict[str, Any]:
        """Return a mapping; a key that stands twice is remembered, with both lines."""
        found: dict[str, Any] = {}
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            line = _line(event)
            if type(event).__name__ != "ScalarEvent":
                raise _WrongError(line, Text("a key must be a text", "键必须是文字"))
            below = (*place, event.value)
            if event.value in found:
                self._doubles.append((line, below))
            self.lines.setdefault(below, line)
            found[event.value] = self._value(next(self._events), below)
        return found

    def _repeated(self, event: Any, line: int) -> Any:
        """Return what an alias stands for, counted as often as it stands."""
        known = self._anchors.get(event.anchor)
        if known is None:
            raise _WrongError(line, Text(f"*{event.anchor} stands for nothing", f"*{event.anchor} 没有对应的内容"))
        value, count = known
        self._more(count, line)
        return value

    def _more(self, count: int, line: int) -> None:
        """Count values, and stop when there are more than any declaration has."""
        self._count += count
        if self._count > MOST:
            raise _WrongError(line, Text("holds too many values", "内容过多"))


def _meaning(written: str) -> object:
    """Return what a word without quotes means: nothing, a truth, a number, else itself."""
    lower = written.lower()
    if lower in _WORDS:
        return _WORDS[lower]
    if _WHOLE.fullmatch(written):
        return int(written)
    if _DECIMAL.fullmatch(written):
        return float(written)
    return written


def _line(event: Any) -> int:
    """Return the line on which *event* begins, from 1."""
    return int(event.start_mark.line) + 1


def _events(text: str) -> Iterator[Any]:
    """Return the parser's events; libyaml's own parser where it is there, since it is ten times as fast."""
    import yaml

    return iter(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
