"""What is said about letters: those issued, those asked for, and the step that comes next."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commands.console.chinese_words import COMMAND_WORDS
from commands.console.context import AppContext
from commands.console.field_options import Given
from commands.console.output import say
from engine.errors import BadFileError, BadValueError, system_reason
from engine.language import Text, t
from engine.rules.naming import step_called
from engine.workflow.field_traits import SEVERAL_TYPES
from presentation.case_view import when

if TYPE_CHECKING:
    from documents.letters.kinds import LetterKind
    from engine.journal.case_events import ReminderSent
    from engine.journal.chain import JournalEntry
    from engine.operations.ledger.ledger import Ledger
    from engine.operations.letters.issue import IssuedLetter
    from engine.rules.case import Case
    from engine.workflow.model import Workflow

LONGEST_FILE: Final = 200_000
"""Bytes of a file that gives one value."""


def texts_given(kind: "LetterKind", workflow: "Workflow", given: Iterable[Given]) -> dict[str, str]:
    """Return the values of a letter as they were typed, or as they stand in the files that were named with @.

    What holds several is joined if it is given more than once.

    Raises:
        BadValueError: If one has no value, or is given twice and holds but one.
        BadFileError: If a file cannot be read.
    """
    from documents.letters.kinds import STANDING

    found: dict[str, str] = {}
    for typed, value in given:
        name = typed.replace("-", "_")
        titles = [*((each.name, each.title) for each in kind.values.values()), *STANDING.items()]
        name = next((each for each, title in titles if typed in (title.en, title.zh)), name)
        words = _text_given(typed, value)
        if name not in found:
            found[name] = words
        elif name in kind.values and kind.values[name].split:
            found[name] += f"\n{words}"
        elif name in workflow.fields and workflow.fields[name].type in SEVERAL_TYPES:
            found[name] += f",{words}"
        else:
            raise BadValueError(Text(f"--{typed} is given twice", f"--{typed} 写了两次"))
    return found


def next_step(app: AppContext, kind: "LetterKind", case: "Case", number: str) -> Text | None:
    """Return the command of the step that records a letter, as it is typed in each language; None if none does.

    The step takes the number, and what was entered for the letter, from the newest letter: it is not typed again.
    """
    from engine.operations.cases.letter_values import letters_of
    from engine.workflow.model import FieldType

    if not kind.number_field:
        return None
    rules = app.ledger.rules_of(case)
    workflow = rules.workflow
    steps = [e for e in rules.machine.leaving(case.state) if kind.number_field in e.asks]
    if not steps:
        return None
    newest = letters_of(app.ledger, case)[-1:]
    known = {name for each in newest if each.letter_number == number for name in each.brings}
    english = ["qingling", "advance", case.number, steps[0].trigger]
    chinese = ["qingling", COMMAND_WORDS["advance"], case.number, step_called(workflow, steps[0].trigger).zh]
    for name in steps[0].asks:
        if name in known:
            continue
        field = workflow.fields[name]
        value = "…"
        if name == kind.number_field:
            value = number
        elif field.type is FieldType.DATE:
            value = app.ledger.today(app.now).isoformat()
        english += [f"--{field.option.en}", value]
        chinese += [f"--{field.option.zh}", value]
    return Text(" ".join(english), " ".join(chinese))


def print_awaited(ledger: "Ledger", case: "Case", asked: "Sequence[tuple[JournalEntry, ReminderSent]]") -> None:
    """Print which letters a reminder asks for, with the command that issues each."""
    for paper in dict.fromkeys(sent.paper for _, sent in asked):
        rows = [row for row, sent in asked if sent.paper == paper]
        say(
            t(
                "asked for by a reminder of {when}: qingling letter {paper} {number} -o …",
                "{when} 的提醒要求编发：qingling 文书 {paper} {number} -o …",
                when=when(ledger, rows[-1].at),
                paper=_kind_called(ledger, paper),
                number=case.number,
            )
        )


def paper_line(ledger: "Ledger", letter: "IssuedLetter") -> str:
    """Return one line about a letter that was issued."""
    return t(
        "issued: {number}  {kind}  {when}  {by}",
        "已编发：{number}  {kind}  {when}  {by}",
        number=letter.number,
        kind=_kind_called(ledger, letter.kind),
        when=when(ledger, letter.at),
        by=ledger.naming.officer(letter.by),
    )


def paper_json(ledger: "Ledger", letter: "IssuedLetter") -> dict[str, object]:
    """Return a letter that was issued, for scripts."""
    return {
        "kind": letter.kind,
        "letter_number": letter.number,
        "digest": letter.digest,
        "seq": letter.seq,
        "at": when(ledger, letter.at),
        "by": letter.by,
        "about": dict(letter.about),
    }


def _text_given(name: str, value: str | bool) -> str:
    """Return a value as it was typed, or what stands in the file that was named with @."""
    if isinstance(value, bool):
        raise BadValueError(Text(f"--{name} needs a value after it", f"--{name} 后面要有值"))
    if not value.startswith("@"):
        return value
    try:
        content = Path(value[1:]).read_bytes()
        if len(content) > LONGEST_FILE:
            raise BadFileError(
                Text(f"{value[1:]} is longer than {LONGEST_FILE} bytes", f"{value[1:]} 超过 {LONGEST_FILE} 字节")
            )
        return content.decode("utf-8-sig")
    except OSError as error:
        raise BadFileError(
            Text(
                f"{value[1:]} cannot be read ({system_reason(error).en})",
                f"无法读取 {value[1:]}（{system_reason(error).zh}）",
            )
        ) from error
    except UnicodeDecodeError as error:
        raise BadFileError(
            Text(f"{value[1:]} is not text in UTF-8; save it as such", f"{value[1:]} 不是 UTF-8 文本；请另存后再试")
        ) from error


def _kind_called(ledger: "Ledger", name: str | None) -> Text:
    """Return what a kind of letter is called; in English by its name."""
    from presentation.letter_book import letters_of

    return Text(name or "", letters_of(ledger).title(name or "").zh)
