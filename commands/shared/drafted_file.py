"""A log made into a draft of a workflow, which is checked and proved as any other file."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from engine.errors import BadFileError, BadValueError, InvalidWorkflowError
from engine.language import Text

if TYPE_CHECKING:
    from engine.proving.proof_verdicts import ProvedWorkflow
    from engine.replaying.mining import MinedLog

ZONE: Final = "Asia/Shanghai"
"""Of instants without one, where no map says otherwise."""
_UNNAMED: Final = "mined"


def mined_log(log: Path, map_file: Path | None, *, steps: int | None) -> "MinedLog":
    """Return what a log shows.

    Args:
        map_file: What its columns are.
        steps: How many steps are kept; None for as few as cover most cases.

    Raises:
        BadFileError: If the log cannot be read, or holds no completed event.
        InvalidWorkflowError: If the map is not sound.
        BadValueError: If so few steps cover no case.
    """
    from documents.event_log_in import read_events
    from engine.replaying.log_map import LogMap, read_columns
    from engine.replaying.mining import mined, traces

    log_map = LogMap() if map_file is None else read_columns(map_file)
    zone = log_map.zone or ZONE
    events = read_events(log, log_map.columns, zone=zone, assumed=log_map.zone is None)
    found, pairs = traces(events, ignore=log_map.ignore, zone=zone)
    if not found:
        raise BadFileError(Text(f"{log}: there is no completed event in it", f"{log}：没有已完成的事件"))
    return mined(found, pairs, steps=steps)


def drafted(found: "MinedLog", output: Path | None, *, today: date) -> "tuple[str, ProvedWorkflow]":
    """Return the draft and what is proved of it, and write it if a file is named.

    Args:
        output: The file, whose name is that of the workflow; None for none.
        today: Local date.

    Raises:
        BadFileError: If the file is there, or cannot be written.
        BadValueError: If its name is none that a workflow can have.
    """
    from engine.proving.prove import prove
    from engine.reading.terms import A_NAME, NAME
    from engine.replaying.mined_draft import draft
    from engine.system.whole_files import written
    from workflows.loader import Declarations

    name = _UNNAMED if output is None else output.stem
    if not NAME.fullmatch(name) or (output is not None and output.suffix not in {".yaml", ".yml"}):
        wrong = Text(f"{output}: {A_NAME.en}, and .yaml after it", f"{output}：{A_NAME.zh}，扩展名为 .yaml")
        raise BadValueError(wrong)
    text = draft(found, name)
    with TemporaryDirectory() as folder:
        trial = Path(folder) / f"{name}.yaml"
        trial.write_text(text, "utf-8", newline="\n")
        declarations = Declarations()
        _, problems = declarations.check((trial,))
        if problems:
            raise InvalidWorkflowError([each.text for each in problems])
        ((workflow, known, _),) = declarations.around((trial,))
        proof = prove(workflow, known, today=today)
    if output is None:
        return text, proof
    try:
        with written(output, replace=False, private=False) as file:
            file.write_text(text, "utf-8", newline="\n")
    except FileExistsError as taken:
        raise BadFileError(Text(f"{output}: is there already", f"{output}：文件已存在")) from taken
    return text, proof
