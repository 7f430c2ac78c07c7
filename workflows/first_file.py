"""The file that a new workflow begins with: small, sound, with a comment at every part."""

from typing import Final

from engine.language import language

_LINES: Final = """
# {{en}}One kind of case, step by step. All keys: docs/language.md. Test it: qingling workflow check FILE
# {{zh}}一个流程：一类事项如何逐步办理。全部键见 docs/zh/language.md；检查：qingling workflow check 文件
# {{en}}The name of this file, and the version: raise it whenever the ledger has cases of this one.
# {{zh}}与文件名相同；台账已有此类事项后，每次修改须提高版本号。
workflow: NAME
version: 1
# {{en}}What people read, in English and Chinese.
# {{zh}}供人阅读的名称，中英文各一。
title: {en: NAME, zh: NAME}
# {{en}}The serial number counts within all else that stands here.
# {{zh}}编号格式；流水号在其余部分之内连续编排。
number: "{unit}-CODE-{year}-{serial:04}"
# {{en}}The field with the day of receipt, and the one that lists show.
# {{zh}}收到日期所在字段，以及列表中显示的字段。
dated_by: received_on
summary: subject
# {{en}}Who registers cases, who corrects them, who voids what has taken a step (roles: workflows/lists/roles.yaml).
# {{zh}}谁登记、谁更正、谁作废已办理的事项（角色见 workflows/lists/roles.yaml）。
open: {by: [office]}
amend: {by: [office]}
void: {by: [unit_head]}
# {{en}}What is written down of a case: text, date, moment, flag, number, choice(s), officer(s), unit, sealed.
# {{zh}}字段。类型：text、date、moment、flag、number、choice、choices、officer、officers、unit、sealed。
fields:
  received_on: {type: date, required: true, title: {en: Received on, zh: 收到日期}}
  subject: {type: text, required: true, title: {en: Subject, zh: 事由}}
  handler: {type: officer, title: {en: Handler, zh: 办理人}}
  outcome:
    type: choice
    title: {en: Outcome, zh: 结果}
    values: [{value: granted, title: {en: Granted, zh: 准予}}, {value: refused, title: {en: Refused, zh: 不予办理}}]
  reason: {type: text, title: {en: Reason, zh: 理由}}
# {{en}}Where a case can stand. The first is where it begins; a final one is where it ends.
# {{zh}}状态。第一个为初始状态；final 为终结状态。
states:
  received: {title: {en: Received, zh: 已收到}}
  in_hand: {title: {en: In hand, zh: 办理中}}
  answered: {title: {en: Answered, zh: 已答复}, final: true}
# {{en}}States that are named together often.
# {{zh}}常一并提到的状态。
groups:
  unfinished: [received, in_hand]
# {{en}}Steps: from where to where, by whom, what must be brought (asks), and what refuses it (when).
# {{zh}}步骤：由何状态到何状态、由谁办理、须填写什么（asks）、何时不予办理（when）。
transitions:
  assign: {title: {en: Assign, zh: 交办}, from: received, to: in_hand, by: [office], asks: [handler]}
  answer:
    title: {en: Answer, zh: 答复}
    from: in_hand
    to: answered
    by: [handler, office]
    asks: [outcome]
    takes: [reason]
    when:
      "outcome != 'refused' or reason": {en: say why it is refused, zh: 不予办理的须说明理由}
# {{en}}Terms: nothing may wait for ever. The ladder says who is reminded when.
# {{zh}}期限：任何状态都不得无限等待；ladder 写明何时提醒何人。
deadlines:
  answering:
    title: {en: Answer due, zh: 答复期限}
    starts: {field: received_on}
    runs_in: unfinished
    within: 15 working_days
    ladder: usual
ladders:
  usual:
    - {at: -3 working_days, level: remind, to: [handler]}
    - {at: +1 working_day, every: 5 working_days, level: chase, to: [handler, office]}
# {{en}}When a case counts as cleared, and when as closed for good.
# {{zh}}何时计为办结，何时计为闭环销号。
clearance:
  cleared: {states: [answered]}
  fully_closed: {states: [answered]}
"""


def first_file(name: str) -> str:
    """Return the text of a file that declares a workflow called *name*, with comments in the language in use.

    It is sound as it stands: `workflow check` finds nothing in it.
    """
    mine, other = ("zh", "en") if language() == "zh" else ("en", "zh")
    kept = (line for line in _LINES.strip().splitlines() if not line.startswith(f"# {{{{{other}}}}}"))
    text = "\n".join(kept).replace(f"{{{{{mine}}}}}", "").replace("NAME", name)
    return text.replace("CODE", name.upper()) + "\n"
