"""The front door: languages, errors in one line, exit codes, encodings, and how little it loads."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import cli
from commands.console.bilingual import Command, CommandGroup
from commands.console.chinese_words import command_word
from commands.console.click_zh import CHINESE
from commands.console.command_table import COMMANDS
from engine.errors import ConflictError, InvalidWorkflowError, QinglingError, RefusedError
from engine.language import Text, language, speaking, use

A_FAULT = (
    "Error: this is a fault of the program (ZeroDivisionError: division by zero);"
    " run it again with --debug and report what it shows\n"
)
ROOT = Path(__file__).parent.parent
HEAVY = (
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "rich",
    "jinja2",
    "yaml",
    "transitions",
    "sqlite3",
    "psycopg",
    "cryptography",
    "openpyxl",
    "alembic",
    "zoneinfo",
    "pathlib",
)


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Leave the language as it was found."""
    before = language()
    yield
    use(before)


def run(*args: str, env: Mapping[str, str | None] | None = None) -> Result:
    """Run the program in this process, with no settings from outside but *env*."""
    bare = {name: None for name in os.environ if name.startswith(("QINGLING_", "LC_", "LANG"))}
    return CliRunner().invoke(cli.main, list(args), env={**bare, **(env or {})})


def spawn(*args: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[bytes]":
    """Run the program in a process of its own."""
    settings = {"PATH": os.environ["PATH"], **(env or {})}
    return subprocess.run([sys.executable, str(ROOT / "cli.py"), *args], capture_output=True, env=settings, check=False)


def all_commands() -> dict[str, click.Command]:
    """Return every command and verb by the words that call it."""
    found: dict[str, click.Command] = {}
    context = click.Context(cli.main, info_name="qingling")
    for section in COMMANDS.values():
        for name in section:
            loaded = cli.main.get_command(context, name)
            assert loaded is not None
            found[name] = loaded
            if isinstance(loaded, click.Group):
                found.update({f"{name} {verb}": each for verb, each in loaded.commands.items()})
    return found


@pytest.mark.parametrize(
    ("env", "args", "spoken"),
    [
        ({}, [], "zh"),
        ({"LANG": "C"}, [], "zh"),
        ({"LANG": "C.UTF-8"}, [], "zh"),
        ({"LANG": "en_GB.UTF-8"}, [], "en"),
        ({"LANG": "fr_FR.UTF-8"}, [], "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, [], "zh"),
        ({"LC_ALL": "en_US", "LC_MESSAGES": "zh_CN"}, [], "en"),
        ({"LANG": "en_GB.UTF-8", "QINGLING_LANG": "zh"}, [], "zh"),
        ({"QINGLING_LANG": "zh"}, ["--lang", "en"], "en"),
        ({"QINGLING_LANG": "zh"}, ["--lang=en"], "en"),
        ({}, ["completion", "--lang", "en"], "en"),
    ],
)
def test_language(env: dict[str, str], args: list[str], spoken: str) -> None:
    """The language is that of --lang, else of QINGLING_LANG, else of the locale, else Chinese."""
    result = run(*args, "--help", env=env)
    assert result.exit_code == 0
    assert result.output.startswith("Usage:" if spoken == "en" else "用法：")


@pytest.mark.parametrize(
    ("args", "env", "sentence"),
    [
        (["--lang", "fr"], {}, "--语言：不会 'fr' 这种语言；请写 zh 或 en"),
        ([], {"QINGLING_LANG": "xx"}, "QINGLING_LANG：不会 'xx' 这种语言；请写 zh 或 en"),
        (["shwo"], {}, "没有命令 'shwo'；是不是想写 show？（用法见 qingling --帮助）"),
        (["shwo", "--lang", "en"], {}, "there is no command 'shwo'; did you mean show?  (see qingling --help)"),
        (["zzz"], {}, "没有命令 'zzz'（用法见 qingling --帮助）"),
        (["--databse", "x"], {}, "没有选项 '--databse'。 是不是想写 '--数据库'？（用法见 qingling --帮助）"),
        (["--now"], {}, "选项 '--时刻' 后面要有值。"),
        (["completion"], {}, "缺少参数 '命令行'。 可选：bash, zsh, fish（用法见 qingling 补全 --帮助）"),
        (
            ["completion", "--lang", "en"],
            {},
            "Missing argument 'SHELL'. Choose from: bash, zsh, fish  (see qingling completion --help)",
        ),
        (
            ["completion", "tcsh"],
            {},
            "'命令行' 的值不对：'tcsh' 不在可选之列：'bash', 'zsh', 'fish'。（用法见 qingling 补全 --帮助）",
        ),
        (["completion", "bash", "x"], {}, "多出了参数（x）（用法见 qingling 补全 --帮助）"),
    ],
)
def test_wrong_usage(args: list[str], env: dict[str, str], sentence: str) -> None:
    """A command line that cannot be understood is answered by one line, and exit 2."""
    result = run(*args, env=env)
    word = "Error: " if "en" in args else "错误："
    assert (result.exit_code, result.stderr, result.stdout) == (2, f"{word}{sentence}\n", "")


def test_no_arguments_shows_help() -> None:
    """Called with nothing, the program says what it can do, and that is no error."""
    bare, asked = run(), run("--help")
    assert (bare.exit_code, bare.stdout) == (0, asked.stdout)
    assert run("-h").stdout == asked.stdout


def test_version_is_that_of_the_package() -> None:
    """`--version` says what pyproject.toml says."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert run("--version").output == f"qingling {declared}\n"


@pytest.mark.parametrize("spoken", ["zh", "en"])
@pytest.mark.parametrize("path", sorted(all_commands()))
def test_every_command_has_help_and_example(path: str, spoken: str) -> None:
    """Every command explains itself in both languages, fits the screen and ends with an example."""
    result = run(*path.split(), "--help", "--lang", spoken)
    assert result.exit_code == 0, result.output
    chinese = re.search("[\u4e00-\u9fff]", re.sub("“.*?”|例：.*|Example:.*", "", result.output, flags=re.DOTALL))
    assert bool(chinese) is (spoken == "zh")
    last = result.output.rstrip().rpartition("例：" if spoken == "zh" else "Example:")[2]
    noun, *_ = names_in_path = path.split()
    named = " ".join(command_word(each, noun) for each in names_in_path) if spoken == "zh" else path
    assert re.search(rf"^  qingling .*\b{named}\b", last, re.MULTILINE) or path == "completion"
    names: tuple[str, ...] = (
        ("--数据库", "--经办", "--时刻", "--语言", "--调试")
        if spoken == "zh"
        else ("--database", "--by", "--now", "--lang", "--debug")
    )
    assert " ".join(names) in result.output


@pytest.mark.parametrize("path", sorted(all_commands()))
def test_every_command_is_ours(path: str) -> None:
    """Every command is made of our Click, and every option and argument of it says what it is for."""
    command = all_commands()[path]
    assert isinstance(command, Command | CommandGroup)
    for param in command.params:
        words = getattr(param, "words", None)
        assert isinstance(words, Text), param
        assert words.en, param
        assert words.zh, param


def test_table_says_what_the_commands_say() -> None:
    """The table that help is written from begins each command's own help."""
    loaded = all_commands()
    for section in COMMANDS.values():
        for name, told in section.items():
            own = loaded[name]
            assert isinstance(own, Command)
            assert own.words.en.startswith(told.en), name
            assert own.words.zh.startswith(told.zh), name


def test_help_follows_the_language_within_one_process() -> None:
    """Help is chosen when it is shown, not when the command was loaded."""
    pages = [run("completion", "--help", "--lang", each).output for each in ("zh", "en", "zh")]
    assert pages[0] == pages[2] != pages[1]


def test_click_still_says_what_is_translated() -> None:
    """Every sentence in our catalogue of Click's words stands in Click's source."""
    folder = Path(click.__file__).parent
    source = "".join(each.read_text("utf-8") for each in folder.glob("*.py"))
    joined = re.sub(r'"\s*\n\s*"', "", source).replace("\\n", "\n").replace("\\t", "\t")
    assert [each for each in CHINESE if f'"{each}"' not in joined and f"'{each}'" not in joined] == []


class TestErrors:
    """What a command raises, and what the front door makes of it."""

    @pytest.fixture
    def raising(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseException]:
        """Put a command behind the door that raises what the test lays into this mapping."""
        kept: dict[str, BaseException] = {}

        @click.command("fail")
        def fail() -> None:
            raise kept["error"]

        monkeypatch.setitem(cli.main.commands, "fail", fail)
        return kept

    @pytest.mark.parametrize(
        ("error", "code", "said"),
        [
            (QinglingError(Text("no", "不行")), 2, "Error: no\n"),
            (ConflictError(Text("too late", "晚了")), 22, "Error: too late\n"),
            (
                RefusedError(Text("refused", "不予办理"), [Text("one", "一"), Text("two", "二")]),
                21,
                "Error: refused: one; two\n",
            ),
            (
                InvalidWorkflowError([Text("a.yaml:1: x", "a"), Text("a.yaml:2: y", "b")]),
                10,
                "a.yaml:1: x\na.yaml:2: y\n",
            ),
            (KeyboardInterrupt(), 130, "Error: stopped; nothing half done was kept\n"),
            (click.Abort(), 130, "Error: stopped; nothing half done was kept\n"),
            (
                ZeroDivisionError("division\nby zero"),
                1,
                A_FAULT,
            ),
        ],
        ids=["refusal", "conflict", "reasons", "workflow", "ctrl-c", "abort", "fault"],
    )
    def test_one_line_and_a_code(
        self, raising: dict[str, BaseException], error: BaseException, code: int, said: str
    ) -> None:
        """Each kind of error has its exit code and its line on stderr; never a traceback."""
        raising["error"] = error
        result = run("--lang", "en", "fail")
        assert (result.exit_code, result.stdout, result.stderr.lstrip("\n")) == (code, "", said)

    @pytest.mark.parametrize("error", [QinglingError(Text("no", "不行")), ZeroDivisionError("x")])
    def test_debug_shows_the_traceback(self, raising: dict[str, BaseException], error: BaseException) -> None:
        """With --debug, and only then, the traceback stands before the line."""
        raising["error"] = error
        result = run("--debug", "fail")
        assert result.stderr.startswith("Traceback (most recent call last)")
        assert result.stderr.splitlines()[-1].startswith("错误：")


def test_help_loads_nothing_but_click() -> None:
    """`--help` imports no library but Click, and no command."""
    code = (
        "import sys; sys.argv = ['qingling', '--help']\n"
        "from cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([n for n in {HEAVY!r} if n in sys.modules], [n for n in sys.modules if n.startswith('commands.')],"
        " file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True)
    loaded = done.stderr.decode()
    assert loaded.startswith("[] ")
    ours = {
        "click_zh",
        "command_table",
        "context",
        "bilingual",
        "chinese_words",
        "command_lines",
        "names",
        "environment",
        "widths",
        "wall_clock",
        "help_pages",
        "slips",
    }
    assert set(re.findall(r"commands\.([\w.]+)", loaded)) == {"console"} | {f"console.{each}" for each in ours}


@pytest.mark.parametrize(
    ("env", "encoding"),
    [
        ({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, "utf-8"),
        ({"LC_ALL": "C"}, "utf-8"),
        ({"PYTHONIOENCODING": "gbk"}, "gbk"),
        ({"PYTHONIOENCODING": "ascii"}, "utf-8"),
        ({"PYTHONIOENCODING": "latin-1"}, "utf-8"),
    ],
)
def test_chinese_under_any_encoding(env: dict[str, str], encoding: str) -> None:
    """Chinese comes out whole under LANG=C and on a GBK console."""
    done = spawn("--help", env=env)
    assert done.returncode == 0
    assert done.stdout.decode(encoding).startswith("用法：qingling")


def test_a_closed_pipe_is_no_fault() -> None:
    """When the reader goes away, the program ends without a word."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"]},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), said) == (141, b"")


def test_both_languages_fit_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line of help is wider than the screen."""
    from commands.console.widths import width

    monkeypatch.setenv("COLUMNS", "72")
    for spoken in ("zh", "en"):
        page = run("--help", "--lang", spoken, env={"COLUMNS": "72"}).output
        assert max(map(width, page.splitlines())) <= 72


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    """Each shell gets a script that names the program."""
    result = run("completion", shell)
    assert result.exit_code == 0
    assert "_QINGLING_COMPLETE" in result.stdout


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sh", ["show"]),
        ("re", ["restore", "receive", "restrict", "resume", "report", "receipt", "reporter", "replay"]),
        ("zz", []),
    ],
)
def test_completes_commands(typed: str, found: list[str]) -> None:
    """The names of commands are completed."""
    env = {"_QINGLING_COMPLETE": "bash_complete", "COMP_WORDS": f"qingling {typed}", "COMP_CWORD": "1"}
    done = spawn(env=env)
    assert [line.partition(",")[2] for line in done.stdout.decode().split()] == found


def test_speaking_is_left_as_found() -> None:
    """A language spoken for a while gives way to the one before."""
    use("zh")
    with speaking("en"):
        assert language() == "en"
    assert language() == "zh"


def test_words_that_are_not_utf8_are_refused() -> None:
    """A word in another encoding is one line and exit 2, never a fault of the program."""
    ran = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "note", "N", b"\xc4\xe3\xba\xc3"], capture_output=True, check=False
    )

    assert ran.returncode == 2
    assert ran.stderr.decode().count("\n") == 1
    assert "UTF-8" in ran.stderr.decode()


@pytest.mark.parametrize("said", ["a\x1b]0;pwn\x07b", "a\nb\rc"], ids=["steers the terminal", "holds line ends"])
def test_an_error_is_one_harmless_line(said: str) -> None:
    """What was typed or read is repeated in an error without what could steer a terminal or end the line."""
    result = run("completion", said)
    assert len(result.stderr.splitlines()) == 1
    assert "\x1b" not in result.stderr
    assert "\x07" not in result.stderr


def test_what_is_said_keeps_its_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters of data do not reach the screen; blanks of every width do."""
    from commands.console.output import print_pairs, print_table, say, talk

    for show in (say, talk):
        show("张　三\x1b]0;pwn\x07")
    print_pairs([("name", "张　三")])
    print_table(["name"], [("张　三",)])
    shown = capsys.readouterr()
    assert (shown.out + shown.err).count("张　三") == 3
    assert "张 三" in shown.out
    assert "\x1b" not in shown.out + shown.err
