"""The picture of the house in docs/architecture.md is the one that the imports draw."""

import re
from collections.abc import Collection, Iterator

import pytest
from test_architecture import FLOORS, HOUSE, MAY_IMPORT, modules, room_in, targets

PAGE = HOUSE / "docs/architecture.md"
BEGIN, END = "<!-- drawn from the imports: make docs -->\n", "<!-- end of what is drawn -->"
TITLES = {
    "engine": "The rooms of `engine/`, from the highest floor down",
    "engine.operations": "The rooms of `engine/operations/`",
    "documents": "The rooms of `documents/`",
}
"""What is drawn; `commands` is not, for thirty commands side by side, each with the same arrows down, show nothing."""

CODE = re.compile(r"`([\w./-]+\.(?:py|yaml|toml|md|json|docx)|[\w/]+/)`")
DEFINED = re.compile(r"`(\w+)`,? (?:there )?in\s+`([\w/]+\.py)`")
"""A name, and the file in which the page says it is."""

Arrow = tuple[str, str]


def arrows_in(house: str) -> set[Arrow]:
    """Return which room of a house looks into which other, itself left out."""
    inside = f"{house}." if house else ""
    found = {
        (
            room_in(module, house) if house else module.split(".")[0],
            room_in(target, house) if house else target.split(".")[0],
        )
        for module in modules()
        if module.startswith(inside)
        for target in targets(module)
        if target.startswith(inside)
    }
    return {(a, b) for a, b in found if a != b}


def needed(arrows: Collection[Arrow]) -> list[Arrow]:
    """Return the arrows without those that only shorten a way over others; all of them would be a tangle."""

    def reaches(start: str, end: str, without: Arrow) -> bool:
        nexts = [b for a, b in arrows if a == start and (a, b) != without]
        return any(b == end or reaches(b, end, without) for b in nexts)

    return sorted(each for each in arrows if not reaches(*each, without=each))


def picture(title: str, floors: Collection[Collection[str]], arrows: Collection[Arrow]) -> Iterator[str]:
    """Yield the lines of one picture in Mermaid, the highest floor first."""
    yield from (f"**{title}**", "", "```mermaid", "flowchart TD")
    for height, floor in reversed(list(enumerate(floors, start=1))):
        yield f'  subgraph floor{height} ["{height}"]'
        yield "    direction LR"
        yield from (f"    {room}" for room in sorted(floor))
        yield "  end"
    yield from (f"  {a} --> {b}" for a, b in needed(arrows))
    yield from ("```", "")


def pictures() -> str:
    """Return all pictures of the house."""
    floors: list[set[str]] = []
    while left := set(MAY_IMPORT).difference(*floors):
        floors.append({each for each in left if not MAY_IMPORT[each] & left})
    lines = [*picture("The packages, and who looks into whom", floors, arrows_in(""))]
    for house, title in TITLES.items():
        lines += picture(title, FLOORS[house], arrows_in(house))
    return "\n".join(lines)


def test_the_picture_shows_the_house(request: pytest.FixtureRequest) -> None:
    """docs/architecture.md draws the floors and the imports as they are; `make docs` draws them."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    drawn = f"{before}{BEGIN}\n{pictures()}\n{END}{after}"
    if request.config.getoption("--snapshot-update"):
        PAGE.write_text(drawn, "utf-8")

    assert PAGE.read_text("utf-8") == drawn, "run: make docs"


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_the_places_it_names_are_there(page: str) -> None:
    """Each file and folder that the page names exists."""
    named = CODE.findall((HOUSE / page).read_text("utf-8"))

    assert named
    assert [each for each in named if not (HOUSE / each).exists()] == []


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_what_it_names_in_a_file_stands_there(page: str) -> None:
    """A function or table that the page says is in a file is defined in it."""
    named = DEFINED.findall((HOUSE / page).read_text("utf-8"))
    missing = [
        f"{name} in {file}"
        for name, file in named
        if not re.search(
            rf"^(?:    )?(?:(?:def|class) {name}\b|{name}\b[^=\n]*=)", (HOUSE / file).read_text("utf-8"), re.MULTILINE
        )
    ]

    assert named or page != "docs/architecture.md"
    assert missing == []


def test_a_picture_leaves_out_what_others_imply() -> None:
    """An arrow that goes the same way as two others is not drawn."""
    assert needed({("a", "b"), ("b", "c"), ("a", "c")}) == [("a", "b"), ("b", "c")]
