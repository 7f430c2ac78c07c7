"""Every refusal, its sentence and its exit code; imports nothing but the languages.

Refusals are what the user can put right. Facts about a declaration or a ledger are not raised
but returned; what is neither is a bug and crashes.
"""

from collections.abc import Sequence

from engine.language import Text


class QinglingError(Exception):
    """Something the user can put right: one sentence, one exit code."""

    exit_code = 2

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


class BadValueError(QinglingError):
    """A value that was given cannot be what it should be (exit 2)."""


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
        self.reasons = tuple(reasons)
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


class WatchKeptError(QinglingError):
    """Another scheduler keeps watch, so nothing was done (exit 41)."""

    exit_code = 41


class UndeliveredError(QinglingError):
    """Some messages could not be delivered (exit 40)."""

    exit_code = 40
