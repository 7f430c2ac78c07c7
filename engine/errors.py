"""Every refusal, its sentence and its exit code; imports nothing but the languages.

Refusals are what the user can put right. Facts about a declaration or a ledger are not raised
but returned; what is neither is a bug and crashes.
"""

import errno
from collections.abc import Sequence
from typing import Final, Literal

from engine.language import Text, lazy_pattern

ReasonKind = Literal["missing", "value", "condition", "who", "proof", "state", "other"]
"""What it is about: a value not there, a value that cannot be, a declared condition, who acts or
how they are known, where the case is."""

_BRACKETS: Final = (
    lazy_pattern(r"\s*\((?:(?:[^()]*[ ,])?(?:--[a-z]|qingling )[^()]*|[a-z]+(?:_[a-z0-9]+)+)\)"),
    lazy_pattern(r"（(?:[^（）]*[\s，])?(?:--\w|qingling )(?:[^（）]|（[^（）]*）)*）"),
)
"""What only a terminal needs, in brackets; a title in it may have brackets of its own."""
_COMMANDS: Final = (
    lazy_pattern(r"^--[a-z-]+(?: \S+)?: |\s*[;,:][^;,:]*(?:: )?(?:\bqingling |(?<!\w)--[a-z])[^;]*"),
    lazy_pattern(r"^--[a-z-]+(?: \S+)?：|[；，：][^；，：]*：?(?:qingling |--[a-z])[^；]*"),
)
_OPTION: Final = lazy_pattern(r"(?<![\w-])--([^\W\d_][\w-]*)")


_SYSTEM_REASONS: Final = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许",
    errno.EISDIR: "是文件夹",
    errno.ENOTDIR: "路径中有一级不是文件夹",
    errno.EEXIST: "已存在",
    errno.ENOTEMPTY: "文件夹不为空",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EFBIG: "文件过大",
    errno.EROFS: "所在磁盘为只读",
    errno.EBUSY: "正被占用",
    errno.ETXTBSY: "正被占用",
    errno.EAGAIN: "正被占用",
    errno.ENAMETOOLONG: "名称过长",
    errno.ELOOP: "链接成环",
    errno.EIO: "读写出错",
    errno.EINVAL: "名称或内容不合要求",
    errno.EMFILE: "打开的文件过多",
    errno.EPIPE: "接收方已关闭",
    errno.EADDRINUSE: "端口已被占用",
    errno.EADDRNOTAVAIL: "本机没有此地址",
    errno.EHOSTUNREACH: "无法到达该主机",
    errno.ENETUNREACH: "网络不通",
    errno.ECONNREFUSED: "对方拒绝连接",
    errno.ETIMEDOUT: "超时",
}
"""What the system says only in its own language, or in English, by its number."""


def unreadable(named: Text | str, error: OSError | UnicodeError) -> "BadFileError":
    """Return the refusal of a file of text that cannot be read, and why.

    Args:
        named: The file, as it was named; or what it is, where its name tells too much.
    """
    what, gap = (Text(named, named), " ") if isinstance(named, str) else (named, "")
    if isinstance(error, OSError):
        why = system_reason(error)
        return BadFileError(Text(f"{what.en} cannot be read ({why.en})", f"无法读取{gap}{what.zh}（{why.zh}）"))
    return BadFileError(
        Text(f"{what.en} is no UTF-8 text; save it as UTF-8", f"{what.zh}{gap}不是 UTF-8 文本；请另存为 UTF-8")
    )


def system_reason(error: OSError) -> Text:
    """Return why the system refused a file; in the system's words where it is none of the usual reasons."""
    said = error.strerror or type(error).__name__
    return Text(said, _SYSTEM_REASONS.get(error.errno or 0, said))


def without_hints(sentence: Text) -> Text:
    """Return a sentence without what only a terminal needs: options and fields in brackets, last a command.

    Sentences are written so that these stand in brackets, or last in a clause: nothing else is lost with them. An
    option that a declaration's sentence names in Chinese becomes the title of its field.
    """
    en, zh = (
        commands.sub("", brackets.sub("", said))
        for said, brackets, commands in zip((sentence.en, sentence.zh), _BRACKETS, _COMMANDS, strict=True)
    )
    return Text(en, _OPTION.sub(r"“\1”", zh))


