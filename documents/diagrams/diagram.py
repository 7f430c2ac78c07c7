"""A workflow as a picture: Mermaid text always, SVG and PNG where Graphviz is installed.

The library that moves cases draws them too: its `GraphMachine` is given the same states and the steps
that our machine knows, with titles for people to read. This is its only adapter, apart from the one in
`engine.rules.machine`: drawing needs titles of roles and other workflows, which rules know nothing of,
and a decision must never pay for a picture.
"""

import textwrap
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from documents.diagrams.wording import Roles, badges, opened, step_lines
from engine.errors import BadFileError
from engine.language import Text, t
from engine.rules.machine import Machine
from engine.system.whole_files import written
from engine.workflow.model import Workflow

if TYPE_CHECKING:
    from graphviz import Digraph

MERMAID_ENDINGS: Final = (".mmd", ".mermaid")
GRAPHVIZ_ENDINGS: Final = (".svg", ".png")
PNG_DPI: Final = "144"
"""Twice what screens showed when Graphviz was made: small letters stay legible on paper."""


def mermaid(workflow: Workflow, *, roles: Roles, others: Mapping[str, Workflow]) -> str:
    """Return *workflow* as a Mermaid state diagram in the language in use.

    Args:
        roles: Titles of roles, by name.
        others: The workflows whose titles are said where a step opens a case.
    """
    text: str = _drawn(workflow, roles, others, _MERMAID).source
    # The flat engine of the library leaves out that a final state ends the case.
    ends = (f"  {_id(name)} --> [*]\n" for name, each in workflow.states.items() if each.final)
    return text + "\n" + "".join(ends)


def graphviz_source(workflow: Workflow, *, roles: Roles, others: Mapping[str, Workflow]) -> "Digraph":
    """Return *workflow* as a graph that Graphviz lays out, in the language in use.

    Args:
        roles: Titles of roles, by name.
        others: The workflows whose titles are said where a step opens a case.
    """
    graph: Digraph = _drawn(workflow, roles, others, _GRAPHVIZ)
    # The library draws no arrow into the first state here, as it does in Mermaid.
    graph.node("start", label="", shape="point", width="0.15", color="#57606a")
    graph.edge("start", _id(workflow.initial))
    return graph


def write(workflow: Workflow, file: Path, *, roles: Roles, others: Mapping[str, Workflow]) -> None:
    """Draw *workflow* into *file*, as its ending says: .svg, .png or .mmd.

    Raises:
        BadFileError: If the ending is another one, the file cannot be written, or Graphviz is needed
            and not installed, or fails.
    """
    ending = file.suffix.lower()
    if ending in MERMAID_ENDINGS:
        content = mermaid(workflow, roles=roles, others=others).encode()
    elif ending in GRAPHVIZ_ENDINGS:
        content = _laid_out(graphviz_source(workflow, roles=roles, others=others), ending.removeprefix("."))
    else:
        raise BadFileError(
            Text(
                f"{file}: pictures end in .svg, .png or .mmd; give the file one of these endings",
                f"{file}：图形文件须以 .svg、.png 或 .mmd 结尾",
            )
        )
    with written(file, private=False) as made:
        made.write_bytes(content)


def _laid_out(graph: "Digraph", form: str) -> bytes:
    """Return the picture that Graphviz makes of *graph*.

    Raises:
        BadFileError: If Graphviz is not installed, or fails.
    """
    import graphviz

    if form == "png":
        graph.graph_attr["dpi"] = PNG_DPI
    try:
        content: bytes = graph.pipe(form)
    except graphviz.ExecutableNotFound as error:
        raise BadFileError(
            Text(
                "drawing SVG or PNG needs Graphviz (its program dot), which is not installed; "
                "install graphviz, or write .mmd instead",
                "生成 SVG 或 PNG 需要 Graphviz（dot 程序），但未安装；请安装 graphviz，或改用 .mmd",
            )
        ) from error
    except graphviz.CalledProcessError as error:
        raise BadFileError(
            Text("Graphviz (dot) drew nothing; write .mmd instead", "Graphviz（dot）未能生成图形；请改用 .mmd")
        ) from error
    return content


