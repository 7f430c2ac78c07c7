"""A file comes to its place whole or not at all; what killed programs left is cleared away, what is at work is not."""

from pathlib import Path

import pytest
from houses import House, built_house, house

from engine.errors import BadFileError
from engine.system.whole_files import APART, abandoned, apart, written

__all__ = ["built_house", "house"]

LONG = "长" * 90
"""270 bytes, more than a name may have."""


def test_what_fails_leaves_what_was(tmp_path: Path) -> None:
    """A block that fails changes nothing, and leaves nothing beside."""
    place = tmp_path / "a.txt"
    place.write_text("before", "utf-8")

    def fail() -> None:
        with written(place) as file:
            file.write_text("half", "utf-8")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert [each.read_text("utf-8") for each in tmp_path.iterdir()] == ["before"]


def test_a_name_that_is_taken_stays_taken(tmp_path: Path) -> None:
    """What is not to be replaced is not, though the name was free at first."""
    place = tmp_path / "a.txt"

    def write() -> None:
        with written(place, replace=False) as file:
            file.write_text("ours", "utf-8")
            place.write_text("somebody's", "utf-8")

    with pytest.raises(FileExistsError):
        write()

    assert [each.read_text("utf-8") for each in tmp_path.iterdir()] == ["somebody's"]


@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_who_may_read_it(tmp_path: Path, *, private: bool, mode: int) -> None:
    """Only its owner, unless it holds nothing of anybody."""
    with written(tmp_path / "a.txt", private=private) as file:
        file.touch(0o644)

    assert (tmp_path / "a.txt").stat().st_mode & 0o777 & ~0o022 == mode & ~0o022


def test_folders_of_the_killed_are_cleared_away(tmp_path: Path) -> None:
    """A folder apart that nobody has locked is removed by the next; one at work, and anything else, stays."""
    left = tmp_path / f"{APART}left"
    left.mkdir()
    (left / "half").touch()
    (tmp_path / f"{APART}file").touch()
    (tmp_path / ".qingling-notes").mkdir()

    with apart(tmp_path / "a") as working:
        with apart(tmp_path / "b"):
            pass
        assert working.is_dir()
        assert list(abandoned(tmp_path)) == []
        assert not left.exists()

    assert {each.name for each in tmp_path.iterdir()} == {f"{APART}file", ".qingling-notes"}


@pytest.mark.parametrize(
    ("place", "words"),
    [("missing/a.txt", "（没有这个文件或文件夹）"), (f"{LONG}.txt", "（名称过长）")],
)
def test_where_nothing_can_be_written(tmp_path: Path, place: str, words: str) -> None:
    """A place that cannot be is named, with what the system says."""
    with pytest.raises(BadFileError, match=words), written(tmp_path / place) as file:
        file.write_text("x", "utf-8")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "args",
    [
        ("backup", f"{LONG}.db"),
        ("export", "csv", "-o", f"{LONG}.csv"),
        ("report", "monthly", "--period", "2019-06", "-o", f"{LONG}.html"),
        ("letter", "template", "pass_on", "-o", f"{LONG}.docx"),
        ("workflow", "graph", "lead", "-o", f"{LONG}.svg"),
        ("workflow", "check", f"{LONG}.yaml"),
        ("import", f"{LONG}.csv"),
        ("import", "{house}/ledger.csv", "--unit", "0101", "--marked", f"{LONG}.xlsx"),
        ("zero", "yearly", "--year", "2019", "--freeze", "-o", LONG),
        ("attach", "0101-XS-2019-0001", LONG),
        ("--database", LONG, "list"),
        ("--database", LONG, "doctor"),
        ("restore", LONG),
        ("run", "--once", "--backup-to", LONG),
        ("reporter", "key", "--passphrase-file", LONG),
        ("demo", LONG),
    ],
    ids=lambda args: " ".join(args)[:24],
)
def test_a_name_that_is_too_long(house: House, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...]) -> None:
    """Whatever takes the name of a file refuses one of more than 255 bytes in one line, which is no fault of ours."""
    monkeypatch.chdir(house.folder)
    house.lead()
    (house.folder / "ledger.csv").write_text("线索编号,收到时间,来源,反映内容\n1,昨天,letter,甲\n", "utf-8")

    result = house.run(*(each.format(house=house.folder) for each in args))

    assert result.exit_code in {1, 2, 10, 11, 12, 20}, result.output
    assert "fault of the program" not in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\xff\xfea\x00\x3d\xd8", b"\xfe\xff\xdc\x00\x00,"])
def test_broken_utf16_is_told_in_one_line(house: House, content: bytes) -> None:
    """A file cut in the middle of a character, or with half a pair, is named with the byte at which it breaks."""
    ledger = house.folder / "ledger.csv"
    ledger.write_bytes(content)

    assert "half a character at byte" in house.refused(11, "import", str(ledger), "--unit", "0101")


@pytest.mark.parametrize("escape", ["\\ud800", "\\uDFFF", "\\U0000d83d", "\\ud83d\\ude00"])
def test_half_a_character_in_a_declaration(house: House, escape: str) -> None:
    """An escape that stands for no character is named with file and line."""
    own = house.folder / "ledger-workflows"
    own.mkdir()
    (own / "odd.yaml").write_text(f'workflow: odd\ntitle: "a{escape}"\n', "utf-8")

    result = house.run("workflow", "check", str(own / "odd.yaml"))

    assert result.exit_code == 10, result.output
    assert "odd.yaml:2" in result.output
    assert "is half a character" in result.output


@pytest.mark.parametrize("words", ["\ud800", "a\udfff"])
def test_half_a_character_in_an_argument(house: House, words: str) -> None:
    """It is refused by its place in the command, whichever option it is given to."""
    assert "is not UTF-8" in house.refused(2, "receive", "--unit", "0101", "--summary", words)


@pytest.mark.parametrize("where", ["channels", "mapping"])
def test_half_a_character_in_other_files(house: House, where: str) -> None:
    """Each file that a person writes is read alike."""
    file = house.folder / ("ledger-channels.yaml" if where == "channels" else "map.yaml")
    file.write_text('"\\ud800": "\\ud800"\n', "utf-8")
    (house.folder / "ledger.csv").write_text("线索编号\n1\n", "utf-8")
    args = ("outbox", "test", "--to", "wang")
    if where == "mapping":
        args = ("import", str(house.folder / "ledger.csv"), "--map", str(file))

    result = house.run(*args)

    assert result.exit_code in {2, 10, 11}, result.output
    assert "fault of the program" not in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("words", ["{{ 'x' * 99999999999999 }}", "{{ '%99999999999999d' % 1 }}"])
def test_a_template_that_needs_more_memory_than_there_is(house: House, words: str) -> None:
    """A template of the house's own that grows without bound is told in one line."""
    own = house.folder / "own/test/zh"
    own.mkdir(parents=True)
    (own / "body.txt").write_text(words, "utf-8")
    (house.folder / "ledger-channels.yaml").write_text(
        "channels: {t: {family: file, folder: f}}\ntemplates: own", "utf-8"
    )
    house.done("officer", "contact", "wang", "t=x")

    result = house.run("outbox", "test", "--to", "wang", lang="zh")

    assert result.exit_code != 0, result.output
    assert "程序的毛病" not in result.output
    assert "Traceback" not in result.output
