"""Where the house keeps templates of letters of its own."""

from pathlib import Path

from commands.console.context import workflows_folder
from commands.console.environment import LETTERS, path_variable
from engine.errors import BadFileError
from engine.language import Text


def letter_folders(database: str) -> list[Path]:
    """Return the folders of the house's own templates: `letters` in its workflows, then QINGLING_LETTERS.

    Raises:
        BadFileError: If QINGLING_LETTERS names no folder.
    """
    workflows = workflows_folder(database)
    found = [workflows / "letters"] if workflows is not None else []
    found = [each for each in found if each.is_dir()]
    own = path_variable(LETTERS)
    if own is not None:
        if not own.is_dir():
            raise BadFileError(Text(f"{LETTERS}: there is no such folder: {own}", f"{LETTERS}：没有这个文件夹：{own}"))
        found.append(own)
    return found
