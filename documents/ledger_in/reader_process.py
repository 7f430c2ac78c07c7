"""The process that reads a file, seen from outside: started, bounded, watched and ended; its frames one by one.

A file from elsewhere may be made to break its reader. So it is read in a process of its own, which has a limit of
memory and time, can write nothing, and hands over nothing but JSON that is checked here. What each system enforces:
Linux all of it; macOS has no limit of memory that counts, so its size is looked at twice a second; Windows has none,
and only the waiting ends.
"""

import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from documents.ledger_in.files import frames, limits
from documents.ledger_in.files.reader import NAME, SHEET
from engine.errors import BadFileError
from engine.language import Text
from engine.system.secrecy import environment_handed_on

_HOUSE = Path(__file__).resolve().parents[2]
_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from documents.ledger_in.files.reader import main; main()"
_WATCHED_EVERY_S = 0.1
_WEIGHED_EVERY = 5
"""How many looks at the clock come to one look at the size, which starts a program."""
_ABORTED, _OUT_OF_TIME, _KILLED = -6, -24, -9

_SENTENCES: Mapping[str, Text] = {
    "archive": Text("{path} is an archive, not a ledger; send it as xlsx", "{path} 是压缩包，不是台账，请以 xlsx 报送"),
    "damaged": Text(
        "{path} is damaged or no workbook; open it in Excel or WPS and save it as xlsx",
        "{path} 已损坏或不是工作簿，请用 Excel 或 WPS 打开后另存为 xlsx",
    ),
    "empty": Text("{path} is empty; send the ledger again", "{path} 是空文件，请重新报送"),
    "far": Text(
        "{path}, sheet {name}: its cells reach as far as {corner}; delete what stands out there and save it again",
        "{path} 的工作表“{name}”一直延伸到 {corner}；请删除远处多余的内容后另存",
    ),
    "long_line": Text(
        "{path}, line {line} is longer than any row of a ledger; cut it into rows and send it again",
        "{path} 第 {line} 行过长，不是台账的一行；请分行后重新报送",
    ),
    "memory": Text(
        "{path} is too large for 1 GiB of memory, or made to be so; split it into several files",
        "{path} 读取所需内存超过 1 GiB（过大或文件异常），请拆分为几个文件后再导入",
    ),
    "no_sheet": Text("{path} has no sheet {wanted}; it has: {names}", "{path} 中没有工作表“{wanted}”，现有：{names}"),
    "not_text": Text(
        "{path} is neither a workbook nor text; send the ledger as xlsx or csv",
        "{path} 既不是工作簿也不是文本，请以 xlsx 或 csv 报送台账",
    ),
    "not_whole": Text(
        "{path} is not whole: half a character at byte {byte}; save it again as UTF-8 and send it again",
        "{path} 不完整：第 {byte} 字节处字符残缺；请另存为 UTF-8 后重新报送",
    ),
    "powerpoint": Text(
        "{path} is a presentation, not a ledger; send it as xlsx", "{path} 是演示文稿，不是台账，请以 xlsx 报送"
    ),
    "protected": Text(
        "{path} is protected by a password; save it without one", "{path} 有打开密码，请取消密码后另存再导入"
    ),
    "quote": Text(
        "{path}, line {line}: a quotation mark is opened and never closed", "{path} 第 {line} 行：引号只有开头没有结尾"
    ),
    "rows": Text(
        "{path} has more rows than a ledger can have; split it into several files",
        "{path} 的行数超过台账的上限，请拆分为几个文件后再导入",
    ),
    "slow": Text(
        "{path} took longer than {seconds} seconds to read; open it in Excel or WPS and save it as xlsx",
        "{path} 读取超过 {seconds} 秒，请用 Excel 或 WPS 打开后另存为 xlsx",
    ),
    "swollen": Text(
        "{path} unpacks to far more than a ledger holds; open it in Excel or WPS and save it as xlsx",
        "{path} 解压后远大于正常台账，请用 Excel 或 WPS 打开后另存为 xlsx",
    ),
    "web_page": Text(
        "{path} is a web page or XML under another name; open it in Excel or WPS and save it as xlsx",
        "{path} 实为网页或 XML，请用 Excel 或 WPS 打开后另存为 xlsx",
    ),
    "word": Text(
        "{path} is a Word document, not a ledger; send it as xlsx", "{path} 是Word 文档，不是台账，请以 xlsx 报送"
    ),
}  # fmt: skip