class _Form(NamedTuple):
    """What the two engines of the library want written differently."""

    engine: Literal["graphviz", "mermaid"]
    safe: Callable[[str], str]
    """Makes words of people harmless: a title is never markup."""
    break_box: str
    break_arrow: str
    """Begins a new line in a box, and on an arrow."""
    pad: str
    """Keeps the words beside an arrow off its line."""
    title: Callable[[str], str]
    attributes: Mapping[str, str]
    styles: Mapping[str, Mapping[str, Mapping[str, str]]]


class _Arrows:
    """The arrows of a picture, one between each two boxes: Graphviz and Mermaid lay several on each other badly."""

    def __init__(self) -> None:
        self._labels: dict[tuple[str, str], list[str]] = {}
        self.styles: dict[tuple[str, str], str] = {}

    def add(self, source: str, target: str, label: str, *, style: str = "default") -> None:
        """Add a label to the arrow between two boxes."""
        labels = self._labels.setdefault((source, target), [])
        if label not in labels:
            labels.append(label)
        self.styles[source, target] = style

    def transitions(self, line_break: str) -> Iterator[dict[str, str]]:
        """Yield them as the library takes them; the trigger is only a name here."""
        for (source, target), labels in self._labels.items():
            name = f"{source}__{target}"
            yield {"trigger": name, "source": source, "dest": target, "label": line_break.join(labels)}


def _drawn(workflow: Workflow, roles: Roles, others: Mapping[str, Workflow], form: _Form) -> Any:
    """Return the graph that the library makes of a workflow: titles on boxes and arrows, children dashed."""
    from transitions.extensions.diagrams import GraphMachine

    machine = Machine(workflow)
    places = {name: at for at, name in enumerate(workflow.states)}
    boxes = {_id(name): _box(workflow, name, form) for name in workflow.states}
    styles = {_id(name): _style(workflow, name) for name in workflow.states}
    arrows = _Arrows()
    for name in workflow.states:
        for step in machine.leaving(name):
            target = step.target or name
            if target != name:
                lines = chain.from_iterable(map(_wrapped, step_lines(workflow, step, roles)))
                label = form.break_arrow.join(form.pad + form.safe(each) + form.pad for each in lines)
                leads_back = places[target] < places[name]
                arrows.add(_id(name), _id(target), label, style="back" if leads_back else "default")
            for child, title in opened(step, others):
                boxes[f"child_{child}"], styles[f"child_{child}"] = form.safe(title), "child"
                arrows.add(_id(target), f"child_{child}", form.safe(t("opens", "生成")), style="opens")
    if staying := _staying(workflow, machine, roles):
        boxes["staying"], styles["staying"] = form.break_box.join(map(form.safe, staying)), "child"
    drawing: Any = GraphMachine(
        # Without a model nothing is bound, and no state is coloured as the present one.
        model=None,
        states=list(boxes),
        initial=_id(workflow.initial),
        transitions=list(arrows.transitions(form.break_arrow)),
        auto_transitions=False,
        graph_engine=form.engine,
    )
    for name, label in boxes.items():
        drawing.states[name].label = label  # read by the library, though its states take none when they are made
    drawing.machine_attributes = dict(form.attributes)
    drawing.style_attributes = {kind: dict(styles) for kind, styles in form.styles.items()}
    graph = drawing.graph_cls(drawing)
    for name, style in styles.items():
        graph.set_node_style(name, style)
    for (source, target), style in arrows.styles.items():
        graph.custom_styles["edge"][source][target] = style
    return graph.get_graph(title=form.title(str(workflow.title)))


def _box(workflow: Workflow, state: str, form: _Form) -> str:
    """Return what stands in the box of a state: its title and the deadlines that run or rest in it."""
    lines = [str(workflow.states[state].title)]
    lines += [
        "• " + (t("rests: {words}", "暂停：{words}", words=each.words) if each.rests else each.words)
        for each in badges(workflow, state)
    ]
    return form.break_box.join(map(form.safe, lines))


