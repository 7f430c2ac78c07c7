"""Files of workflows, lists, campaigns, formats and letters as texts that a ledger may adopt: all sound, or none."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from commands.console.context import AppContext, declarations_of, rules_folder
from commands.shared.letter_files import OF_LETTERS, TEMPLATE, letters_given, shipped_letters, templates_in
from engine.errors import BadFileError, InvalidWorkflowError, NotFoundError
from engine.language import Text
from engine.operations.ledger.adopted import NewText, new_text
from engine.workflow.texts import TextKind

if TYPE_CHECKING:
    from engine.workflow.model import Workflow
    from workflows.loader import Declarations

ANY_YEAR: Final = 2024
"""Filled in where a campaign is for a year, to see whether it is sound."""

_FOLDERS: Final[Mapping[str, TextKind]] = {
    "": TextKind.WORKFLOW,
    "lists": TextKind.LIST,
    "campaigns/measures": TextKind.MEASURES,
    "campaigns": TextKind.CAMPAIGN,
    "ledgers": TextKind.FORMAT,
    "letters": TextKind.LETTER,
}
"""Where the files of each kind stand in a folder of workflows; what is named by others goes before them."""

_TELLING: Final = (
    ("list", TextKind.LIST),
    ("campaign", TextKind.CAMPAIGN),
    ("measures", TextKind.MEASURES),
    ("columns", TextKind.FORMAT),
    ("ledger", TextKind.FORMAT),
    ("letter", TextKind.LETTER),
)
"""The keys by which a file says what it is; one that has none of them is a workflow."""


@cache
def shipped_texts() -> tuple[NewText, ...]:
    """Return the texts that come with the program; they are read once, for a desk asks as often as it is examined."""
    from documents.ledger_out.formats import SHIPPED as FORMATS
    from workflows.book import SHIPPED
    from workflows.loader import Declarations

    files = [*_files_in(SHIPPED), *((TextKind.FORMAT, path) for path in sorted(FORMATS.glob("*.y*ml")))]
    book = Declarations()
    return (*(_text(kind, path, book, shipped=True) for kind, path in files), *shipped_letters())


def texts_to_begin_with(database: str) -> tuple[NewText, ...]:
    """Return the texts that a new ledger adopts: the shipped ones, and those of the house's own folder.

    Raises:
        BadFileError: If the folder is not there.
        InvalidWorkflowError: If a file in it is not sound.
    """
    shipped = shipped_texts()
    own = rules_folder(database)
    if own is None:
        return shipped
    book = declarations_of(database)
    files = _files_in(own)
    wrong = book.check([path for kind, path in files if kind in (TextKind.LIST, TextKind.WORKFLOW)])[1] if files else ()
    if wrong:
        raise InvalidWorkflowError([each.text for each in wrong])
    letters = [each for each in shipped if each.kind is TextKind.LETTER]
    given = [*_texts(files, book), *letters_given(files, [], letters)]
    _refuse_unsound_rest(files, book, [*shipped, *given], units=None)
    replaced = {(each.kind, each.name) for each in given}
    return (*(each for each in shipped if (each.kind, each.name) not in replaced), *given)


def texts_given(app: AppContext, given: Sequence[Path]) -> tuple[NewText, ...]:
    """Return what files and folders say, judged together with what the ledger has adopted.

    Raises:
        BadFileError: If there is no such file, or a folder holds none.
        InvalidWorkflowError: If one is not sound; everything that is wrong is named.
    """
    from engine.operations.house.directory import units
    from workflows.adopted_book import Trial

    files = [each for path in given for each in _files_at(path)]
    of = {kind: [path for each, path in files if each is kind] for kind in TextKind}
    book = Trial(
        app.adopted,
        lists=of[TextKind.LIST],
        workflows=of[TextKind.WORKFLOW],
        campaigns=of[TextKind.CAMPAIGN],
    )
    wrong = book.problems_of_given()
    if wrong:
        raise InvalidWorkflowError([each.text for each in wrong])
    adopted = {
        kind: [
            NewText(kind, name, version, app.adopted.text(kind, name, version) or "", False)
            for name, version in app.adopted.newest(kind).items()
        ]
        for kind in (TextKind.MEASURES, *(OF_LETTERS if any(of[each] for each in OF_LETTERS) else ()))
    }
    kept = adopted[TextKind.MEASURES]
    texts = [
        *_texts(files, book),
        *letters_given(files, adopted.get(TextKind.TEMPLATE, ()), adopted.get(TextKind.LETTER, ())),
    ]
    _refuse_unsound_rest(files, book, [*kept, *texts], units={each.code for each in units(app.ledger)})
    return tuple(texts)


def _files_in(folder: Path) -> list[tuple[TextKind, Path]]:
    """Return the files in a folder that is laid out as the shipped one, with their kinds."""
    found = [(kind, path) for below, kind in _FOLDERS.items() for path in sorted((folder / below).glob("*.y*ml"))]
    return [*found, *((TextKind.TEMPLATE, path) for path in templates_in(folder / "letters"))]


def _files_at(path: Path) -> list[tuple[TextKind, Path]]:
    """Return a file, or all in a folder, with their kinds."""
    from engine.reading.yaml_file import read

    if path.is_dir():
        found = _files_in(path)
        letters = [] if found else [(TextKind.TEMPLATE, each) for each in templates_in(path)]
        if found or letters:
            return found or letters
    if not path.is_file():
        raise BadFileError(
            Text(f"{path}: no file, and no folder of *.yaml files", f"{path}：不是文件，也不是含 *.yaml 文件的文件夹")
        )
    if path.suffix.lower() == TEMPLATE:
        return [(TextKind.TEMPLATE, path)]
    plain, _, wrong = read(path, str(path))
    if wrong:
        raise InvalidWorkflowError([each.text for each in wrong])
    return [(next((kind for key, kind in _TELLING if key in plain), TextKind.WORKFLOW), path)]


def _texts(files: Iterable[tuple[TextKind, Path]], book: "Declarations") -> list[NewText]:
    """Return what sound files of the house say, but those of letters."""
    return [_text(kind, path, book, shipped=False) for kind, path in files if kind not in OF_LETTERS]


def _text(kind: TextKind, path: Path, book: "Declarations", *, shipped: bool) -> NewText:
    """Return what a sound file says; a workflow with its lists in it."""
    from engine.reading.yaml_file import read
    from workflows.book import ADDED

    if kind is TextKind.WORKFLOW:
        workflow = book.latest(path.stem)
        return new_text(kind, path.stem, workflow.plain, version=workflow.version, shipped=shipped)
    plain, _, wrong = read(path, str(path))
    if wrong:
        raise InvalidWorkflowError([each.text for each in wrong])
    if kind is TextKind.LIST and not shipped and path.stem in ADDED:
        kind = TextKind.ADDITION
    return new_text(kind, path.stem, plain, shipped=shipped)


def _refuse_unsound_rest(
    files: Iterable[tuple[TextKind, Path]], book: "Declarations", around: Sequence[NewText], *, units: Any
) -> None:
    """Refuse campaigns, measures and formats that are not sound.

    Args:
        around: Texts among which are all measures.
        units: Codes of all units; None: they are not checked.

    Raises:
        InvalidWorkflowError: If one is not.
    """
    from documents.ledger_out.formats import parse_format
    from engine.campaigns.campaign_file import CampaignContext, campaign_in, listed_in, measures_in
    from engine.reading.yaml_file import read
    from engine.workflow.texts import KeptText

    measures = {each.name: KeptText(each.name, each.plain) for each in around if each.kind is TextKind.MEASURES}
    context = CampaignContext(
        workflow=partial(_latest, book), measures=measures.get, units=None if units is None else lambda: units
    )
    for kind, path in files:
        if kind is TextKind.CAMPAIGN:
            campaign_in(path, ANY_YEAR if listed_in(path).takes_year else None, context)
        elif kind is TextKind.MEASURES:
            plain, _, _ = read(path, str(path))
            _, problems = measures_in(path, path.stem, _latest(book, str(plain.get("workflow") or path.stem)))
            if problems:
                raise InvalidWorkflowError([each.text for each in problems])
        elif kind is TextKind.FORMAT:
            plain, where, _ = read(path, str(path))
            declared = _latest(book, str(plain.get("workflow") or "lead"))
            form, problems = parse_format({"ledger": path.stem, **plain}, declared, where=where)
            if form is None or problems:
                raise InvalidWorkflowError([each.text for each in problems])


def _latest(book: "Declarations", name: str) -> "Workflow":
    """Return a workflow of the book.

    Raises:
        NotFoundError: If there is none.
    """
    if name not in book.names():
        raise NotFoundError(Text(f"no workflow is called '{name}'", f"没有名为“{name}”的流程"))
    return book.latest(name)