class Reason(Text):
    """One reason why something may not be: as a terminal says it, and what a form needs to say it at the field.

    A plain class over `Text`, so that it is said, joined and kept wherever a sentence is.
    """

    __slots__ = ("basis", "field", "kind")
    kind: ReasonKind
    field: str | None
    basis: str | None

    def __init__(
        self,
        en: str,
        zh: str,
        *,
        kind: ReasonKind = "other",
        field: str | None = None,
        basis: str | None = None,
    ) -> None:
        """Make a reason.

        Args:
            en: As a terminal says it, options and commands with it.
            zh: The same in Chinese.
            kind: What it is about.
            field: Name of the field where it is mended; None if no field of the form could.
            basis: The rule that demands it, as declared.
        """
        super().__init__(en, zh)
        for name, value in ("kind", kind), ("field", field), ("basis", basis):
            object.__setattr__(self, name, value)  # `Text` is frozen, and so is this

    @classmethod
    def of(
        cls, sentence: Text, kind: ReasonKind = "other", *, field: str | None = None, basis: str | None = None
    ) -> "Reason":
        """Return a sentence as a reason; one that is a reason already stays what it is."""
        if isinstance(sentence, Reason):
            return sentence
        return cls(sentence.en, sentence.zh, kind=kind, field=field, basis=basis)

    @property
    def sentence(self) -> Text:
        """The sentence without options and commands."""
        return without_hints(self)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep all of it where an error crosses to another process."""
        return _reason, (self.en, self.zh, self.kind, self.field, self.basis)


def _reason(en: str, zh: str, kind: ReasonKind, field: str | None, basis: str | None) -> Reason:
    return Reason(en, zh, kind=kind, field=field, basis=basis)


class QinglingError(Exception):
    """Something the user can put right: one sentence, one exit code."""

    exit_code = 2
    reasons: tuple[Reason, ...] = ()
    """Why, each for itself, where there are several or a field is to blame."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


class BadValueError(QinglingError):
    """A value that was given cannot be what it should be (exit 2)."""

    def __init__(self, sentence: Text, reasons: Sequence[Text] = ()) -> None:
        """Make the error.

        Args:
            sentence: All of it.
            reasons: What is wrong, value by value, where the sentence is made of that.
        """
        super().__init__(sentence)
        self.reasons = tuple(Reason.of(each, "value") for each in reasons)


class InvalidWorkflowError(QinglingError):
    """A declaration is not sound; every problem is listed (exit 10)."""

    exit_code = 10

    def __init__(self, problems: Sequence[Text]) -> None:
        self.problems = tuple(problems)
        super().__init__(Text("\n".join(p.en for p in problems), "\n".join(p.zh for p in problems)))


class BadFileError(QinglingError):
    """A file cannot be read as what it should be, or some of its rows cannot be taken (exit 11)."""

    exit_code = 11


class DatabaseError(QinglingError):
    """The database is missing, locked, of another version or not ours (exit 12)."""

    exit_code = 12


class NotAllowedError(DatabaseError):
    """The journal holds, but something in it was not allowed when it was done."""

    exit_code = 13


class NotFoundError(QinglingError):
    """No such case, workflow, unit or officer (exit 20)."""

    exit_code = 20


class RefusedError(QinglingError):
    """A rule forbids it; all reasons are given at once (exit 21)."""

    exit_code = 21

    def __init__(self, sentence: Text, reasons: Sequence[Text] = ()) -> None:
        self.headline = sentence
        """What is refused, without why."""
        self.reasons = tuple(map(Reason.of, reasons))
        if reasons:
            sentence = Text(
                sentence.en + ": " + "; ".join(r.en for r in reasons),
                sentence.zh + "：" + "；".join(r.zh for r in reasons),
            )
        super().__init__(sentence)


class ConflictError(QinglingError):
    """Someone else changed it first; nothing was written (exit 22)."""

    exit_code = 22


class NotZeroError(QinglingError):
    """The scope of a campaign is not cleared to zero (exit 30)."""

    exit_code = 30


class ClearedLateError(QinglingError):
    """The scope of a campaign is cleared to zero, but some of it after its day (exit 31)."""

    exit_code = 31


class NoForecastError(QinglingError):
    """Nobody can say how a campaign will stand on its day (exit 32)."""

    exit_code = 32


class WatchKeptError(QinglingError):
    """Another scheduler keeps watch, so nothing was done (exit 41)."""

    exit_code = 41


class UndeliveredError(QinglingError):
    """Some messages could not be delivered (exit 40)."""

    exit_code = 40
