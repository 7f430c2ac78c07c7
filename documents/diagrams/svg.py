"""Draws a workflow as SVG: states as boxes, steps as arrows, deadlines as badges, guards as notes below.

Everything is drawn here, with the fonts of whoever looks at it: no program and no network is needed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

from documents.diagrams.layout import Arrow, ArrowRoute, Layout, Point, Size, layered
from documents.diagrams.wording import Badge, DiagramStep, Roles, badges, moves, stays, steps
from engine.language import language, t
from engine.workflow.model import State, Workflow

FONTS = (
    "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','Hiragino Sans GB',"
    "'WenQuanYi Micro Hei','SimHei','Segoe UI',Arial,sans-serif"
)
MARGIN = 32.0
HEAD = 84.0
"""Height of the title and the legend."""
COLUMN = 400.0
"""Least width of a column of notes."""
GUTTER = 24.0
"""Between two columns of notes."""
START = 24.0
"""Room for the dot from which every case starts."""
LINE = 17.0
"""Height of a line of notes."""


def drawn(workflow: Workflow, *, roles: Roles, others: Mapping[str, Workflow]) -> str:
    """Return the SVG of *workflow* in the language in use."""
    told = steps(workflow, roles, others)
    pairs = moves(workflow)
    boxes = {name: _box_of(workflow, state) for name, state in workflow.states.items()}
    labels = [_Label([told[name] for name in names]) for names in pairs.values()]
    layout = layered(
        {name: box.size for name, box in boxes.items()},
        [
            Arrow(source=source, target=target, label=label.size)
            for (source, target), label in zip(pairs, labels, strict=True)
        ],
    )
    width = max(layout.width, 2 * COLUMN + GUTTER) + 2 * MARGIN
    left = (width - layout.width) / 2
    notes = list(_notes(workflow, told))
    parts: list[str] = []
    parts += _head(workflow, width)
    parts.append(f'<g transform="translate({_n(left)} {_n(HEAD + START + MARGIN)})">')
    parts += _start(workflow, layout, boxes)
    parts += [_line(route) for route in layout.routes]
    parts += [part for name, box in boxes.items() for part in _box(box, layout.boxes[name])]
    parts += [part for label, route in zip(labels, layout.routes, strict=True) for part in label.drawn(route)]
    parts.append("</g>")
    top = HEAD + START + MARGIN + layout.height + MARGIN
    below, height = _panel(notes, top, width)
    parts += below
    return _page(workflow, width, height, parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Box:
    """A state as it is drawn."""

    state: State
    badges: tuple[Badge, ...]
    is_first: bool
    counts: int
    """0: open, 1: cleared, 2: fully closed."""

    @property
    def size(self) -> Size:
        """Return how much room the box needs."""
        widths = [_width(str(self.state.title), 15, bold=True) + 36, _width(self.state.name, 10.5) + 36, 118.0]
        widths += [_width(_badge_words(each), 11) + 38 for each in self.badges]
        return Size(width=max(widths), height=48 + 21 * len(self.badges) + (4 if self.badges else 0))


class _Label:
    """The steps beside one arrow."""

    def __init__(self, told: Sequence[DiagramStep]) -> None:
        self.told = told
        rows = [max(_width(each.title, 12.5, bold=True) + 24, _width(_who(each), 10.5)) for each in told]
        self.size = Size(width=max(rows) + 12, height=32.0 * len(told) + 2)

    def drawn(self, route: ArrowRoute) -> Iterator[str]:
        """Yield the label in the middle of its arrow."""
        x, y = route.label
        left, top = x - self.size.width / 2, y - self.size.height / 2
        yield (
            f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(self.size.width)}" height="{_n(self.size.height)}" '
            f'rx="5" class="{"back" if route.back else "on"} label"/>'
        )
        for index, each in enumerate(self.told):
            middle = top + 32 * index + 1
            title = _width(each.title, 12.5, bold=True)
            start = x - (title + 22) / 2
            yield _number(each, start + 8, middle + 10)
            yield _text(each.title, start + 20, middle + 14.5, "step")
            yield _text(_who(each), x, middle + 28, "who", anchor="middle")


def _box_of(workflow: Workflow, state: State) -> _Box:
    """Return how *state* is drawn."""
    closed, cleared = state.name in workflow.fully_closed.states, state.name in workflow.cleared.states
    return _Box(
        state=state,
        badges=badges(workflow, state.name),
        is_first=state.name == workflow.initial,
        counts=2 if closed else 1 if cleared else 0,
    )


def _box(box: _Box, corner: Point) -> Iterator[str]:
    """Yield the drawing of a state."""
    x, y = corner
    size = box.size
    yield (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(size.width)}" height="{_n(size.height)}" rx="9" '
        f'class="state counts{box.counts}"/>'
    )
    if box.state.final:
        yield (
            f'<rect x="{_n(x + 4)}" y="{_n(y + 4)}" width="{_n(size.width - 8)}" height="{_n(size.height - 8)}" '
            f'rx="6" class="inner counts{box.counts}"/>'
        )
    middle = x + size.width / 2
    yield _text(str(box.state.title), middle, y + 22, "title", anchor="middle")
    yield _text(box.state.name, middle, y + 38, "name", anchor="middle")
    for index, badge in enumerate(box.badges):
        words = _badge_words(badge)
        wide = _width(words, 11) + 18
        kind = "rests" if badge.rests else "law" if badge.is_law else "term"
        top = y + 46 + 21 * index
        yield (
            f'<rect x="{_n(middle - wide / 2)}" y="{_n(top)}" width="{_n(wide)}" height="18" rx="9" class="{kind}"/>'
        )
        yield _text(words, middle, top + 13, f"{kind} words", anchor="middle")


def _start(workflow: Workflow, layout: Layout, boxes: Mapping[str, _Box]) -> Iterator[str]:
    """Yield the dot from which every case starts."""
    if workflow.initial in layout.boxes:
        x, y = layout.boxes[workflow.initial]
        middle = x + boxes[workflow.initial].size.width / 2
        yield f'<circle cx="{_n(middle)}" cy="{_n(y - 26)}" r="7" class="start"/>'
        yield f'<path d="M{_n(middle)} {_n(y - 19)}V{_n(y - 2)}" class="on" marker-end="url(#on)"/>'


def _line(route: ArrowRoute) -> str:
    """Return the curve of an arrow."""
    (x, y), *others = route.points
    way = [f"M{_n(x)} {_n(y)}"]
    for to_x, to_y in others:
        if abs(to_x - x) < 0.5:
            way.append(f"L{_n(to_x)} {_n(to_y)}")
        else:
            half = (y + to_y) / 2
            way.append(f"C{_n(x)} {_n(half)} {_n(to_x)} {_n(half)} {_n(to_x)} {_n(to_y)}")
        x, y = to_x, to_y
    kind = "back" if route.back else "on"
    return f'<path d="{"".join(way)}" class="{kind}" marker-end="url(#{kind})"/>'


def _number(step: DiagramStep, x: float, y: float) -> str:
    """Return the number of a step; filled if there is a note on it below."""
    kind = "noted" if _has_note(step) else "plain"
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="7.5" class="{kind}"/>' + _text(
        str(step.number), x, y + 3.2, f"{kind} digits", anchor="middle"
    )


@dataclass(frozen=True, slots=True)
class _Note:
    """What is said below the drawing of one step."""

    step: DiagramStep
    lines: tuple[tuple[str, str], ...]
    """The style and the words of each, not yet broken."""


def _has_note(step: DiagramStep) -> bool:
    """Say whether there is more to tell of a step than stands at its arrow."""
    return bool(step.brings or step.refused_if or step.condition or step.opens)


def _notes(workflow: Workflow, told: Mapping[str, DiagramStep]) -> Iterator[_Note]:
    """Yield what is said below the drawing, in the order of the steps."""
    staying = stays(workflow)
    for name, step in told.items():
        lines: list[tuple[str, str]] = []
        if name in staying:
            states = t(", ", "、").join(str(workflow.states[each].title) for each in staying[name])
            lines.append(("in", t("by {who}, in: {states}", "{who}；适用：{states}", who=step.who, states=states)))
        if step.condition:
            lines.append(("if", t("only if {words}", "仅当 {words}", words=step.condition)))
        if step.brings:
            lines.append(("in", t("needs: {words}", "须有：{words}", words=step.brings)))
        lines += [("no", each) for each in step.refused_if]
        if step.opens:
            lines.append(("in", t("opens: {words}", "同时开立：{words}", words=step.opens)))
        if lines:
            yield _Note(step, tuple(lines))


def _panel(notes: Sequence[_Note], top: float, width: float) -> tuple[list[str], float]:
    """Return the notes in columns below *top*, and where they end."""
    if not notes:
        return [], top
    room = width - 2 * MARGIN
    count = max(1, int((room + GUTTER) // (COLUMN + GUTTER)))
    wide = (room - GUTTER * (count - 1)) / count
    blocks = [_note(note, wide) for note in notes]
    columns = _columns([height for _, height in blocks], count)
    parts = [
        f'<line x1="{_n(MARGIN)}" x2="{_n(width - MARGIN)}" y1="{_n(top)}" y2="{_n(top)}" class="rule"/>',
        _text(
            t("What the steps need, and when they are refused (✕)", "各步骤的要求与不予办理的情形（✕）"),
            MARGIN,
            top + 26,
            "heading",
        ),
    ]
    bottoms = [top + 40.0] * count
    for (lines, height), column in zip(blocks, columns, strict=True):
        x = MARGIN + column * (wide + GUTTER)
        parts.append(f'<g transform="translate({_n(x)} {_n(bottoms[column])})">{"".join(lines)}</g>')
        bottoms[column] += height
    return parts, max(bottoms) + MARGIN / 2


def _columns(heights: Sequence[float], count: int) -> list[int]:
    """Return the column of each block so that they are read downwards and the columns are about even."""
    limit = max(sum(heights) / count, *heights)
    while True:
        column, used, found = 0, 0.0, []
        for height in heights:
            if used and used + height > limit:
                column, used = column + 1, 0.0
            used += height
            found.append(column)
        if column < count:
            return found
        limit *= 1.03


def _note(note: _Note, wide: float) -> tuple[list[str], float]:
    """Return the lines of a note, and its height."""
    parts = [_number(note.step, 8, 8), _text(note.step.title, 22, 12.5, "step")]
    y = 12.5 + LINE
    for style, words in note.lines:
        for index, line in enumerate(_broken(words, wide - 38, 11.5)):
            if style == "no" and index == 0:
                parts.append(_text("✕", 22, y, "cross"))
            parts.append(_text(line, 36 if style == "no" else 22, y, f"note {style}"))
            y += LINE
    return parts, y


def _head(workflow: Workflow, width: float) -> Iterator[str]:
    """Yield the title and the legend."""
    version = t("{name}, version {version}", "{name} 第 {version} 版", name=workflow.name, version=workflow.version)
    yield _text(str(workflow.title), MARGIN, 42, "headline")
    yield _text(version, MARGIN + _width(str(workflow.title), 22, bold=True) + 14, 42, "name large")
    legend = (
        ("state counts1", t("cleared", "本单位办结")),
        ("state counts2", t("fully closed", "闭环销号")),
        ("term", t("deadline (* not for every case)", "期限（* 视情形适用）")),
        ("law", t("deadline by law", "法定期限")),
        ("rests", t("deadline rests", "期限暂停")),
    )
    x = MARGIN
    for kind, words in legend:
        yield f'<rect x="{_n(x)}" y="58" width="20" height="13" rx="4" class="{kind}"/>'
        yield _text(words, x + 26, 69, "legend")
        x += 26 + _width(words, 11) + 22
    yield f'<path d="M{_n(x)} 64.5h22" class="back" marker-end="url(#back)"/>'
    words = t("back to an earlier state", "退回前一状态")
    yield _text(words, x + 32, 69, "legend")
    yield f'<line x1="{_n(MARGIN)}" x2="{_n(width - MARGIN)}" y1="{_n(HEAD)}" y2="{_n(HEAD)}" class="rule"/>'


def _page(workflow: Workflow, width: float, height: float, parts: Iterable[str]) -> str:
    """Return the whole file."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}" height="{_n(height)}" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" lang="{language()}" role="img">\n'
        f"<title>{escape(_printable(str(workflow.title)))}</title>\n"
        f"<style>{_STYLE}</style>\n"
        f"<defs>{_marker('on', '#57606a')}{_marker('back', '#8a63b8')}</defs>\n"
        f'<rect width="{_n(width)}" height="{_n(height)}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _marker(name: str, colour: str) -> str:
    """Return the head of an arrow."""
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
    )


