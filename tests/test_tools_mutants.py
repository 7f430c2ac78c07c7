"""What tries small changes finds the code that it changes, and leaves what is on the disk as it is."""

from importlib.util import module_from_spec

from tools.mutants.__main__ import TESTS, watched_by
from tools.mutants.changes import HOUSE, of_file
from tools.mutants.trying import FAILED, ChangedFile, code_of, in_process

LIKENESS = HOUSE / "engine" / "rules" / "likeness.py"


def test_rooms_and_their_tests_are_there() -> None:
    """A name that is gone would leave changes untried, or count each as noticed: rooms, tests and functions are there.

    A process whose tests cannot be run counts as one in which a change was noticed.
    """
    for room in TESTS:
        assert (HOUSE / "engine" / room).is_dir()
        assert [each for each in watched_by([room]) if not (HOUSE / each).is_file()] == []
    changes = list(of_file(HOUSE / "engine" / "journal" / "checkpoint.py"))
    inside = [each for each in changes if each.function]

    assert len(inside) > len(changes) / 2
    for each in inside[:20]:
        assert code_of(compile(each.text, each.file, "exec"), each.function) is not None, each


def test_a_change_is_loaded_and_not_written() -> None:
    """A module is imported as a change would have it; the file, and what was compiled of it, stay."""
    change = next(each for each in of_file(LIKENESS) if each.now == "return None")
    before = LIKENESS.read_bytes()
    spec = ChangedFile(change).find_spec("engine.rules.likeness", [str(LIKENESS.parent)])
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)

    assert getattr(module, change.function).__code__.co_consts[-1] is None
    assert ChangedFile(change).find_spec("engine.rules.likely", [str(LIKENESS.parent)]) is None
    assert LIKENESS.read_bytes() == before


def test_a_process_says_how_it_ended() -> None:
    """What a process returns is said; one that breaks off counts as one in which a test failed."""
    assert in_process(lambda: 3, 5) == 3
    assert in_process(lambda: 1 // 0, 5) == FAILED
