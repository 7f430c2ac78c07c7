"""Makes the shipped templates of papers, in the layout of official documents (GB/T 9704-2012).

Run `python -m tools.letter_templates.making` after changing it; the files are kept beside the program so
that they can be opened, and a test holds them to what is made here.

A4; type area 156 by 225 mm: margins 37 mm above, 35 below, 28 left, 26 right; 22 lines of 28
characters of 16 pt; title 22 pt; page number 14 pt between dashes, outside.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tools.letter_templates.sheet import LetterSheet

FOLDER: Final = Path(__file__).resolve().parents[2] / "documents" / "letters" / "templates"


def make_all(folder: Path = FOLDER) -> None:
    """Write every template into *folder*."""
    folder.mkdir(exist_ok=True)
    for name, make in MAKERS.items():
        sheet = LetterSheet()
        make(sheet)
        sheet.save(folder / f"{name}.docx")


def _transfer(sheet: LetterSheet) -> None:
    """A letter with two annexes: what is handed over, and the receipt that comes back."""
    sheet.letter_head()
    sheet.title("关于移送{{ category or '问题' }}线索的函")
    sheet.addressee("{{ receiving_body }}：")
    sheet.say("{{ received_on }}，我单位通过{{ source }}收到有关线索（编号{{ lead_number }}），反映如下：")
    sheet.each("facts")
    sheet.say(
        "经核查，涉及人员：{{ subject }}{% if subject_position %}，{{ subject_position }}{% endif %}"
        "{% if subject_unit %}；发生地点或机构：{{ subject_unit }}{% endif %}"
        "{% if finding %}；核查结论：{{ finding }}{% endif %}"
        "{% if report_number %}（核查报告文号：{{ report_number }}）{% endif %}。"
    )
    sheet.say("依据{{ basis }}，现将该线索及有关材料移送你单位。{{ request }}", hold=True)
    sheet.say("专此函达。", hold=True)
    sheet.blank()
    sheet.hanging("附件：1．移送材料清单", "2．回执")
    sheet.signature()
    sheet.contact("（联系人：{{ contact }}，联系电话：{{ telephone }}）")
    sheet.annex("附件1", "移送材料清单")
    sheet.grid(
        (24, 54, 24, 54),
        [("移送单位", "{{ sender }}", "接收单位", "{{ receiving_body }}"),
         ("文　　号", "{{ number }}", "线索编号", "{{ lead_number }}"),
         ("移送人", "{{ handler }}", "移送意见", "{{ opinion }}"),
         ("接收人", "", "移送时间", "　　　年　　月　　日")],
    )  # fmt: skip
    sheet.gap()
    sheet.rows((18, 88, 25, 25), ("序号", "材料名称及份数", "清点", "备注"), "material")
    sheet.note("清单一式两份，移送单位和接收单位各执一份。")
    sheet.annex("附件2", "回　　执")
    sheet.addressee("{{ sender }}：")
    sheet.say("你单位《关于移送{{ category or '问题' }}线索的函》（{{ number }}）及所附材料已收到，现回复如下：")
    sheet.gap()
    sheet.grid(
        (50, 106),
        [("接收机关", "{{ receiving_body }}"), ("收到日期", "　　　　年　　月　　日"),
         ("收到材料件数", "　　　　件（应收 {{ material | length }} 件）"),
         ("是否属本机关管辖", "□ 属本机关管辖\n□ 不属本机关管辖，已转送　　　　　　　　　"),
         ("接收人签字", ""), ("联系电话", "")],
        tall=True,
    )  # fmt: skip
    sheet.sealed_by("（接收机关印章）", "　　　　年　　月　　日")
    sheet.note("请将本回执签字盖章后退回移送单位，存入案卷。")


def _pass_on(sheet: LetterSheet) -> None:
    """A form with what is to be done and by when, and the way that the paper went."""
    sheet.form_title("线索转办单")
    sheet.form_number()
    sheet.grid(
        (28, 50, 28, 50),
        [
            ("承办单位", "{{ handling_office }}", "线索编号", "{{ case_number }}"),
            ("线索来源", "{{ source }}", "收到时间", "{{ received_on }}"),
            ("线索类型", "{{ category }}", "办结时限", "{{ due_on }}"),
            ("事项概要", "#facts"),
            ("转办理由", "{{ reason }}"),
            ("办理要求", "##demands"),
            ("联系人", "{{ contact }}", "联系电话", "{{ telephone }}"),
        ],
    )
    sheet.gap()
    sheet.say("现将上述线索转交你单位办理，请于{{ due_on }}前办结，并报送办理结果。")
    sheet.signature()
    sheet.keep_together("流转登记", (30, 40, 56, 30), ("经手人签名", "时间", "意见", "备注"), 3)


def _chase_letter(sheet: LetterSheet) -> None:
    """A form in two copies: one is kept, one is sent."""
    for place, copy in enumerate(("第一联　存根", "第二联　送承办单位")):
        sheet.form_title("催　办　单", new_page=place > 0)
        sheet.form_number(copy)
        sheet.grid(
            (40, 116),
            [("承办单位", "{{ handling_office }}"), ("事项名称与编号", "{{ case_title }}　{{ case_number }}"),
             ("期限名称", "{{ deadline }}"), ("原定时限", "{{ due_on }}"),
             ("现行时限", "{{ moved_due_on or due_on }}{% if moved_by %}（{{ moved_by }}）{% endif %}"),
             ("已超时间", "{{ late }}"),
             ("催办要求", "#(demands | numbered if demands | length > 1 else demands)"),
             ("反馈期限", "请于{{ answer_by }}前书面反馈。"),
             ("责任人", "{{ handler }}"), ("经办人及电话", "{{ contact }}　{{ telephone }}"),
             ("签　　收", "签收人：　　　　　　　　　　　年　　月　　日")],
            tall=True,
        )  # fmt: skip
        sheet.signature()
        sheet.note("本单一式两份，一份存根，一份送承办单位。")


def _supervision_notice(sheet: LetterSheet) -> None:
    """A letter with what is late and the new day, and a slip to sign for it."""
    sheet.head()
    sheet.title("督办通知书")
    sheet.addressee("{{ handling_office }}：")
    sheet.say(
        "你单位承办的{{ case_title }}（编号{{ case_number }}{% if source %}，来源：{{ source }}{% endif %}"
        "{% if received_on %}，收到日期：{{ received_on }}{% endif %}），“{{ deadline }}”原定{{ due_on }}前完成"
        "{% if moved_due_on %}，因{{ moved_by }}，现行时限为{{ moved_due_on }}{% endif %}，现已超过办理期限{{ late }}"
        "{% if chased %}，此前已催办{{ chased }}{% endif %}。依据{{ instruction }}，现予以督办。"
    )
    sheet.heading("一、督办要求")
    sheet.each("demands", numbered=True)
    sheet.heading("二、办结时限")
    sheet.say("请于{{ new_due_on }}前办结，并将办理结果书面报送我单位。")
    sheet.signature()
    sheet.contact("（联系人：{{ contact }}，联系电话：{{ telephone }}）")
    sheet.keep_together(
        "签　收",
        (60, 48, 48),
        ("签收单位", "签收人", "签收时间"),
        1,
        filled=("{{ handling_office }}", "", ""),
    )


def _extension_form(sheet: LetterSheet) -> None:
    """A form that is asked with and signed."""
    sheet.form_title("线索办理延期审批表")
    sheet.form_number()
    sheet.grid(
        (32, 46, 32, 46),
        [
            ("主送上级", "{{ superior }}"),
            ("事项编号", "{{ case_title }}　{{ case_number }}"),
            ("申请单位", "{{ unit_name }}", "申请日期", "{{ dated_on }}"),
            ("期限名称", "{{ deadline }}", "已延期次数", "{{ times }}"),
            ("原办结期限", "{{ due_on }}", "现办结期限", "{{ current_due_on }}"),
            ("申请延期至", "{{ new_due_on }}", "期限变动", "{{ moved_by }}"),
            ("责任人", "{{ handler }}", "联系电话", "{{ telephone }}"),
            ("延期理由", "#reason"),
            ("申　　请", _APPLIED),
            ("承办科室负责人意见", "^签字：　　　　　　　　　　年　　月　　日"),
            ("单位领导签批", "^签字：　　　　　　　　　　年　　月　　日"),
            (
                "委直属机关纪委备案",
                "^{{ '备案日期：' + filed_on if filed_on else '备案日期：　　　　年　　月　　日' }}",
            ),
        ],
    )


def _verification_report(sheet: LetterSheet) -> None:
    """A report in six parts that everyone of the group signs."""
    sheet.head()
    sheet.title("线索核查情况报告")
    sheet.subtitle("（线索编号：{{ case_number }}）")
    sheet.heading("一、线索来源及反映的主要问题")
    sheet.say("该线索于{{ received_on }}收到，来源为{{ source }}。反映的主要问题：")
    sheet.each("facts")
    sheet.heading("二、核查过程")
    sheet.say("核查组成员：{{ verifiers }}。")
    sheet.each("course")
    sheet.heading("三、核查结果")
    sheet.each("results", numbered=True)
    sheet.heading("四、结论")
    sheet.say("经核查，反映的问题：{{ finding }}。")
    sheet.each("grounds")
    sheet.heading("五、处理与整改建议")
    sheet.each("advice", numbered=True)
    sheet.heading("六、附件")
    sheet.each("attachments", numbered=True, otherwise="无。", hold=True)
    sheet.keep_together("核查组成员签字", (52, 52, 52), ("姓名", "签字", "日期"), 3)
    sheet.signature()


def _closing_report(sheet: LetterSheet) -> None:
    """A report to the body that assigned the case."""
    sheet.head("签发人：{{ issued_by }}")
    sheet.title("关于线索办理情况的报告")
    sheet.addressee("{{ superior }}：")
    sheet.say(
        "{% if external_number %}你单位交办（文号：{{ external_number }}）的{% endif %}"
        "线索{{ case_number }}已于{{ closed_on }}办结，现将办理情况报告如下。"
    )
    sheet.heading("一、事项概要")
    sheet.say("该线索于{{ received_on }}收到，来源为{{ source }}，反映：")
    sheet.each("facts")
    sheet.heading("二、办理过程")
    sheet.each("course")
    sheet.heading("三、办理结果")
    sheet.say("核查结论：{{ finding }}{% if report_number %}（核查报告文号：{{ report_number }}）{% endif %}。")
    sheet.each("measures")
    sheet.paragraph("{%p if penalty %}")
    sheet.say("行政处罚：{{ penalty }}")
    sheet.paragraph("{%p endif %}")
    sheet.heading("四、反映人意见")
    sheet.say("{{ reporter_view }}", hold=True)
    sheet.say("特此报告。", hold=True)
    sheet.paragraph("{%p if attachments %}")
    sheet.blank()
    sheet.say(_ATTACHED, hold=True)
    sheet.paragraph("{%p endif %}")
    sheet.signature()
    sheet.contact("（经办人：{{ handler }}，联系电话：{{ telephone }}）")


def _proposal_reply(sheet: LetterSheet) -> None:
    """A letter that says what was taken up, what was done and what was not taken up."""
    sheet.letter_head()
    sheet.title("关于{{ kind }}办理情况的复函")
    sheet.addressee("{{ issued_by }}：")
    sheet.say(
        "你单位《{{ kind }}》（{{ document_number }}）已于{{ received_on }}收到"
        "{% if answer_due_on %}，答复期限为{{ answer_due_on }}{% endif %}。我单位认真研究，现将办理情况函复如下。"
    )
    sheet.heading("一、建议事项")
    sheet.each("facts")
    sheet.heading("二、采纳情况")
    sheet.say("对上述建议，我单位采纳情况：{{ adoption }}。")
    sheet.heading("三、整改措施")
    sheet.each("measures", numbered=True, otherwise="无。", hold=True)
    sheet.paragraph("{%p if not_adopted_because %}")
    sheet.heading("四、未采纳的理由")
    sheet.each("not_adopted_because", hold=True)
    sheet.paragraph("{%p endif %}")
    sheet.say("特此函复。", hold=True)
    sheet.paragraph("{%p if attachments %}")
    sheet.blank()
    sheet.say(_ATTACHED, hold=True)
    sheet.paragraph("{%p endif %}")
    sheet.signature()
    sheet.contact("（联系人：{{ contact }}，联系电话：{{ telephone }}）")


def _talk_notice(sheet: LetterSheet) -> None:
    """A letter that says who talks with whom, when and why, and a slip that comes back."""
    sheet.head()
    sheet.title("约谈通知书")
    sheet.addressee("{{ concerns }}：")
    sheet.say("因下列事由，经研究，决定对你进行约谈。", hold=True)
    sheet.heading("一、约谈事由")
    sheet.each("facts")
    sheet.heading("二、约谈安排")
    sheet.say("时间：{{ talk_at }}")
    sheet.say("地点：{{ place }}")
    sheet.say("约谈人：{{ done_by }}")
    sheet.heading("三、有关要求")
    sheet.each("bring", numbered=True, hold=True)
    sheet.signature()
    sheet.contact("（联系人：{{ contact }}，联系电话：{{ telephone }}）")
    sheet.keep_together(
        "签　收", (60, 48, 48), ("签收单位及职务", "签收人", "签收时间"), 1, filled=("{{ concerns }}", "", "")
    )


def _talk_record(sheet: LetterSheet) -> None:
    """A form that is filled from what is on record, or by hand during the talk, and signed by both sides."""
    sheet.form_title("约谈记录")
    sheet.form_number("约谈通知：{{ paper or '—' }}")
    sheet.grid(
        (34, 46, 30, 46),
        [
            ("约谈对象", "{{ concerns }}"),
            ("约谈时间", "{{ done_on or '　　　　年　　月　　日' }}", "约谈地点", "{{ place }}"),
            ("约谈人", "{{ done_by }}", "记录人", "{{ recorder }}"),
            ("约谈事由", "#facts"),
            ("谈话情况", "#(record or ['', '', '', '', '', ''])"),
            ("整改要求", "#(demands or ['', '', ''])"),
            ("表态与承诺", "#(promised or ['', '', ''])"),
            ("约谈对象签字", "^签字：　　　　　　　　　　年　　月　　日"),
            ("约谈人签字", "^签字：　　　　　　　　　　年　　月　　日"),
            ("记录人签字", "^签字：　　　　　　　　　　年　　月　　日"),
        ],
    )
    sheet.note("约谈对象核对后签字，确认记录属实；本记录存入案卷。")


def _notice_to_all(title: str, last: str) -> Callable[[LetterSheet], None]:
    """Return what makes a circular about somebody: what it is for, what was decided, what all others draw from it."""

    def make(sheet: LetterSheet) -> None:
        sheet.head()
        sheet.title(title)
        sheet.addressee("{{ addressees }}：")
        sheet.each("facts")
        sheet.say("{{ decision }}", hold=True)
        sheet.heading(last)
        sheet.each("demands", hold=True)
        sheet.signature()

    return make


def _special_management_notice(sheet: LetterSheet) -> None:
    """A letter that says why somebody is put under special management, until when, and what is asked."""
    sheet.head()
    sheet.title("重点管理通知书")
    sheet.addressee("{{ concerns }}：")
    sheet.say("因下列事由，经研究，决定将你单位（本人）列入重点管理。", hold=True)
    sheet.heading("一、列入事由")
    sheet.each("facts")
    sheet.heading("二、重点管理期限")
    sheet.say("自本通知书成文之日起，至{{ ends_on }}止。期满由我单位复核，决定解除或者继续。")
    sheet.heading("三、整改要求")
    sheet.each("demands", numbered=True, hold=True)
    sheet.signature()
    sheet.contact("（联系人：{{ contact }}，联系电话：{{ telephone }}）")
    sheet.keep_together(
        "签　收", (60, 48, 48), ("签收单位", "签收人", "签收时间"), 1, filled=("{{ concerns }}", "", "")
    )


def _minutes(sheet: LetterSheet) -> None:
    """Minutes (纪要格式, GB/T 9704-2012 10.3): the red mark, number, and at the end who came; they bear no seal."""
    sheet.minutes_head("{{ sender }}", "线索研判会会议纪要")
    sheet.say(
        "{{ held_on }}，{{ sender }}{% if place %}在{{ place }}{% endif %}召开{{ period }}线索研判会，"
        "由{{ chair }}主持。现将会议情况纪要如下。"
    )
    sheet.heading("一、会议议题")
    sheet.each("agenda", numbered=True)
    sheet.heading("二、研判意见")
    sheet.each("decisions", numbered=True)
    sheet.heading("三、议定任务")
    sheet.each("tasks", numbered=True, otherwise="无。")
    sheet.paragraph("{%p if dissent %}")
    sheet.heading("四、不同意见")
    sheet.each("dissent")
    sheet.paragraph("{%p endif %}")
    sheet.blank()
    sheet.people("出席", "{{ present }}")
    sheet.paragraph("{%p if absent %}")
    sheet.people("请假", "{{ absent }}")
    sheet.paragraph("{%p endif %}")
    sheet.paragraph("{%p if guests %}")
    sheet.people("列席", "{{ guests }}")
    sheet.paragraph("{%p endif %}")
    sheet.people("记录", "{{ recorder }}", last=True)


def _bulletin_circular(sheet: LetterSheet) -> None:
    """A circular to all units: how they stand, and what is asked next."""
    sheet.head()
    sheet.title("关于{{ period }}工作情况的通报")
    sheet.addressee("{{ addressees }}：")
    sheet.say("现将{{ period }}工作情况通报如下。", hold=True)
    sheet.heading("一、工作情况")
    sheet.each("findings")
    sheet.heading("二、下步要求")
    sheet.each("demands", numbered=True, hold=True)
    sheet.paragraph("{%p if attachments %}")
    sheet.blank()
    sheet.say(_ATTACHED, hold=True)
    sheet.paragraph("{%p endif %}")
    sheet.signature()
    sheet.contact("（联系人：{{ contact }}，联系电话：{{ telephone }}）")


_APPLIED: Final = (
    "该事项原定于{{ due_on }}办结{% if moved_by %}，因{{ moved_by }}现办结期限为{{ current_due_on }}{% endif %}，"
    "因上述原因，申请延期至{{ new_due_on }}。特此申请，请予批准。"
)

_ATTACHED: Final = (
    "附件：{% for each in (attachments | numbered if attachments | length > 1 else attachments) %}{{ each }}"
    "{% if not loop.last %}；{% endif %}{% endfor %}"
)

MAKERS: Final[Mapping[str, Callable[[LetterSheet], None]]] = {
    "transfer": _transfer,
    "pass_on": _pass_on,
    "chase_letter": _chase_letter,
    "supervision_notice": _supervision_notice,
    "extension_form": _extension_form,
    "verification_report": _verification_report,
    "closing_report": _closing_report,
    "proposal_reply": _proposal_reply,
    "talk_notice": _talk_notice,
    "talk_record": _talk_record,
    "criticism_circular": _notice_to_all("关于对{{ concerns }}通报批评的决定", "有关要求"),
    "praise_circular": _notice_to_all("关于对{{ concerns }}通报表扬的决定", "有关要求"),
    "special_management_notice": _special_management_notice,
    "minutes": _minutes,
    "bulletin_circular": _bulletin_circular,
}
"""What makes the template of each kind."""


if __name__ == "__main__":
    make_all()