def _text(words: str, x: float, y: float, kind: str, *, anchor: str = "") -> str:
    """Return a line of text; its left end, or its middle, stands at *x*."""
    place = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{_n(x)}" y="{_n(y)}" class="{kind}"{place}>{escape(_printable(words))}</text>'


def _printable(words: str) -> str:
    """Return *words* without the control characters that XML forbids."""
    return "".join(each if each.isprintable() else " " for each in words)


def _who(step: DiagramStep) -> str:
    """Return who may take a step, short enough to stand at an arrow."""
    return _shortened(step.who, 190, 10.5)


def _badge_words(badge: Badge) -> str:
    """Return what stands in a badge."""
    return t("rests: {words}", "暂停：{words}", words=badge.words) if badge.rests else badge.words


def _width(words: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide *words* are in pixels; Chinese stands in squares."""
    units = sum(1.0 if east_asian_width(each) in "WFA" else _LATIN.get(each, 0.56) for each in words)
    return units * size * (1.04 if bold else 1.0)


def _shortened(words: str, room: float, size: float) -> str:
    """Return *words* cut to *room*, with an ellipsis if something is left out."""
    if _width(words, size) <= room:
        return words
    while words and _width(words + "…", size) > room:
        words = words[:-1]
    return words + "…"


def _broken(words: str, room: float, size: float) -> Iterator[str]:
    """Yield *words* in lines that fit into *room*; Latin words stay whole, marks do not begin a line."""
    line = ""
    for piece in _pieces(words):
        if line and _width(line + piece, size) > room and piece not in _NEVER_FIRST:
            yield line.rstrip()
            line = piece.lstrip()
        else:
            line += piece
    if line.strip():
        yield line.rstrip()


def _pieces(words: str) -> Iterator[str]:
    """Yield single wide characters, and Latin words with the blank that follows them."""
    word = ""
    for each in words:
        if east_asian_width(each) in "WFA":
            if word:
                yield word
            yield each
            word = ""
        else:
            word += each
            if each == " ":
                yield word
                word = ""
    if word:
        yield word


def _n(value: float) -> str:
    """Return a length as SVG writes it."""
    return f"{value:.1f}".removesuffix(".0")


_NEVER_FIRST = frozenset("，。、；：？！）》」』】〕”’")

_LATIN: Mapping[str, float] = {
    **dict.fromkeys("iIjl.,:;'|!()[] ", 0.31),
    **dict.fromkeys("frt-/", 0.4),
    **dict.fromkeys("mwMW", 0.86),
    **dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ", 0.66),
    "_": 0.5,
}
"""Widths of letters that are far from the usual one, in parts of the size."""

_STYLE = (
    f"text{{font-family:{FONTS};fill:#1f2328}}"
    ".headline{font-size:22px;font-weight:700}"
    ".heading{font-size:13px;font-weight:700}"
    ".title{font-size:15px;font-weight:700}"
    ".name{font-size:10.5px;fill:#6e7781}.large{font-size:13px}"
    ".step{font-size:12.5px;font-weight:700}"
    ".who{font-size:10.5px;fill:#57606a}"
    ".legend{font-size:11px;fill:#57606a}"
    ".note{font-size:11.5px;fill:#424a53}.if{fill:#6639ba}.no{fill:#424a53}"
    ".cross{font-size:10px;fill:#b42318}"
    ".digits{font-size:9px;font-weight:700}"
    "circle.noted{fill:#0b5cad}text.noted{fill:#fff}"
    "circle.plain{fill:#fff;stroke:#8c959f}text.plain{fill:#57606a}"
    ".start{fill:#1f2328}"
    ".rule{stroke:#d0d7de}"
    "path.on{fill:none;stroke:#57606a;stroke-width:1.3}"
    "path.back{fill:none;stroke:#8a63b8;stroke-width:1.3;stroke-dasharray:6 3}"
    ".label{fill:#fff;fill-opacity:.94;stroke:#e4e8ec}.back.label{stroke:#e3d7f1}"
    ".state{stroke-width:1.6}.inner{fill:none;stroke-width:1.2}"
    ".counts0{fill:#f6f8fa;stroke:#57606a}"
    ".counts1{fill:#eaf7ee;stroke:#2f8f4e}"
    ".counts2{fill:#cdeed6;stroke:#1a6b35}"
    ".inner.counts0,.inner.counts1,.inner.counts2{fill:none}"
    "rect.term{fill:#fff3d6;stroke:#e2b44c}text.term{fill:#7a4d00}"
    "rect.law{fill:#ffe5e2;stroke:#d9776c}text.law{fill:#9f1c10}"
    "rect.rests{fill:#eceff2;stroke:#b8c0c8}text.rests{fill:#57606a}"
    ".words{font-size:11px}"
)
