"""What is wrong with a row that lacks what every case needs, or was received on a day to come."""

from collections.abc import Mapping
from datetime import date

from documents.ledger_in.number_letters import choice_of_number
from engine.language import Text
from engine.workflow.model import Field


def missing(field: Field, values: Mapping[str, object]) -> tuple[Text, Text]:
    """Return what is wrong with an empty cell that must be filled, and what would be right."""
    right = Text("fill it in; every row needs it", "此栏必填，请补填")
    proposed = choice_of_number(field, values)
    if proposed is not None:
        right = Text("perhaps {it} (as its number begins); {right}", "可能是“{it}”（按编号首字母）；{right}").format(
            it=proposed, right=right
        )
    return Text(f"{field.title.en} is empty", f"未填写“{field.title.zh}”"), right


def in_future(day: date) -> tuple[Text, Text]:
    """Return what is wrong with a receipt on a day to come."""
    return (
        Text(f"{day.isoformat()} lies in the future", f"{day.isoformat()} 在今天之后"),
        Text("the day it was received", "填写实际收到的日期"),
    )
