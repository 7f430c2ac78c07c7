"""What a clerk types in Chinese, or says in short, is understood as what it means."""

from collections.abc import Iterator

import click
import pytest
from houses import House, built_house, house

import cli
from commands.console.bilingual import CommandGroup
from commands.console.chinese_words import COMMAND_WORDS, OPTION_WORDS
from commands.console.field_options import FieldCommand
from workflows.loader import Declarations

__all__ = ["built_house", "house"]


def _commands(group: CommandGroup, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command and verb with its path."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield (*path, name), found
        if isinstance(found, CommandGroup):
            yield from _commands(found, *path, name)


assert isinstance(cli.main, CommandGroup)
EVERY = dict(_commands(cli.main))


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_and_option_has_a_chinese_word_of_its_own(path: tuple[str, ...]) -> None:
    """A command has a word that none beside it shares, and so has each of its options."""
    beside = [COMMAND_WORDS[each[-1]] for each in EVERY if each[:-1] == path[:-1]]
    options = [name for each in EVERY[path].params if isinstance(each, click.Option) for name in each.opts]
    english = [each for each in options if each.startswith("--") and each.isascii()]

    assert beside.count(COMMAND_WORDS[path[-1]]) == 1
    assert {OPTION_WORDS[each] for each in english} == {each for each in options if not each.isascii()}
    assert len({OPTION_WORDS[each] for each in english}) == len(english)


def test_no_word_stands_for_a_command_that_is_gone() -> None:
    """Every word is that of a command, a verb or an option that there is."""
    options = {name for each in EVERY.values() for param in each.params for name in param.opts}
    options |= {name for param in cli.main.params for name in param.opts}

    assert COMMAND_WORDS.keys() == {name for path in EVERY for name in path}
    assert OPTION_WORDS.keys() - options == {"--help"}


def test_no_option_takes_the_title_of_another_field() -> None:
    """Where fields are options too, an option's Chinese word is no field's title, or means the same."""
    titles = {
        field.title.zh: field.name
        for name in Declarations().names()
        for field in Declarations().latest(name).fields.values()
    }
    taken = {
        (OPTION_WORDS[each], titles[OPTION_WORDS[each].removeprefix("--")])
        for command in EVERY.values()
        if isinstance(command, FieldCommand)
        for param in command.params
        for each in param.opts
        if each in OPTION_WORDS and OPTION_WORDS[each].removeprefix("--") in titles
    }

    assert {(word, name) for word, name in taken if OPTION_WORDS["--" + name.replace("_", "-")] != word} == set()


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        (("列表",), ("list",)),
        (("单位", "列表"), ("unit", "list")),
        (("列表", "--未办结", "--最多", "1"), ("list", "--open", "--limit", "1")),
        (("列表", "--单位", "县中医院"), ("list", "--unit", "0102")),
        (("列表", "--条件", "状态=='已受理'"), ("list", "--where", "state == 'received'")),
        (("查看", "--数据", "1"), ("show", "--json", "0101-XS-2019-0001")),
        (("查看", "--帮助"), ("show", "--help")),
        (("清零",), ("zero",)),
    ],
    ids=" ".join,
)
def test_chinese_words_do_the_same(house: House, chinese: tuple[str, ...], english: tuple[str, ...]) -> None:
    """A command in Chinese words prints and ends as its English twin does."""
    house.lead()
    said, meant = (house.run(*each, lang="zh") for each in (chinese, english))

    assert (said.exit_code, said.stdout, said.stderr) == (meant.exit_code, meant.stdout, meant.stderr)
    assert said.exit_code in (0, 2)


def test_a_step_is_taken_in_chinese_words_alone(house: House) -> None:
    """A lead is registered, assigned and noted on by a clerk who types names, titles and days as they are said."""
    number = house.done(
        "登记", "--单位", "县医院", "--收到时间", "6月28日", "--线索来源", "来信", "--反映的主要问题", "有人强揽生意",
        lang="zh",
    )  # fmt: skip
    house.done("办理", "0101-1", "交办", "--责任领导", "李某", "--承办人", "赵某", "--经办", "王某", lang="zh")
    shown = house.found("show", number)

    assert shown["state"] == "assigned"
    assert (shown["fields"]["received_on"], shown["fields"]["handler"]) == ("2019-06-28", "zhao")
    assert house.found("journal", "log", number)[-1]["by"] == "wang"


SHORT = {
    "1": "0101-XS-2019-0001",
    "0101-1": "0101-XS-2019-0001",
    "2019-1": "0101-XS-2019-0001",
    "XS-2019-1": "0101-XS-2019-0001",
    "xs-1": "0101-XS-2019-0001",
    "０１０１－１": "0101-XS-2019-0001",
    "2": "0101-XS-2019-0002",
    "0101-xs-2019-0002": "0101-XS-2019-0002",
}


