"""What a clerk in a hurry types is answered in their words, with what can be typed back."""

import re
from pathlib import Path
from zipfile import ZipFile

import click
import pytest
from houses import LEAD, House, built_house, house
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from test_clerks_words import EVERY

from commands import init
from commands.console.bilingual import Shared
from commands.receive import questions
from commands.shared import custody
from engine.language import speaking

__all__ = ["built_house", "house"]


def test_who_is_to_log_in_is_named_and_whom_it_replaces(house: House) -> None:
    """A password set for another, and a log-in on a machine where somebody is logged in, say whose they are."""
    words = house.folder / "password.txt"
    words.write_text("雨打铁皮屋顶，一夜无眠到天明\n", "utf-8")
    set_up = ("credential", "password", "--password-file", str(words))
    assert house.run(*set_up, "li", lang="zh").stderr.endswith("登录：qingling 登录 li\n")
    house.done(*set_up)
    assert house.run("login", "wang", "--password-file", str(words), lang="zh").stderr == "wang 已登录\n"
    said = house.run("login", "李某", "--password-file", str(words), lang="zh").stderr
    assert said.splitlines() == ["li 已登录", "wang 在本机的登录已被替换：本机同一系统账户同时只有一人登录"]


IN_A_HURRY = {
    ("文书", "转办单", "1", "--承办单位", "县医院", "--办结时限", "昨儿", "-o", "a.docx"): "办结时限：“昨儿”不是日期",
    ("文书", "延期审批表", "1", "--新期限", "12月31日", "-o", "a.docx"): "该文书没有“新期限”",
    ("文书", "延期审批表", "1", "-o", "a.docx"): "没有可延期且在计时的期限",
    (
        "登记",
        "--单位",
        "0101",
        "--收到时间",
        "今天",
        "--线索来源",
        "乱写",
        "--反映的主要问题",
        "甲",
    ): "“乱写” 不在可选值之内，如上级交办督办、",
    ("更正", "1", "--实名举报", "随便", "--原因", "误"): "“随便” 既非“是”也非“否”",
    ("更正", "1", "--责任人", "孔某", "--原因", "误"): "“孔某” 不是在册人员；请查看",
    ("办理", "1", "研判"): "（是否指“登记研判意见”？）",
    ("附件", "1", "没有.pdf"): "无法读取 没有.pdf（没有这个文件或文件夹）",
    ("导出", "台账", "-o", "没有/a.csv"): "无法写入 没有/a.csv（没有这个文件或文件夹）",
    ("列表", "--状态", "未办结"): "没有状态“未办结”（未办结的全部事项：qingling 列表 --未办结）",
    ("列表", "--条件", "线索来源 = 群众来信"): "如是取值，请加引号：'群众来信'",
    ("文书", "转办单", "1", "-o", "a.docx"): "机关代字（--代字；一次设好：qingling 文书 设置 --代字）",
}


def test_a_slip_is_answered_in_words_that_can_be_typed_back(house: House) -> None:
    """What stands is a sentence about what was typed; no English word, and no code of a declaration, is in it."""
    house.lead()
    wrong = {}
    for typed, said in IN_A_HURRY.items():
        result = house.run(*typed, lang="zh")
        foreign = (
            set(re.findall(r"[A-Za-z]{2,}[A-Za-z_]*", result.stderr))
            - {"qingling", "docx", "csv", "pdf", "XS"}
            - set(typed)
        )
        if said not in result.stderr or foreign or result.exit_code in {0, 1}:
            wrong[" ".join(typed)] = (foreign, result.output[-500:])
    assert wrong == {}


