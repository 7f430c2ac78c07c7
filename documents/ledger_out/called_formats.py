"""Formats of ledgers by what people call them, out of the texts that a house has adopted."""

from collections.abc import Callable, Mapping

from documents.ledger_out.formats import Format, parse_format
from engine.errors import InvalidWorkflowError, NotFoundError
from engine.language import Text
from engine.reading.yaml_file import read
from engine.workflow.called import called, near
from engine.workflow.model import Workflow
from engine.workflow.texts import Source


def format_called(known: Mapping[str, Source], name: str, latest: Callable[[str], Workflow]) -> Format:
    """Return the format called *name*.

    Args:
        known: The texts that are adopted, by name.
        latest: Gives the newest version of a workflow.

    Raises:
        NotFoundError: If there is none.
        InvalidWorkflowError: If it is not sound; everything that is wrong is named.
    """
    titles = {each: format_title(source, each) for each, source in known.items()}
    found = called(name, titles)
    if found is None:
        guess = near(name, titles)
        is_file = name.lower().endswith((".yaml", ".yml"))
        adopt = Text(f"adopt the file first: qingling adopt {name}", f"请先采用该文件：qingling adopt {name}")
        see = adopt if is_file else Text("see: qingling export formats", "请查看：qingling export formats")
        raise NotFoundError(
            Text(f"there is no format '{name}'{guess.en}; {see.en}", f"没有格式“{name}”{guess.zh}；{see.zh}")
        )
    plain, where, _ = read(known[found], found)
    declared = latest(str(plain.get("workflow") or "lead"))
    form, problems = parse_format({"ledger": found, **plain}, declared, where=where)
    if form is None or problems:
        raise InvalidWorkflowError([each.text for each in problems])
    return form


def format_title(source: Source, name: str) -> Text:
    """Return the title of a format, or its name where it has none."""
    title = read(source, name)[0].get("title")
    return Text(str(title.get("en", name)), str(title.get("zh", name))) if isinstance(title, dict) else Text(name, name)


def format_workflow(source: Source, name: str) -> str:
    """Return of which workflow a format lists the cases."""
    return str(read(source, name)[0].get("workflow") or "lead")
