"""Files of letters as texts that a ledger may adopt: the declaration of a kind, and its template as a Word file."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commands.console.context import AppContext, workflows_folder
from commands.console.environment import LETTERS, path_variable
from engine.errors import BadFileError, InvalidWorkflowError, NotFoundError, system_reason
from engine.language import Text
from engine.operations.ledger.adopted import NewText, new_text
from engine.workflow.texts import KeptText, TextKind

if TYPE_CHECKING:
    from documents.letters.kinds import LetterKind

OF_LETTERS: Final = (TextKind.LETTER, TextKind.TEMPLATE)
TEMPLATE: Final = ".docx"
LARGEST: Final = 2_000_000
"""Bytes of one template; every version of it stays in the ledger."""


def shipped_letters() -> tuple[NewText, ...]:
    """Return the kinds of letters that come with the program, and their templates."""
    from documents.letters.fill import template_of
    from documents.letters.kinds import kinds, shipped_declarations

    declared = [new_text(TextKind.LETTER, name, plain, shipped=True) for name, plain in shipped_declarations().items()]
    return (*declared, *(_template(name, template_of(kind), shipped=True) for name, kind in kinds().items()))


def templates_in(folder: Path) -> list[Path]:
    """Return the Word files in a folder, without those that Word keeps beside one that is open (`~$…`)."""
    return [each for each in sorted(folder.glob(f"*{TEMPLATE}")) if not each.name.startswith(("~$", "."))]


def letters_given(
    files: Sequence[tuple[TextKind, Path]], templates: Iterable[NewText], letters: Iterable[NewText]
) -> list[NewText]:
    """Return what files of letters say.

    Args:
        files: All files that were given, with their kinds; others than those of letters are left out.
        templates: Those that are adopted; they must go on fitting their kinds.
        letters: The kinds that are adopted, or come with the program.

    Raises:
        BadFileError: If a template is none, does not fit its kind, or is called as no kind is.
        InvalidWorkflowError: If a declaration is not sound; everything that is wrong is named.
    """
    from documents.letters.fill import KeptTemplate, prove
    from presentation.letter_book import template_content

    declared = dict(_declared(path for kind, path in files if kind is TextKind.LETTER))
    given = {path: _name_of(path, letters, declared) for kind, path in files if kind is TextKind.TEMPLATE}
    if not declared and not given:
        return []
    known = {each.name: _kind(each) for each in letters} | {name: kind for name, (_, kind) in declared.items()}
    for path, name in given.items():
        if list(given.values()).count(name) > 1:
            raise BadFileError(
                Text(f"{path}: another file is a template of {name} too", f"{path}：另有文件也是“{name}”的模板")
            )
        prove(path, known[name])
    for each in templates:
        if each.name in declared and each.name not in given.values():
            prove(KeptTemplate(f"{each.name}{TEMPLATE}", template_content(each.plain)), known[each.name])
    return [
        *(new_text(TextKind.LETTER, name, plain) for name, (plain, _) in declared.items()),
        *(_template(name, path, shipped=False) for path, name in given.items()),
    ]


def not_adopted_yet(app: AppContext) -> list[Path]:
    """Return the templates in the house's folders that say something else than what the ledger has adopted.

    Nothing is made from them; older versions of the program used them as they stood there.
    """
    adopted = [
        app.adopted.text(TextKind.TEMPLATE, name, version)
        for name, version in app.adopted.newest(TextKind.TEMPLATE).items()
    ]
    workflows, own = workflows_folder(app.database), path_variable(LETTERS)
    folders = [*([] if workflows is None else [workflows / "letters"]), *([] if own is None else [own])]
    return [
        path
        for folder in folders
        for path in templates_in(folder)
        if _template(path.stem, path, shipped=False).plain not in adopted
    ]


def _declared(paths: Iterable[Path]) -> Iterator[tuple[str, tuple[Mapping[str, object], "LetterKind"]]]:
    """Yield what files declare of kinds, by name: as it stands there, and as it is understood."""
    from documents.letters.kinds import kind_in
    from engine.reading.yaml_file import read

    for path in paths:
        plain, _, _ = read(path, str(path))
        kind, problems = kind_in(path, str(path))
        if problems:
            raise InvalidWorkflowError([each.text for each in problems])
        yield path.stem, (plain, kind)


def _name_of(
    path: Path, letters: Iterable[NewText], declared: Mapping[str, tuple[Mapping[str, object], "LetterKind"]]
) -> str:
    """Return of which kind a template is: it is called as the kind, or by its title."""
    from documents.letters.kinds import kind_called

    known = {each.name: _kind(each) for each in letters} | {name: kind for name, (_, kind) in declared.items()}
    by_title = {kind.title.zh: name for name, kind in known.items()}
    name = path.stem if path.stem in known else by_title.get(path.stem)
    if name is None:
        try:
            near = kind_called(path.stem, known=known).name
        except NotFoundError as error:
            raise BadFileError(Text(f"{path}: {error.sentence.en}", f"{path}：{error.sentence.zh}")) from error
        raise BadFileError(
            Text(
                f"{path}: call the file as its kind of letter is called, {near}{TEMPLATE}",
                f"{path}：文件名须与文书名称一致：{known[near].title.zh}{TEMPLATE}",
            )
        )
    return name


def _kind(text: NewText) -> "LetterKind":
    """Return a kind that is adopted, or comes with the program."""
    from documents.letters.kinds import kind_in

    return kind_in(KeptText(text.name, text.plain), f"{text.name}.yaml")[0]


def _template(name: str, path: Path, *, shipped: bool) -> NewText:
    """Return a Word file as a text that may be adopted, byte by byte."""
    try:
        content = path.read_bytes()
    except OSError as error:
        why = system_reason(error)
        raise BadFileError(Text(f"{path} cannot be read ({why.en})", f"无法读取 {path}（{why.zh}）")) from error
    if len(content) > LARGEST:
        raise BadFileError(
            Text(f"{path} is larger than 2 MB; make its pictures smaller", f"{path} 超过 2 MB，请缩小其中的图片")
        )
    return new_text(TextKind.TEMPLATE, name, {"docx": b64encode(content).decode()}, shipped=shipped)