def test_a_choice_on_a_terminal_shows_no_name_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choices stand by their titles, those with numbers and units by both; a part that several have is asked again."""
    answers, said = iter(["县医院", "人民"]), list[str]()
    monkeypatch.setattr(questions, "ask_words", lambda _: next(answers))
    monkeypatch.setattr(questions, "talk", said.append)
    listed = [("letter", "群众来信"), ("A5", "强买强卖"), ("0101", "县人民医院"), ("0102", "县中医院")]
    with speaking("zh"):
        assert questions.chosen("所选", listed, shows=False) == "0101"
    assert said == [
        "所选：", "   1  群众来信", "   2  强买强卖 (A5)", "   3  县人民医院 (0101)", "   4  县中医院 (0102)",
        "“县医院”可能指：县人民医院、县中医院；请写全称", "请选 1 至 4，或写出其中一项",
    ]  # fmt: skip


def test_a_day_in_full_width_is_a_day_in_a_condition(house: House) -> None:
    """Digits and hyphens of an input method in full width are those of a day."""
    number = house.lead()
    assert number in house.done("列表", "--条件", "收到时间＞２０１９－０６－２７", lang="zh")
    assert number not in house.done("列表", "--条件", "收到时间＞２０１９－０６－２８", lang="zh")


def test_a_day_in_a_letter_is_typed_as_everywhere(house: House) -> None:
    """A due day without a year is the next such day, as where a lead is registered."""
    number, file = house.lead(), str(house.folder / "a.docx")
    house.done("letter", "settings", "--code", "卫扫黑", "--contact", "王某", "--telephone", "0830-1")
    house.done("文书", "转办单", number, "--承办单位", "县医院", "--办结时限", "12月20日", "-o", file, lang="zh")
    with ZipFile(file) as paper:
        assert "2019年12月20日" in re.sub("<[^>]*>", "", paper.read("word/document.xml").decode())


def test_no_english_stands_in_chinese_help() -> None:
    """What stands for a value has a Chinese word, and the sentences of examples are Chinese."""
    found = {}
    with speaking("zh"):
        for path, command in EVERY.items():
            shown = [
                param.make_metavar(click.Context(command, **command.context_settings))
                for param in command.params
                if not (isinstance(param, click.Option) and param.is_flag)
            ]
            example = command.get_help(
                click.Context(command, info_name=path[-1], **command.context_settings)
            ).partition("例：")[2]
            english = [*re.findall(r"[A-Z][A-Z]+", " ".join(shown)), *re.findall(r'"[a-z]+ [a-z ]+"', example)]
            english += re.findall(r"--(?:原因|说明) ([a-z]+)", example)
            if english:
                found[" ".join(path)] = english
    assert found == {}


def test_strokes_and_comments_of_an_old_ledger_are_said(house: House) -> None:
    """A row that was struck through is taken in as it reads, and the clerk is shown it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["单位", "收到日期", "线索来源", "线索内容"],
        ["县医院", "2019.6.3", "群众来信", "号贩子倒卖专家号"],
        ["县医院", "2019.6.4", "群众来信", "黑救护车拉客"],
        ["县医院", "2019.6.5", "群众来信", "保安收停车费"],
    ):
        sheet.append(row)
    sheet["D3"].font = Font(strike=True)
    sheet["D4"].comment = Comment("此件与第一件重复？", "李主任")
    file = house.folder / "旧台账.xlsx"
    book.save(file)
    said = house.run("导入", str(file), lang="zh").output
    assert "! 有删除线的 1 行（首行 Sheet!3），已按文字照常处理，请核对是否有效" in said
    assert "! 有批注的 1 行（首行 Sheet!4）" in said
    assert "原样留存：qingling 查看 编号 --原始" in said


def test_a_name_that_was_set_apart_is_the_same_name(house: House) -> None:
    """孙 某 is 孙某; a second officer of that name is said, since the name alone then means neither."""
    assert house.run("人员", "新增", "sun1", "周 某", lang="zh").stderr == "已新增人员 sun1 周某\n"
    said = house.run("人员", "新增", "sun2", "周某", lang="zh").stderr
    assert said == "已新增人员 sun2 周某\n另有同名人员：sun1；“周某”所指不明时请写代码\n"