def _staying(workflow: Workflow, machine: Machine, roles: Roles) -> list[str]:
    """Return the lines of the steps that leave the case where it is; none if there is no such step.

    They stand in a box of their own: many can be taken in nearly every state, and as arrows or in each
    state's box they would hide where the others lead.
    """
    found = {
        step.name: " ".join(step_lines(workflow, step, roles))
        for state in workflow.states
        for step in machine.leaving(state)
        if step.target in (None, state)
    }
    if not found:
        return []
    return [t("Steps that do not change the state", "不改变状态的动作"), *(f"↻ {each}" for each in found.values())]


def _wrapped(words: str) -> list[str]:
    """Return *words* in lines short enough to stand beside an arrow; Chinese signs are twice as wide."""
    return textwrap.wrap(words, 30 if words.isascii() else 20)


def _style(workflow: Workflow, state: str) -> str:
    """Return the name of the style of a state: how a case counts in it, and whether it is final."""
    counts = "open"
    if state in workflow.fully_closed.states:
        counts = "closed"
    elif state in workflow.cleared.states:
        counts = "cleared"
    return f"{counts}_final" if workflow.states[state].final else counts


def _id(state: str) -> str:
    """Return the name of a state in the drawing; alone, `state` or `end` would be words of Mermaid's."""
    return f"s_{state}"


def _one_line(words: str) -> str:
    """Return *words* on one line, without signs that cannot be seen."""
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())


def _safe_mermaid(words: str) -> str:
    """Return *words* with the signs that mean something to Mermaid as its entities."""
    return "".join(f"#{ord(each)};" if each in _SIGNS else each for each in _one_line(words))


def _safe_graphviz(words: str) -> str:
    """Return *words* with the signs that begin an escape or an entity in Graphviz escaped themselves."""
    return _one_line(words).replace("\\", "\\\\").replace("&", "&amp;")


def _mermaid_title(words: str) -> str:
    """Return the title as Mermaid's front matter, which is YAML, writes it."""
    return 'title: "' + _one_line(words).replace("\\", "\\\\").replace('"', '\\"') + '"'


_SIGNS: Final = frozenset('#;:"<>{}[]`%&')

_COLOURS: Final = {"open": ("#f6f8fa", "#57606a"), "cleared": ("#dff3e4", "#2f8f4e"), "closed": ("#b9e4c4", "#1a6b35")}
"""Fill and line of a state, by how a case counts in it."""

_GRAPHVIZ: Final = _Form(
    engine="graphviz",
    safe=_safe_graphviz,
    break_box="\\l",
    break_arrow="\\n",
    pad="  ",
    title=_safe_graphviz,
    attributes={"rankdir": "TB", "labelloc": "t", "fontname": "sans-serif", "fontsize": "18", "nodesep": "0.35"},
    styles={
        "graph": {"default": {"bgcolor": "white"}},
        "node": {
            "default": {"shape": "box", "style": "rounded,filled", "fontname": "sans-serif", "fontsize": "12"},
            **{
                name + end: {"fillcolor": fill, "color": line, "peripheries": peripheries}
                for name, (fill, line) in _COLOURS.items()
                for end, peripheries in (("", "1"), ("_final", "2"))
            },
            "child": {"style": "dashed,filled", "fillcolor": "white", "color": "#57606a"},
        },
        "edge": {
            "default": {"fontname": "sans-serif", "fontsize": "10", "color": "#57606a"},
            "back": {"style": "dashed", "color": "#8250df", "fontcolor": "#8250df"},
            "opens": {"style": "dotted", "arrowhead": "empty"},
        },
    },
)

_MERMAID: Final = _Form(
    engine="mermaid",
    safe=_safe_mermaid,
    break_box="<br/>",
    break_arrow="<br/>",
    pad="",
    title=_mermaid_title,
    attributes={"rankdir": "TB"},
    styles={
        "node": {
            **{
                name + end: {"fill": fill, "stroke": line, "stroke-width": width}
                for name, (fill, line) in _COLOURS.items()
                for end, width in (("", "1px"), ("_final", "3px"))
            },
            "child": {"fill": "#ffffff", "stroke": "#57606a", "stroke-dasharray": "5 3"},
        },
        "edge": {},
    },
)