class ReaderProcess:
    """One reading of one file; ends with its last frame, or when nobody holds it any more."""

    def __init__(self, path: Path, size: int, file: BinaryIO, wanted: str | None) -> None:
        """Start it.

        Args:
            size: Of the file, in bytes.
            file: The file, open; it is read from where it stands.
            wanted: Read only this sheet.
        """
        self._path = path
        self._size = size
        self._wanted = wanted
        # Not as arguments, which every account of the machine sees: a ledger may be named for who sent it.
        named = {NAME: path.stem, **({} if wanted is None else {SHEET: wanted})}
        self._process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-I", "-c", _PROGRAM, str(_HOUSE)],
            stdin=file,
            env={**environment_handed_on(), **named},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._watch = _Watch(self._process, limits.waiting_seconds(size))
        self._end = weakref.finalize(self, _ended, self._process, self._watch)

    def frames(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the kind and the JSON of each frame up to the last.

        Raises:
            BadFileError: If the file cannot be read within the limits, or not at all.
        """
        pipe = cast("BinaryIO", self._process.stdout)
        said, begun = 0, False
        while True:
            self._watch.waiting_since = time.monotonic()
            try:
                found = frames.read_frame(pipe)
            except frames.BrokenFrameError:
                raise self.refusal("damaged") from None
            self._watch.waiting_since = None
            if found is None:
                raise self._death(begun=begun)
            kind, payload = found
            said += len(payload)
            if said > limits.MOST_SAID:
                raise self.refusal("memory")
            if kind == frames.FAILED:
                body = frames.body_of(payload)
                if body.get("why") == frames.FAULT:
                    self._end()
                    raise RuntimeError(body.get("because"))
                raise self.refusal(str(body.pop("why", "")), **body)
            if kind == frames.READY:
                begun = True
                continue
            if kind == frames.END:
                self._end()
                yield kind, payload
                return
            yield kind, payload

    def refusal(self, why: str, **details: Any) -> BadFileError:
        """End the process and return the sentence that says *why* the file is not read."""
        self._end()
        listed = details.get("names")
        names = [str(each) for each in listed] if isinstance(listed, list) else []
        sentence = _SENTENCES.get(why, _SENTENCES["damaged"])
        return BadFileError(
            sentence.format(
                path=self._path,
                wanted=self._wanted or "",
                seconds=self._seconds(),
                names=Text(", ".join(names), "、".join(names)),
                **{name: str(details.get(name, "?")) for name in ("byte", "corner", "line", "name")},
            )
        )

    def _seconds(self) -> int:
        return self._watch.longest_s if self._watch.verdict == "slow" else limits.processor_seconds(self._size)

    def _death(self, *, begun: bool) -> Exception:
        """Return why the process ended before its last frame."""
        assert self._process.stderr is not None
        said = self._process.stderr.read(1 << 16)
        code = self._process.wait()
        if self._watch.verdict:
            return self.refusal(self._watch.verdict)
        if not begun:
            self._end()
            return RuntimeError(f"the reader of files does not start: {said.decode('utf-8', 'replace')[-500:]}")
        if code == _ABORTED or b"memory allocation" in said or b"MemoryError" in said:
            return self.refusal("memory")
        return self.refusal("slow" if code in {_OUT_OF_TIME, _KILLED} else "damaged")


class _Watch:
    """Ends a process that keeps its reader waiting too long or grows too large; looks on from a thread."""

    def __init__(self, process: "subprocess.Popen[bytes]", longest_s: int) -> None:
        self.waiting_since: float | None = None
        self.longest_s = longest_s
        self.verdict = ""
        self.over = threading.Event()
        self._process = process
        self._weighs = sys.platform == "darwin"
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()

    def _look_on(self) -> None:
        looks = 0
        while not self.over.wait(_WATCHED_EVERY_S):
            looks += 1
            since = self.waiting_since
            if since is not None and time.monotonic() - since > self.longest_s:
                self.verdict = "slow"
            elif self._weighs and looks % _WEIGHED_EVERY == 0 and resident(self._process.pid) > limits.MEMORY:
                self.verdict = "memory"
            if self.verdict:
                self._process.kill()
                return

    def stop(self) -> None:
        """Look no longer."""
        self.over.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()


def resident(pid: int) -> int:
    """Return how many bytes of memory a process holds; 0 if that cannot be asked."""
    try:
        said = subprocess.run(  # noqa: S603 (its argument is a number)
            ["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, timeout=2, check=False
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return int(said) * 1024 if said.isdigit() else 0


def _ended(process: "subprocess.Popen[bytes]", watch: _Watch) -> None:
    """Leave nothing behind of a process, whatever it is doing."""
    watch.stop()
    process.kill()
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def refused_before(path: Path, why: str) -> BadFileError:
    """Return the refusal of a file that needs no reading to be refused."""
    return BadFileError(_SENTENCES[why].format(path=path))