def test_one_slip_costs_no_answers_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blank name, a code that is none and a weak passphrase are asked for again where they are typed."""
    typed = iter([" ", "某县卫健局", "01 01", "0101", "县医院", "赵 某", "zhao", "赵某"])
    secrets = iter(["abc", "雨打铁皮屋顶，一夜无眠到天明"])
    said: list[str] = []
    for place in ("init.can_ask", "shared.custody.can_ask"):
        monkeypatch.setattr(f"commands.{place}", lambda: True)
    monkeypatch.setattr(init, "ask_words", lambda _: next(typed).strip())
    monkeypatch.setattr(custody, "ask_secret", lambda _, **__: next(secrets))
    monkeypatch.setattr(click, "echo", lambda line, **_: said.append(line))
    with speaking("zh"):
        answers = init.answers_given(None, None, None, None, None)
        assert custody.passphrase_given(None, new=True) == "雨打铁皮屋顶，一夜无眠到天明"
    assert (answers.name, answers.unit, answers.officer) == ("某县卫健局", ("0101", "县医院"), ("zhao", "赵某"))
    assert [line.partition("（")[0] for line in said] == [
        "名称或理由为空，请填写",
        "“01 01”不能作代码：限字母、数字、点和短横，不含空格",
        "“赵 某”不能作代码：限字母、数字、点和短横，不含空格",
        "口令容易被猜出",
    ]


WRONG_FILES = {
    "none.txt": "（没有这个文件或文件夹）",
    "folder": "（是文件夹）",
    "gbk.txt": "gbk.txt 不是 UTF-8 文本；请另存为 UTF-8",
    "loop": "（链接成环）",
}
"""What is named where a text is asked for, and what is said of it."""
PAGE = "甲" * 20_000
SLIPS: dict[tuple[str, ...], tuple[int, str, str]] = {
    ("show", PAGE): (20, "甲…甲", "甲…甲"),
    ("zero", f"--year={PAGE}"): (2, "甲…甲", "甲…甲"),
    ("workflow", "migrate", "lead", "--version", "9" * 20): (2, "is not in the range", "不在范围"),
    ("credential", "revoke", "passkey", "--number", "9" * 20, "--reason", "x"): (2, "not in the range", "不在范围"),
    ("database", "copy", "loop"): (12, "name one without tables", "请指定尚无数据表的数据库"),
    ("replay", "a\0b"): (2, "U+0000", "U+0000"),
    ("workflow", "mine", "empty.csv"): (11, "empty.csv: there is no completed event", "empty.csv：没有已完成的事件"),
    ("workflow", "mine", "long.csv"): (11, "larger than field limit", "CSV：一格内容过长，可能少了一个引号\n"),
    ("workflow", "mine", "page.xes"): (11, "no element found", "XML：内容不完整\n"),
    ("adopt", "线索移送函.docx"): (11, "is no Word file", "不是可读取的 Word 文件；请另存为 .docx\n"),
    ("adopt", "colons.yaml"): (10, "mapping values", "YAML：此处不应有冒号；值中含冒号的请加引号\n"),
    ("export", "ocel", "-o", "loop"): (11, "loop is there already", "loop 已存在"),
    ("note", "1", "\u200b\u2060"): (2, "a note has 1 to", "备注须为 1 至"),
    ("note", "1", "see\u202egpj.exe"): (2, "contains control characters", "备注或理由含有控制字符"),
    ("amend", "1", "--summary", "x", "--reason", "\u200b"): (2, "give a reason", "请写明理由"),
    ("amend", "1", "--summary", "x", "--reason", "a\0b"): (2, "contains control characters", "备注或理由含有控制字符"),
    ("case-file", "1", "-o", "a.docx", "--reason", " "): (2, "give a reason", "请写明理由"),
    ("receive", "--unit", "0101", *LEAD[:4], "--summary", "\u200b"): (21, "summary", "主要问题"),
    ("credential", "unlock"): (2, "--password-file FILE", "--登录口令文件 文件"),
    ("list", "--unit", "0101", "--单位", "0102"): (2, "--unit is given twice", "--单位 写了两次"),
    ("list", "--limit=1", "--limit", "2"): (2, "--limit is given twice", "--最多 写了两次"),
    ("list", "--by", "li", "--by", "chen"): (2, "--by is given twice", "--经办 写了两次"),
    ("--by", "li", "list", "--by", "chen"): (2, "--by is given twice", "--经办 写了两次"),
    ("export", "ledger", "-o", "a.csv", "--out", "b.csv"): (2, "is given twice", "写了两次"),
    ("receive", "--unit", "0101", "--unit", "0102"): (2, "--unit is given twice", "--单位 写了两次"),
    ("extend", "1", "--reason", "--signed-by", "chen"): (2, "--reason needs a value", "--原因 后面要有值"),
    ("void", "1", "--reason", "--by", "chen"): (2, "type --reason=--by", "请写作 --原因="),
    ("receive", "--unit", "--summary", "x"): (2, "--unit needs a value", "--单位 后面要有值"),
    ("receive", "--summary", "--unit", "0101"): (2, "--summary needs a value", "--summary 后面要有值"),
    ("export", "ledger", "--out", "-o"): (2, "needs a value", "后面要有值"),
    ("list", "——单位"): (2, "requires an argument", "后面要有值"),
    ("list", "－－ｎｏｗ＝6月31日"): (2, "--now", "--时刻"),
    ("journal", "checkpoint", "-o", "gbk.txt"): (11, "gbk.txt exists", "gbk.txt 已存在"),
    ("journal", "checkpoint", "--request", "none/b.txt"): (11, "no such folder", "没有所在的文件夹"),
    ("journal", "witness", "none.txt", "--folder", "folder", "--name", "w"): (
        11,
        "none.txt cannot",
        "无法读取 none.txt",
    ),
    ("backup", ""): (2, "it has no name", "名称为空"),
    ("calendar", "show", "2019", "--now", "6月31日"): (2, "is no instant", "不是时刻"),
    ("calendar", "show", "二〇一九年二月"): (2, "is not a year", "不是年份"),
    ("zero", "zhengzhou_2019", "--year", "19"): (2, "is not a year", "不是年份"),
}


def test_a_slip_in_a_file_or_a_number_is_one_short_line(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code and sentence in both languages; no library's English in Chinese, no page repeated, nothing written."""
    monkeypatch.chdir(house.folder)
    Path("folder").mkdir()
    Path("loop").symlink_to("loop")
    Path("gbk.txt").write_bytes("口令".encode("gbk"))
    Path("empty.csv").write_text("case,event,at\n", "utf-8")
    Path("long.csv").write_text(f"case,event,at\n1,{PAGE * 10},2019-06-03\n", "utf-8")
    Path("page.xes").write_text("<html>", "utf-8")
    Path("colons.yaml").write_text("title: a: b\n", "utf-8")
    Workbook().save("线索移送函.docx")
    house.lead()
    before = house.database.read_bytes()
    rows = [*SLIPS.items()]
    for name, said in WRONG_FILES.items():
        rows += [
            (("login", "--password-file", name), (11, name, said)),
            (("receipt", "answer", "x", "--words-file", name), (11, name, said)),
        ]
    env, wrong = {"QINGLING_SIGNING_KEY": "passphrase.txt"}, {}
    for typed, (code, *sentences) in rows:
        for lang, words in zip(("en", "zh"), sentences, strict=True):
            result = house.run(*typed, lang=lang, env=env if typed[:1] == ("credential",) else None)
            lines = len(result.stderr.strip().splitlines())
            if (result.exit_code, lines, len(result.stderr) < 400) != (code, 1, True) or words not in result.stderr:
                wrong[" ".join(typed)[:60], lang] = (result.exit_code, result.output[-300:])
    assert wrong == {}
    assert house.database.read_bytes() == before
    assert not any(Path("folder").iterdir())
    assert "'fr' is not spoken here" in house.run("list", "--lang", "fr").stderr


