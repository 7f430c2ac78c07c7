"""`qingling doctor`: look for what is wrong with an installation; changes nothing."""

from typing import Final

import click

from commands.console.bilingual import command, json_option, option, pass_app
from commands.console.command_lines import as_typed
from commands.console.context import AppContext
from commands.console.output import print_json, print_table, talk
from commands.shared.examining import examined
from commands.shared.findings import MARKS
from engine.language import t

WRONG: Final = 1
ATTENTION: Final = 2
"""Exit codes, as a monitor takes them."""


@command(
    "doctor",
    en="Look for what is wrong with this installation. It looks at names, database, tables, backups, attached files, "
    "channels, messages, scheduler, people, workflows, calendar, clock, permissions and disk; changes nothing. Exit "
    "code 0 if all is well, 1 if anything is wrong, 2 if something needs attention.",
    zh="检查安装和数据库有无问题。检查名称冲突、数据库、数据表、备份、附件、通道、消息、值守、人员、流程、日历、时钟、"
    "文件权限、磁盘；不作任何更改。正常时退出码为 0，有误为 1，需注意为 2。",
    example="qingling doctor",
)
@option(
    "--deep",
    is_flag=True,
    en="Read every page of a large database file too; takes seconds for each gigabyte.",
    zh="数据库文件较大时也逐页检查；每 GB 需数秒。",
)
@json_option
@pass_app
def doctor(app: AppContext, deep: bool, as_json: bool) -> None:
    """Print what was found."""
    found = list(examined(app, deep=deep))
    if as_json:
        print_json(
            [{"topic": each.topic.en, "verdict": each.verdict, "sentence": str(each.sentence)} for each in found]
        )
    else:
        print_table(
            [t("what", "项目"), t("verdict", "结果"), t("found", "说明")],
            [(str(each.topic), str(MARKS[each.verdict]), as_typed(str(each.sentence))) for each in found],
        )
    wrong = sum(each.verdict == "wrong" for each in found)
    heed = sum(each.verdict == "attention" for each in found)
    if wrong or heed:
        talk(
            t(
                "{wrong} wrong, {heed} that need attention",
                "有误 {wrong} 项，需注意 {heed} 项",
                wrong=wrong,
                heed=heed,
            )
        )
        click.get_current_context().exit(WRONG if wrong else ATTENTION)
    talk(t("nothing is wrong", "未发现问题"))