@pytest.mark.parametrize("typed", SHORT)
def test_a_short_number_is_the_only_one_that_fits(house: House, typed: str) -> None:
    """Parts of a number may be left out where one case fits, zeros too."""
    house.lead()
    house.lead()

    assert house.found("show", typed)["number"] == SHORT[typed]


def test_a_short_number_that_fits_several_names_them(house: House) -> None:
    """Nothing is chosen where two cases fit; the line names them."""
    house.lead()
    house.done("receive", "--unit", "0102", "--received-on", "2019-06-28", "--source", "letter", "--summary", "揽客")

    line = house.refused(2, "note", "1", "x")
    assert "0101-XS-2019-0001, 0102-XS-2019-0001" in line
    assert "no case has the number '3'" in house.refused(20, "show", "3")


WHERE = {
    "状态=='已受理'": 1,
    "状态 ＝ “已受理”": 1,
    "状态是'已受理'": 1,
    "状态 不是 '已受理'": 1,
    "state = 'received'": 1,
    "责任人='赵某'": 1,
    "责任人=='zhao' 且 状态=='已交办'": 1,
    "状态=='已受理' 或 责任人='赵某'": 2,
    "非 责任人": 1,
    "'已交办' == 状态": 1,
    "状态 in ['已受理', '已交办']": 2,
    "线索来源='来信'": 2,
    "单位='县医院'": 2,
    "反映的主要问题 == '状态'": 0,
    "单位='县医'": 2,
    "实名举报=是": 0,
    "状态＝＝“已受理”": 1,
    "received_on >= '2019-06-28'": 2,
    "'2019.6.28' <= received_on": 2,
    "received_on == 2019-06-28": 2,
    "收到时间≥‘2019年6月28日’": 2,
    "收到时间>2019年6月28日": 0,
    "today > '2019-06-30' and received_on": 2,
}


@pytest.mark.parametrize("typed", WHERE)
def test_a_condition_is_understood_in_a_clerks_words(house: House, typed: str) -> None:
    """Titles, names and Chinese signs mean what they say: of two leads one is received and one is assigned."""
    house.lead()
    house.assigned(house.lead())

    assert len(house.found("list", "--where", typed)) == WHERE[typed]


NEVER = [
    "state == 'recieved'", "状态='已受里'", "source == 'lettr'", "handler == 'nobody'", "unit == '0909'",
    "单位='乙医院'", "received_on > 5", "received_on in ['2019-06-28']", "received_on > '2019-13-45'",
    "real_name == 'yes'", "amount == '5'", "summary == 5", "状态='",
]  # fmt: skip


@pytest.mark.parametrize("typed", NEVER)
def test_a_condition_that_nothing_can_meet_is_refused(house: House, typed: str) -> None:
    """A word that no such field can hold is an error of who typed it, and is not answered with no leads at all."""
    house.lead()

    assert house.run("list", "--where", typed).exit_code == 2


def test_who_has_left_is_found_by_name(house: House) -> None:
    """The leads of an officer who has left are asked for by the name of that officer, too."""
    house.assigned(house.lead())
    house.done("officer", "leave", "zhao")

    assert len(house.found("list", "--where", "责任人='赵某'")) == 1


@pytest.mark.parametrize("typed", ["状态='没有这个'", "天气='晴'", "状态=", "'", "“", "且", "状态 是 是 '已受理'"])
def test_a_condition_that_cannot_be_meant_is_one_line(house: House, typed: str) -> None:
    """A wrong condition lists nothing or is refused in one line; it never ends in a traceback."""
    house.lead()
    result = house.run("list", "--where", typed, lang="zh")

    assert result.exit_code in (0, 2, 21)
    assert len(result.stderr.strip().splitlines()) <= 1 or result.exit_code == 0
    assert "Traceback" not in result.output


def test_a_name_that_two_have_is_asked_about(house: House) -> None:
    """Of two units with one name none is taken; the line names their codes."""
    house.done("unit", "add", "0109", "县中医院")

    assert "0102" in house.refused(2, "list", "--unit", "县中医院", lang="zh")
    assert house.run("list", "--unit", "0109").exit_code == 0


def test_a_unit_is_looked_up_in_the_ledger_that_was_named(house: House) -> None:
    """`--database` counts though it is typed behind the unit."""
    house.lead()
    named = house.run(
        "list", "--unit", "县医院", "--database", str(house.database), env={"QINGLING_DATABASE": "/nowhere.db"}
    )

    assert named.exit_code == 0
    assert "0101-XS-2019-0001" in named.stdout
