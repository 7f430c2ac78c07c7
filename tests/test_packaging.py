"""What is installed is whole: the wheel holds every file that is not code, and nothing that is not the program."""

import email
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
ROOMS = ("commands", "desk", "documents", "engine", "notifications", "presentation", "workflows")
NEVER = (".pyc", ".db", ".db-wal", ".db-shm")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel as an installer would build it, without asking anybody for anything."""
    pytest.importorskip("hatchling", reason="the build tool is not installed (pip install -e '.[test]' brings it)")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=HOUSE, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def inside(wheel: Path) -> set[str]:
    """Return the names of all files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def tracked() -> set[str]:
    """Return every file of the rooms that belongs to the program."""
    found = {
        path.relative_to(HOUSE).as_posix()
        for room in ROOMS
        for path in (HOUSE / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in NEVER
    }
    return {*found, "cli.py"}


def test_wheel_holds_the_whole_program_and_no_more(wheel: Path) -> None:
    """Every file of the rooms is in the wheel, declarations, templates and steps of the database among them."""
    found = {name for name in inside(wheel) if ".dist-info/" not in name}

    assert tracked() == found


@pytest.mark.parametrize(
    "name",
    [
        "workflows/lead.yaml",
        "workflows/lists/synonyms.yaml",
        "engine/working_days/data/cn.json",
        "engine/store/migrations/script.py.mako",
        "engine/store/migrations/versions/v0001_tables.py",
        "commands/demo/story.yaml",
        "engine/store/migrations/versions/v0002_lateness.py",
        "notifications/templates/digest/zh/body.html",
        "documents/ledger_out/demo_ledger.py",
        *(f"{room}/py.typed" for room in ROOMS),
    ],
)
def test_what_is_easily_forgotten_is_there(wheel: Path, name: str) -> None:
    """A file that is not code, or that no other imports, is in the wheel."""
    assert name in inside(wheel)


def test_metadata_keep_it_out_of_public_indexes(wheel: Path) -> None:
    """The wheel says what it needs and what starts it, carries the licence, and refuses to be uploaded."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name.partition(".dist-info/")[2]: name for name in archive.namelist()}
        said = email.message_from_bytes(archive.read(names["METADATA"]))
        starts = archive.read(names["entry_points.txt"]).decode()

    assert "qingling = cli:main" in starts
    assert "Private :: Do Not Upload" in said.get_all("Classifier", [])
    assert said["Requires-Python"] == ">=3.11"
    assert "licenses/LICENSE" in names


def test_installed_copy_runs_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    """Unpacked where the checkout is out of sight, the program speaks, and knows its workflows and calendar."""
    place = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    start = (
        f"import sys; sys.path.insert(0, {str(place)!r}); import cli, engine; "
        f"assert {str(place)!r} in cli.__file__ and {str(place)!r} in engine.__file__; cli.main()"
    )
    demo = subprocess.run(
        [sys.executable, "-P", "-c", start, "--lang", "en", "demo", "demo"],
        cwd=elsewhere, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip

    assert demo.returncode == 0, demo.stderr
    assert "What is not closed yet, and who must act" in demo.stdout
    assert (elsewhere / "demo" / "qingling.db").exists()
