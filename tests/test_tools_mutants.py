"""What tries small changes runs tests that are there: a name that is gone would count every change as noticed."""

from pathlib import Path

import pytest

from tools.mutants import HOUSE, TESTS, Mutant, survives


@pytest.mark.parametrize("room", TESTS)
def test_the_tests_of_a_room_are_there(room: str) -> None:
    """Each room of the engine that is tried is there, with every file of tests that is named for it."""
    assert (HOUSE / "engine" / room).is_dir()
    assert [each for each in TESTS[room] if not (HOUSE / each).is_file()] == []


def test_a_run_without_tests_proves_nothing(tmp_path: Path) -> None:
    """A run that finds no test stops the trial, and the file is as it was."""
    file = tmp_path / "engine" / "journal" / "chain.py"
    file.parent.mkdir(parents=True)
    file.write_text("whole", "utf-8")
    change = Mutant(file="engine/journal/chain.py", line=1, was="whole", now="changed", text="changed")

    with pytest.raises(RuntimeError, match="not found"):
        survives(change, tmp_path, "journal")

    assert file.read_text("utf-8") == "whole"