def test_options_and_equals_signs_of_an_input_method_are_those_that_are_meant(house: House) -> None:
    """Long dashes, full width and another equals sign stand for the plain ones; in a value they stay."""
    number = house.done(
        "receive",
        "——单位＝0101",
        "－－ｒｅｃｅｉｖｅｄ－ｏｎ",
        "2019-06-28",
        "——线索来源＝来信",
        "--set",
        "ｓｕｍｍａｒｙ＝——见＝附件",
    )
    fields = house.found("show", number)["fields"]
    assert (fields["source"], fields["received_on"], fields["summary"]) == ("letter", "2019-06-28", "——见＝附件")
    house.done("amend", number, "--summary", "——见另件", "--reason=--by")
    assert house.found("show", number)["fields"]["summary"] == "——见另件"
    assert number in house.done("list", "—unit", "0101", "--limit", "１０")


RARELY_TYPED = {
    "desk", "run", "restore", "completion", "unit", "officer", "receipt", "reporter", "credential", "journal",
}  # fmt: skip
NONSENSE = ("甲\n乙", "99999999999999999999", "no/such/place", "\u200b", "2019-02-30", "%s{0}", "‘’; drop")


def test_nonsense_for_every_value_is_one_line(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command that no other test mistypes says what is wrong in one line, with a code, and writes nothing."""
    monkeypatch.chdir(house.folder)
    house.lead()
    before, wrong, turn = house.database.read_bytes(), {}, 0
    for path, command in EVERY.items():
        if path[0] not in RARELY_TYPED or isinstance(command, click.Group):
            continue
        typed = [*path]
        for each in command.params:
            turn += 1
            if isinstance(each, Shared) or (isinstance(each, click.Option) and each.is_flag):
                continue
            typed += [each.opts[-1]] * isinstance(each, click.Option) + [NONSENSE[turn % len(NONSENSE)]]
        result = house.run(*typed, lang="zh")
        lines = result.stderr.strip().splitlines()
        if len(typed) > len(path) and (result.exit_code == 1 or len(lines) != 1):
            wrong[" ".join(typed)] = (result.exit_code, result.output[-300:])
    assert wrong == {}
    assert house.database.read_bytes() == before
