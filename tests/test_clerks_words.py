"""What a clerk types in Chinese, or says in short, is understood as what it means."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from houses import House, built_house, house

import cli
from commands.console.bilingual import CommandGroup
from commands.console.chinese_words import (
    COMMAND_WORDS,
    NOUNS,
    OPTION_WORDS,
    OPTIONS_OF_NOUNS,
    command_typed,
    command_word,
    option_word,
)
from commands.console.command_lines import as_typed, lines_as_typed
from commands.console.field_options import FieldCommand
from engine.language import speaking
from engine.operations.identity.passphrases import ENOUGH, bits
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
    beside = [command_word(each[-1], each[0]) for each in EVERY if each[:-1] == path[:-1]]
    options = [name for each in EVERY[path].params if isinstance(each, click.Option) for name in each.opts]
    english = [each for each in options if each.startswith("--") and each.isascii()]

    assert beside.count(command_word(path[-1], path[0])) == 1
    words = [option_word(each, path[0]) for each in english]
    assert all(each in OPTION_WORDS for each in english)
    assert set(words) == {each for each in options if not each.isascii()}
    assert len(set(words)) == len(english)


def test_a_word_says_what_it_does_in_that_command() -> None:
    """Where one English word means several things, each has a Chinese word of its own that says which."""
    said = {
        ("restrict", "--to"): "--可查阅人", ("outbox", "--to"): "--收件人",
        ("letter", "--code"): "--代字", ("journal", "--code"): "--核验码",
        ("officer", "--contact"): "--联系方式", ("letter", "--contact"): "--联系人",
        ("extend", "--until"): "--延至", ("clock", "--until"): "--准许至",
        ("upgrade", "--yes"): "--不询问",
    }  # fmt: skip
    assert {each: option_word(each[1], each[0]) for each in said} == said
    verbs = {
        ("calendar", "add"): "推算", ("unit", "add"): "新增", ("calendar", "open"): "上班",
        ("reporter", "open"): "启封", ("calendar", "close"): "停办", ("unit", "close"): "停用",
    }  # fmt: skip
    assert {each: command_word(each[1], each[0]) for each in verbs} == verbs


def test_no_word_stands_for_a_command_that_is_gone() -> None:
    """Every word is that of a command, a verb or an option that there is."""
    options = {name for each in EVERY.values() for param in each.params for name in param.opts}
    options |= {name for param in cli.main.params for name in param.opts}

    assert COMMAND_WORDS.keys() == {name for path in EVERY for name in path}
    assert OPTION_WORDS.keys() - options == {"--help"}
    of_nouns = {(path[0], name) for path, each in EVERY.items() for param in each.params for name in param.opts}
    assert OPTIONS_OF_NOUNS.keys() <= of_nouns


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
        (("今天",), ("today",)),
        (("今日",), ("today",)),
        (("我的待办",), ("today",)),
        (("举报人", "启封", "--帮助"), ("reporter", "open", "--help")),
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


HINTS = {
    "见 qingling reporter open NUMBER": "见 qingling 举报人 启封 编号",
    "请查看：qingling unit list": "请查看：qingling 单位 列表",
    "见qingling list --questions）": "见qingling 列表 --待核对）",
    "运行 qingling officer grant CODE ROLE，再试": "运行 qingling 人员 授权 代号 角色，再试",
    "qingling --now 2019-07-01 --by run advance 1": "qingling --时刻 2019-07-01 --经办 run 办理 1",
    "qingling note 1 list": "qingling 备注 1 list",
    "请加 --apply": "请加 --执行",
    "/opt/qingling list": "/opt/qingling list",
    "qingling-2019.db": "qingling-2019.db",
    "--no-such-option": "--no-such-option",
}


@pytest.mark.parametrize("sentence", HINTS)
def test_a_hint_is_shown_as_it_is_typed(sentence: str) -> None:
    """Commands, options and what stands for values are in Chinese in a Chinese sentence; English stays as it is."""
    with speaking("zh"):
        assert as_typed(sentence) == HINTS[sentence]
    with speaking("en"):
        assert as_typed(sentence) == sentence


def _written_hints() -> set[str]:
    """Return every command line that stands in a sentence of the program."""
    found: set[str] = set()
    for package in ("commands", "desk", "engine", "documents", "notifications", "presentation"):
        for path in (Path(cli.__file__).parent / package).rglob("*.py"):
            text = path.read_text("utf-8")
            found |= set(re.findall(r"(?<![`\w./-])qingling (?:[a-z][a-z-]*(?: [a-z][a-z-]*)?(?: --[a-z-]+)?)", text))
    return found


@pytest.mark.parametrize("hint", sorted(_written_hints()))
def test_every_hint_names_a_command_that_there_is(hint: str) -> None:
    """What a sentence of the program tells to type is found, word by word, when it is typed in Chinese."""
    with speaking("zh"):
        _, word, *rest = lines_as_typed(hint).split()
    name = hint.split()[1]
    if name not in COMMAND_WORDS:
        return  # an English sentence about the program
    assert word == COMMAND_WORDS[name]
    command = EVERY[(name,)]
    if name in NOUNS and rest and not rest[0].startswith("--"):
        assert command_typed(rest[0], name) in COMMAND_WORDS or name == "letter"
        verb = hint.split()[2]
        command = EVERY.get((name, verb), command)
    options = {each for param in command.params for each in param.opts} | {"--帮助"}
    if not isinstance(command, FieldCommand) and name != "letter":
        assert {each for each in rest if each.startswith("--") and not each.isascii()} <= options


def test_nouns_are_the_commands_with_verbs() -> None:
    """A word behind a command is a verb only where the command has verbs."""
    assert {path[0] for path in EVERY if len(path) > 1} == NOUNS


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        (("列表", "--流程", "移送"), ("list", "--workflow", "referral")),
        (("文书", "说明", "移送函"), ("letter", "explain", "transfer")),
        (("清零", "2019年问题"), ("zero", "zhengzhou_2019")),
        (("流程", "查看", "问题线索"), ("workflow", "show", "lead")),
        (("报告", "周报", "--数据"), ("report", "weekly", "--json")),
    ],
    ids=" ".join,
)
def test_a_title_or_a_part_of_it_is_enough(house: House, chinese: tuple[str, ...], english: tuple[str, ...]) -> None:
    """Kinds, workflows and campaigns are found by what only one is called, be it but for its last sign."""
    house.lead()
    said, meant = (house.run(*each, lang="zh") for each in (chinese, english))

    assert (said.exit_code, said.stdout) == (meant.exit_code, meant.stdout)


NEAR = {
    ("列彪",): "是不是想写 列表",
    ("单位", "列彪"): "是不是想写 列表",
    ("列表", "--未办"): "--未办结",
    ("列表", "--状态", "已受里"): "是否指“已受理”",
    ("列表", "--单位", "县中医元"): "是否指“县中医院”",
    ("列表", "--流程", "移松件"): "是否指“移送件”",
    ("报告", "周抱"): "是否指“周报”",
    ("文书", "编发", "转办但", "1"): "是否指“转办单”",
    ("文书", "编发", "报告", "1"): "核查情况报告、办结报告",
    ("办理", "1", "交伴"): "是否指“交办”",
    ("人员", "授权", "赵某", "核察人"): "是否指“核查人”",
}


@pytest.mark.parametrize("typed", NEAR, ids=" ".join)
def test_a_slip_is_answered_with_what_is_nearest(house: House, typed: tuple[str, ...]) -> None:
    """A wrong sign in a Chinese word is answered with the word that was meant."""
    house.lead()
    result = house.run(*typed, lang="zh")

    assert result.exit_code != 0
    assert NEAR[typed] in result.stderr


def test_people_roles_and_steps_are_named_in_chinese(house: House) -> None:
    """The history and what is refused say names and titles; no code of theirs is left."""
    number = house.lead()
    house.assigned(number)
    pages = [house.run(*each, lang="zh").output for each in (("查看", number), ("日志", "流水", number))]
    pages.append(house.refused(21, "办理", number, "办结", "--办结日期", "昨天", by="zhao", lang="zh"))

    for page in pages:
        assert not set(re.findall(r"[a-z_]{2,}", page)) & {"li", "zhao", "wang", "assign", "close", "lead", "office"}


IN_CHINESE = {
    ("导出", "台账"): "缺少选项 '-o'／'--输出到'。",
    ("报告", "通报", "-o", "a.docx", "--排名", "超"): "可写 办结率、按期率、超期、未报",
    ("办理", "1", "提交核查报告", "--核查结论", "属识"): "之内：查实、部分属实、查否、查不清",
    ("更正", "1", "--线索来源", "电话举抱", "--原因", "误"): "（是否指“电话举报”？）",
    ("延期", "1", "--延长", "许久", "--原因", "证人在外地"): "请写成“1个月”或“15个工作日”",
    ("延期", "1", "处置期限", "--延长", "两个月", "--原因", "证人在外地"): "“处置期限”不予延期",
    ("文书", "编发", "催办单", "1", "--期限", "处置期间", "-o", "a.docx"): "是否指“处置期限”",
    ("文书", "列表"): "责任人、核查人、局扫黑办",
    ("体检",): "问题线索、",
    ("清零", "年度", "--年度", "2019"): "→ 交办；办理人",
}


def test_what_is_refused_or_listed_is_in_the_words_that_are_typed(house: House) -> None:
    """Choices, indicators, terms, steps and workflows stand by their titles; no name of a declaration is left."""
    house.lead()
    wrong = {}
    for typed, said in IN_CHINESE.items():
        output = house.run(*typed, lang="zh").output
        codes = set(re.findall(r"(?<![\w./-])[a-z]+_[a-z_]+|assign|handler|inspection|substantiated", output))
        if said not in output or codes:
            wrong[" ".join(typed)] = (codes, output[-600:])
    assert wrong == {}


def test_a_year_that_was_added_is_said(house: House) -> None:
    """A day typed without a year that lies in another year is repeated with it; one of this year is not."""
    text = ("--线索来源", "来信", "--反映的主要问题", "有人强揽生意", "--单位", "0101", "--收到时间")

    assert (
        "“12月31日”按 2018-12-31 登记；如有误，请更正：qingling 更正 "
        in house.run("登记", *text, "12月31日", lang="zh").stderr
    )
    for typed in ("1月2日", "2018年12月31日"):
        assert "登记；如有误" not in house.run("登记", *text, typed, lang="zh").stderr


@pytest.mark.parametrize("weak", ["123456789012", "passwordpassword", "zhonghuarenmin", "县人民医院2019", "我爱你中国"])
def test_a_passphrase_that_everybody_tries_is_weak(weak: str) -> None:
    """Runs, repetitions, common words and the house's own names do not make a passphrase, however long."""
    assert bits(weak, ["县人民医院"]) < ENOUGH


@pytest.mark.parametrize("strong", ["correct horse battery", "桌上青蛙喝豆浆", "k3#Tz9!pQw"])
def test_a_passphrase_is_strong_by_what_must_be_guessed(strong: str) -> None:
    """Words that do not belong together are enough in either script, and so are few signs at random."""
    assert bits(strong, ["县人民医院"]) >= ENOUGH
