"""Arguments and options that several commands take, each described once."""

from typing import Final

from commands.console.bilingual import argument, option
from commands.console.names import CASE

case_number: Final = argument("number", type=CASE, en="Number of the case.", zh="事项编号。")
deadline_name: Final = argument(
    "name", required=False, en="Name of the deadline, if more than one runs.", zh="期限名称（有多个时）。"
)
reason_option: Final = option("--reason", required=True, en="Why.", zh="理由。")
workflow_option: Final = option(
    "--workflow", metavar="WORKFLOW", en="Which kind of case (default: lead).", zh="流程（默认问题线索）。"
)
