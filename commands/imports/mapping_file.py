"""Mapping files, which say what the columns of a ledger are: read, and written ready to be edited."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.errors import BadFileError, BadValueError
from engine.language import Text, t
from engine.workflow.model import Workflow
from presentation.import_words import HOWS, every_field, field_title, is_sealed

if TYPE_CHECKING:
    from documents.ledger_in.sheet_model import Heading, SheetRead

_PLAIN: Final = re.compile(r"[\u3400-\u9fffA-Za-z][\u3400-\u9fffA-Za-z0-9（）()、]*")
"""Headings that need no quotation marks in YAML."""

_COLON: Final = re.compile(r"^([^\n#:：]+)：[ \t]*", re.MULTILINE)
_DASH: Final = re.compile(r":[ \t]+-(?=[ \t]*(?:#|$))", re.MULTILINE)


def read_mapping(file: Path | None) -> Mapping[str, str] | None:
    """Return what each heading or letter stands for, as a file says.

    Raises:
        BadFileError: If the file is no such mapping.
    """
    if file is None:
        return None
    from engine.reading.yaml_file import read

    plain, _, problems = read(file, str(file), mended=_as_yaml)
    if problems:
        raise BadFileError(problems[0].text)
    if not plain or any(isinstance(each, (dict, list)) for each in plain.values()):
        raise BadFileError(
            Text(
                f"{file}: write one column per line, such as 反映内容: summary",
                f"{file}：每行写一栏，如“反映内容: 反映的主要问题”",
            )
        )
    return {str(heading): "" if field is None else str(field) for heading, field in plain.items()}


def _as_yaml(text: str) -> str:
    """Return a mapping as people write it, with a dash alone or the colon of Chinese keyboards, as YAML."""
    return _DASH.sub(r': "-"', _COLON.sub(r"\1: ", text))


def write_mapping(workflow: Workflow, sheets: "Sequence[SheetRead]", ledger: Path, out: Path) -> None:
    """Write what the columns of a ledger seem to be: one line a column, with the reason, what else it may be, samples.

    What is certain stands there as a comment: it holds without the file.

    Raises:
        BadValueError: If there is such a file already, which somebody may have edited.
        BadFileError: If it cannot be written.
    """
    from engine.system.whole_files import make_folder, written

    if lexists(out):
        raise BadValueError(Text(f"{out} is there already; name another file", f"已有 {out}，请另写一个文件名"))
    make_folder(out.parent)
    with written(out, private=False) as place:
        place.write_text("\n".join([*_lines(workflow, sheets, ledger), ""]), "utf-8")


def _lines(workflow: Workflow, sheets: "Sequence[SheetRead]", ledger: Path) -> "Sequence[str]":
    fields = t(", ", "、").join(str(field_title(workflow, each)) for each in every_field(workflow))
    lines = [
        t(
            "# What the columns of {file} are: HEADING: FIELD",
            "# {file} 各列的对应关系，写作“表头: 字段”",
            file=ledger.name,
        ),
        t("# - after the colon: no field, kept as it stands", "# 冒号后写 - 表示不作字段，原样保留"),
        t("# Fields: {fields}", "# 可用字段：{fields}", fields=fields),
        "",
    ]
    written: set[str] = set()
    for sheet in sheets:
        often = Counter(each.text for each in sheet.headings)
        for each in sheet.headings:
            # What stands over two columns is named by the letter of each.
            name = each.text if often[each.text] == 1 else each.letter
            if name not in written:
                written.add(name)
                lines.append(_line(workflow, name, each))
    return lines


def _line(workflow: Workflow, name: str, heading: "Heading") -> str:
    """Return the line of one column."""
    key = name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    if heading.field is not None or heading.how in {"kept", "ignored"}:
        title = "-" if heading.field is None else field_title(workflow, heading.field)
        return f"# {key}: {title}    # {heading.letter} {HOWS[heading.how]}"
    titles = [str(field_title(workflow, each)) for each in heading.candidates]
    said = [heading.letter, _reason(heading)]
    if titles[1:]:
        said.append(t("or {others}", "也可能是{others}", others=t(", ", "、").join(titles[1:])))
    if heading.samples and not any(is_sealed(workflow, each) for each in heading.candidates):
        said.append(t("below: {samples}", "下面如：{samples}", samples=t(", ", "、").join(heading.samples)))
    return f"{key}: {titles[0] if titles else '-'}    # " + t("; ", "；").join(" ".join(each.split()) for each in said)


def _reason(heading: "Heading") -> str:
    """Return why the first field of a line is the best guess."""
    if not heading.candidates:
        return t("nothing tells what it is", "看不出是什么，原样保留")
    if heading.proposal is not None:
        return t("guessed by its words and what stands below, check it", "按表头用字和下面的内容推测，请核对")
    return t("guessed by what stands below, check it", "按下面的内容推测，请核对")
