"""What the desk is lent of what commands know: findings of `doctor`, channels, and texts judged as `adopt` does."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from commands.console.context import AppContext
from engine.errors import BadFileError
from engine.language import Text

if TYPE_CHECKING:
    from desk.house_tools import ComparedText, Examined, HouseTools
    from documents.ledger_in.list_sheets import ListRow
    from engine.operations.house.enrolling import Enrolment
    from engine.operations.ledger.acting import Acting

_ENDINGS = (".yaml", ".yml")


def house_tools(app: AppContext) -> "HouseTools":
    """Return what a desk over the same ledger is lent."""
    from desk.house_tools import HouseTools

    return HouseTools(
        examine=lambda: _examine(app),
        channels=lambda: _channels(app),
        reached_by=lambda: _reached_by(app),
        listed=_listed,
        enrol=lambda acting, kind, rows, apply: _enrol(app, acting, kind, rows, apply=apply),
        compare=lambda name, sent: _compare(app, name, sent),
    )


@contextmanager
def _apart(app: AppContext) -> Iterator[AppContext]:
    """Lend a context of one's own over the same ledger: a connection serves only the thread that opened it."""
    own = AppContext()
    own.database_option, own.now_option = app.database_option, app.now_option
    try:
        yield own
    finally:
        own.close()


def _examine(app: AppContext) -> "Sequence[Examined]":
    """Return what `doctor` finds."""
    from commands.console.command_lines import as_typed
    from commands.shared.examining import examined
    from commands.shared.findings import MARKS
    from desk.house_tools import Examined

    with _apart(app) as own:
        return [
            Examined(
                topic=each.topic,
                verdict=each.verdict,
                word=MARKS[each.verdict],
                sentence=Text(each.sentence.en, as_typed(each.sentence.zh)),  # a clerk types Chinese words
            )
            for each in examined(own)
        ]


def _channels(app: AppContext) -> Sequence[tuple[str, str]]:
    """Return the channels that are declared; none if no file declares any."""
    from commands.shared.delivery import channels_file, channels_of
    from notifications.trials import AbsentChannel

    with _apart(app) as own:
        if channels_file(own.ledger, own.database) is None:
            return []
        declared = channels_of(own.ledger, own.database).channels
        return [(name, str(each.reason) if isinstance(each, AbsentChannel) else "") for name, each in declared.items()]


def _reached_by(app: AppContext) -> Mapping[str, bool] | None:
    """Return the channels that are declared, each with whether it is mail; None if none are."""
    from commands.shared.delivery import declared_channels

    with _apart(app) as own:
        return declared_channels(own.ledger, own.database)


def _listed(kind: str, name: str, sent: bytes) -> "Sequence[ListRow]":
    """Return the rows of a list that was sent.

    Raises:
        BadFileError: If it is none.
    """
    from commands.shared.house_lists import officer_rows, unit_rows

    with TemporaryDirectory() as folder:
        file = Path(folder, PurePosixPath(name.replace("\\", "/")).name or "list")
        file.write_bytes(sent)
        return (officer_rows if kind == "officer" else unit_rows)(file)


def _enrol(
    app: AppContext, acting: "Acting", kind: str, rows: "Sequence[tuple[str, Mapping[str, str]]]", *, apply: bool
) -> "Sequence[Enrolment]":
    """Register the rows of a list, all of them or none, or try to.

    Raises:
        QinglingError: If a row cannot be read; it says which.
    """
    from commands.shared.house_lists import code_and_name, contact_given, listed_officer, placed_at, role_called
    from documents.ledger_in.list_sheets import ListRow
    from engine.operations.house.contacts import refuse_unreachable
    from engine.operations.house.enrolling import ListedUnit, enrol_officers, enrol_units

    listed = [ListRow(*each) for each in rows]
    if kind == "unit":
        found = []
        for row in listed:
            with placed_at(row.at):
                found.append(ListedUnit(*code_and_name(row), row.values.get("type")))
        return enrol_units(acting, found, apply=apply)
    declared, officers = _reached_by(app), []
    for row in listed:
        with placed_at(row.at):
            each = listed_officer(row, partial(role_called, acting.ledger), contact_given)
            refuse_unreachable(declared, each.contact, ())
            officers.append(each)
    return enrol_officers(acting, officers, apply=apply)


def _compare(app: AppContext, name: str, sent: bytes) -> "Sequence[ComparedText]":
    """Return what a file says, with what it changes.

    Raises:
        BadFileError: If it is no file of rules.
        InvalidWorkflowError: If it is not sound.
    """
    from commands.presentation.changes_printed import changed_by
    from commands.shared.rule_files import texts_given
    from desk.house_tools import ComparedText
    from engine.operations.house.adopting import not_adopted

    plain = PurePosixPath(name.replace("\\", "/")).name
    if not plain.endswith(_ENDINGS) or plain.startswith("."):
        raise BadFileError(Text("choose a *.yaml file", "请选择 *.yaml 文件"))
    with _apart(app) as own, TemporaryDirectory() as folder:
        file = Path(folder, plain)
        file.write_bytes(sent)
        texts = texts_given(own, [file])
        fresh = {(each.kind, each.name): each for each in not_adopted(own.ledger.store, texts)}
        found = []
        for each in texts:
            text = fresh.get((each.kind, each.name), each)
            was, lines = changed_by(own, text)
            is_new = (each.kind, each.name) in fresh
            found.append(ComparedText(text=text, was=was, changes=tuple(lines), is_new=is_new))
        return found
