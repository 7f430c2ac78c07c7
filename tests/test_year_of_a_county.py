"""A year of a county with hospitals and an insurance bureau and all duties, played by commands alone.

What is expected is counted by hand from the story and the calendar of 2019, never taken from the program. The house
begins on Monday 14 January. Daily returns are owed from 1 August to the end of the year, on 22, 21 (13 September
off, Sunday 29 worked), 19 (1 to 7 October off, Saturday 12 worked), 21 and 22 working days: 105 of each unit.
"""

from collections import Counter
from pathlib import Path

from docx import Document
from houses import PASSPHRASE, House

OFFICERS = (
    ("ma", "office", ""),
    ("h1", "liaison", "0101"),
    ("h2", "liaison", "0102"),
    ("y3", "liaison", "0103"),
    ("li", "supervising_leader", ""),
    ("zhou", "unit_head,leading_group", ""),
    ("zhao", "verifier", ""),
    ("qian", "verifier", ""),
    ("sun", "discipline_office", ""),
    ("cui", "custodian", ""),
)
ASSIGN = "assign --handler zhao --responsible-leader li"
VERIFY = "verify --verifiers zhao,qian --report-number 核1 --verified-on TODAY --finding"
SIGNED = "--signed-by zhou --signed-on TODAY"
SEND = "send --receiving-body 某机关 --sent-on TODAY --material 案卷 --letter-number"
RECEIPT = "receipt --receipted-on TODAY --received-by 周某"
PAPERS = "close --closed-on TODAY --leader-signature li --head-signature zhou --archive-number"
NO_GAP = "--cleanup waived --cleanup-waiver 未发现漏洞"
STRIKE = "waive_rectification --signed-by zhou --file-checked-on TODAY"
LEAD = "receive --received-on TODAY --source letter --summary 强揽生意 --category A6 --unit"
INSURANCE = "receive --unit 0103 --received-on TODAY --source letter --summary 骗取医保 --category D2"
YEAR = """
02-11 wang LEAD 0101
02-12 wang advance 0101-XS-2019-0001 ASSIGN
03-04 wang LEAD 0101
03-05 zhao advance 0101-XS-2019-0001 VERIFY substantiated --suspected-crime yes --involves-official yes
03-05 wang advance 0101-XS-2019-0002 ASSIGN
03-06 wang advance 0101-XS-2019-0001 transfer_both SIGNED
03-07 wang advance 0101-YS-2019-0001 SEND 某卫移〔2019〕1号
03-07 wang advance 0101-YS-2019-0002 SEND 某卫移〔2019〕2号
03-08 ma advance 0101-YS-2019-0001 RECEIPT
03-11 ma advance 0101-YS-2019-0002 RECEIPT
03-12 zhao advance 0101-XS-2019-0002 VERIFY unsubstantiated
03-13 wang advance 0101-XS-2019-0002 request_review --review-requested-on TODAY --reason 查否
03-14 wang advance 0101-FH-2019-0001 name_reviewer --reviewer sun
03-28 sun advance 0101-FH-2019-0001 uphold --conclusion 成立 --methods file_read --concluded-on TODAY \
--signed-by zhou
03-29 wang advance 0101-XS-2019-0002 PAPERS A2 NO_GAP
04-01 wang advance 0101-XS-2019-0002 STRIKE
04-08 wang LEAD 0102
04-09 wang advance 0102-XS-2019-0001 ASSIGN
04-10 wang advance 0101-YS-2019-0001 answer --answered-on TODAY --outcome filed
04-12 wang advance 0101-YS-2019-0002 answer --answered-on TODAY --outcome sanctioned
04-15 wang advance 0101-XS-2019-0001 PAPERS A1 --cleanup needed
04-16 wang advance 0101-XS-2019-0001 start_rectification --rectification-problem 停车外包 \
--rectification-started-on TODAY --rectification-due-on 2019-06-17
04-17 zhao advance 0101-ZG-2019-0002 begin --measures 招标
05-06 wang LEAD 0101
05-07 wang advance 0101-XS-2019-0003 ASSIGN
05-08 zhao advance 0102-XS-2019-0001 VERIFY substantiated --involves-official yes
05-09 wang advance 0102-XS-2019-0001 transfer_discipline SIGNED
05-10 wang advance 0102-YS-2019-0001 SEND 某卫移〔2019〕3号
05-13 ma advance 0102-YS-2019-0001 RECEIPT
05-20 wang INSURANCE
05-20 zhao advance 0101-ZG-2019-0002 report_done --done-on TODAY --proof 合同
05-21 wang advance 0103-XS-2019-0001 ASSIGN
05-24 sun advance 0101-ZG-2019-0002 accept --accepted-on TODAY --signed-by zhou
05-27 wang advance 0101-XS-2019-0001 finish_rectification --file-checked-on TODAY
05-28 zhao advance 0101-XS-2019-0003 VERIFY substantiated --irregularity yes
05-29 zhao advance 0101-XS-2019-0003 handle --measures 约谈整改
06-03 wang advance 0101-XS-2019-0003 PAPERS A3 NO_GAP
06-04 wang advance 0101-XS-2019-0003 STRIKE
06-10 wang LEAD 0101
06-11 wang advance 0101-XS-2019-0004 decline --reason 占道经营 --sent-to 城管局 --sent-on TODAY --signed-by li
06-12 wang advance 0101-XS-2019-0004 take_back --reason 城管局退回
06-12 wang advance 0101-XS-2019-0004 decline --reason 占道经营 --sent-to 某镇 --sent-on TODAY --signed-by li
06-13 ma advance 0101-XS-2019-0004 confirm_acceptance --accepted-on TODAY
06-17 wang LEAD 0102
06-18 wang advance 0102-XS-2019-0002 ASSIGN
06-20 wang LEAD 0101
06-21 wang advance 0101-XS-2019-0005 ASSIGN
06-24 wang LEAD 0101
06-24 wang link 0101-XS-2019-0006 0101-XS-2019-0005 --reason 同一事项
06-24 zhao advance 0103-XS-2019-0001 VERIFY substantiated --suspected-crime yes
06-25 wang advance 0103-XS-2019-0001 transfer_police SIGNED
06-25 wang INSURANCE
06-26 wang advance 0103-YS-2019-0001 SEND 某卫移〔2019〕4号
06-26 wang advance 0103-XS-2019-0002 ASSIGN
06-27 ma advance 0103-YS-2019-0001 return_letter --outcome-reason 非本局管辖
06-28 wang LEAD 0102
06-28 wang void 0102-XS-2019-0003 --reason 误登
06-28 wang advance 0103-YS-2019-0001 redraft --reason 改送市局
06-28 wang advance 0103-YS-2019-0001 SEND 某卫移〔2019〕5号
07-01 ma advance 0103-YS-2019-0001 RECEIPT
07-01 wang advance 0101-XS-2019-0005 escalate --supervision-form direct SIGNED --supervision-paper 督1
07-10 zhao advance 0103-XS-2019-0002 VERIFY unsubstantiated
07-11 wang advance 0103-XS-2019-0002 waive_review --review-waiver 事实清楚 --review-waiver-signed-by zhou
07-12 wang advance 0103-XS-2019-0002 PAPERS A4 NO_GAP
07-15 wang advance 0103-XS-2019-0002 STRIKE
07-16 wang advance 0102-XS-2019-0002 shelve --reason 查找人员 --next-review-on 2019-10-15 --signed-by zhou
09-02 wang LEAD 0102
09-03 wang advance 0102-XS-2019-0004 ASSIGN
09-09 zhao advance 0101-XS-2019-0005 VERIFY substantiated --suspected-crime yes
09-10 wang advance 0101-XS-2019-0005 transfer_police SIGNED
09-11 wang advance 0101-YS-2019-0003 SEND 某卫移〔2019〕6号
09-12 ma advance 0101-YS-2019-0003 RECEIPT
10-15 wang advance 0102-XS-2019-0002 take_up --reason 人员到案
10-21 wang advance 0103-YS-2019-0001 answer --answered-on TODAY --outcome filed
10-25 wang advance 0103-XS-2019-0001 PAPERS A5 NO_GAP
11-05 wang advance 0102-YS-2019-0001 answer --answered-on TODAY --outcome sanctioned
11-08 wang advance 0102-XS-2019-0001 PAPERS A6 NO_GAP
11-15 wang advance 0103-XS-2019-0001 STRIKE
11-13 wang advance 0101-YS-2019-0003 answer --answered-on TODAY --outcome not_filed --outcome-reason 情节轻微
11-14 wang advance 0101-YS-2019-0003 object --objection 有新证据 --objected-on TODAY --objection-to same_agency
11-20 wang advance 0101-YS-2019-0003 settle_objection --answered-on TODAY --outcome filed --outcome-reason 复议立案
11-20 zhao advance 0102-XS-2019-0002 VERIFY substantiated --irregularity yes
11-21 zhao advance 0102-XS-2019-0002 handle --measures 约谈整改
11-25 wang advance 0101-XS-2019-0005 PAPERS A7 NO_GAP
11-29 wang advance 0102-XS-2019-0001 STRIKE
12-02 wang advance 0101-XS-2019-0005 STRIKE
12-20 wang advance 0102-XS-2019-0002 PAPERS A8 NO_GAP
12-23 wang advance 0102-XS-2019-0002 STRIKE
"""
"""The leads: who does what on which day; words in capitals stand for the pieces above."""


PLAN = "--content 方案 --submitted-on TODAY --signed-by zhou --timetable 按月 --roadmap 三步 --responsible-leader li"
FILED = "--work-done 摸排 --signed-by zhou --submitted-on TODAY"
MET = "--carers-registered yes --ambulances-registered yes --police-room yes --alarm-buttons yes"
MET_TOO = "--protective-gear yes --protected-places yes --patrols yes"
CHECKED = "--inspectors wang --beds 100 --guards 5 --camera-coverage 100 --clock-error 0 --footage-days"
CARER = "--workflow carer --registered-on TODAY --company 某公司 --next-check-on 2019-09-18"
MAJOR = "--workflow major_information --discovered-on TODAY --facts 持刀伤医"
MISCONDUCT = "--workflow misconduct --reported-on TODAY"
DUTIES = """
02-18 wang advance FIND:meeting:0101:2019-02 hold --agenda 0101-XS-2019-0001 --held-on TODAY \
--chair zhou --present zhou,wang --decisions 并案 --recorder wang
02-18 wang advance FIND:meeting:0101:2019-02 decide --item 0101-XS-2019-0001 --item-task 调取合同 \
--item-office 保卫科 --item-due-on 2019-02-28
02-19 wang advance 0101-RW-2019-0001 begin --responsible-leader li --handler zhao
02-26 zhao advance 0101-RW-2019-0001 report_done --done-on TODAY --result 已调取
02-27 ma advance 0101-RW-2019-0001 accept
02-28 wang letter issue minutes FIND:meeting:0101:2019-02 -o FILE:minutes.docx
02-28 wang advance FIND:meeting:0101:2019-02 close --signed-by zhou
03-06 h1 advance FIND:inspection:0101:2019Q1 inspect --inspected-on TODAY CHECKED 20 MET MET_TOO \
--responsible-leader li --handler zhao --rectify-by 2019-04-30
03-07 h2 advance FIND:inspection:0102:2019Q1 inspect --inspected-on TODAY CHECKED 30 MET MET_TOO \
--responsible-leader li
03-11 zhao advance 0101-ZG-2019-0001 begin --measures 扩容
04-15 zhao advance 0101-ZG-2019-0001 report_done --done-on TODAY --proof 照片
04-16 sun advance 0101-ZG-2019-0001 accept --accepted-on TODAY --signed-by zhou
04-17 wang advance FIND:inspection:0101:2019Q1 settle --signed-by zhou
03-08 wang advance FIND:inspection:0102:2019Q1 settle --signed-by zhou
04-12 wang receive --workflow proceeding --under 0101-YS-2019-0001 --kind opened \
--happened-on 2019-04-10 --what 立案
04-18 sun receive --workflow protection --unit 0101 --kind protection \
--related-number 0101-XS-2019-0001 --asked-on TODAY
04-19 sun advance 0101-BH-2019-0001 protect --measures 调岗 --signed-by zhou --next-review-on 2019-07-19
07-19 sun advance 0101-BH-2019-0001 look_again --next-review-on 2019-10-18 --measures 回访
08-02 wang advance FIND:progress_meeting:0101:1 hold --held-on TODAY --chair zhou --present zhou,wang \
--ordered 加快移送
08-20 wang receive --workflow consequence --unit 0102 --kind talk --proposed-on TODAY \
--concerns 县中医院院长 --facts 报表漏报
08-21 wang advance 0102-YT-2019-0001 order --signed-by zhou --due-on 2019-08-30
08-22 wang letter issue talk_notice 0102-YT-2019-0001 -o FILE:talk.docx --talk-at 8月28日15时 --place 三楼 \
--done-by zhou
08-28 wang advance 0102-YT-2019-0001 carry_out --done-on TODAY --record 已约谈 --done-by zhou
09-04 wang advance FIND:circular:0101:1 issue --issued-on TODAY --paper 通1 --findings 进度不均 --signed-by zhou
09-25 wang receive --workflow proceeding --under 0101-YS-2019-0001 --kind judged \
--happened-on 2019-09-20 --what 判决 --persons 2
10-18 sun advance 0101-BH-2019-0001 end --done-on TODAY --outcome 平稳 --signed-by zhou
11-29 wang advance 0101-DB-2019-0001 lift --lifted-on TODAY --lifted-by zhou --lifting-paper 督2 \
--lifting-reason 已办结
08-12 h1 advance FIND:plan:0101:1 submit PLAN
08-12 h2 advance FIND:plan:0102:1 submit PLAN
08-13 y3 advance FIND:plan:0103:1 submit PLAN
08-14 ma advance FIND:plan:0101:1 accept
08-14 ma advance FIND:plan:0102:1 accept
08-14 ma advance FIND:plan:0103:1 accept
08-01 h1 advance FIND:return:0101:2019-08-01 submit FILED
08-02 ma advance FIND:return:0101:2019-08-01 accept
11-08 h2 advance FIND:return:0102:2019-W45 submit FILED
11-11 ma advance FIND:return:0102:2019-W45 accept
11-05 h1 advance FIND:return:0101:yearly-2019-stage-1 submit FILED
12-09 h1 advance FIND:return:0101:yearly-2019-report submit FILED
12-09 h2 advance FIND:return:0102:yearly-2019-report submit FILED
12-09 y3 advance FIND:return:0103:yearly-2019-report submit FILED
12-10 ma advance FIND:return:0101:yearly-2019-report accept
12-10 ma advance FIND:return:0102:yearly-2019-report accept
10-10 wang advance FIND:return:0102:2019-09 record_missed --reason 未报
11-06 ma advance FIND:return:0103:2019-10 send_back --points 补说明
11-07 y3 advance FIND:return:0103:2019-10 submit FILED
11-08 ma advance FIND:return:0103:2019-10 accept
02-01 wang letter settings --code 某卫 --contact 周某 --telephone 000-0000 --superior 某市卫健委
03-18 h1 receive CARER --unit 0101 --register-number 护1 --name 甲某
03-18 h1 receive CARER --unit 0101 --register-number 护2 --name 乙某
03-19 h2 receive --workflow ambulance --unit 0102 --registered-on TODAY --plate 某A12345 --owner 某公司 \
--next-check-on 2019-09-19
04-22 sun receive --workflow protection --unit 0101 --kind reward --related-number 0101-XS-2019-0001 --asked-on TODAY
05-06 sun advance 0101-BH-2019-0002 settle --done-on TODAY --outcome 已发 --amount 500 --signed-by zhou
05-15 h1 receive MAJOR --unit 0101 --discovered-at 今天8时30分 --grade attack
05-15 h1 advance 0101-ZD-2019-0001 inform --leaders li,zhou
05-15 wang advance 0101-ZD-2019-0001 report --reported-at 今天9时40分 --reported-to 某市卫健委 --way telephone
05-17 h1 advance 0101-ZD-2019-0001 continue_report --continued 已控制 --paper 重1
05-20 wang advance 0101-ZD-2019-0001 close --outcome 移交公安
05-22 h2 receive MAJOR --unit 0102 --discovered-at 今天8时 --grade important_lead
05-23 wang advance 0102-ZD-2019-0001 report --reported-at 今天9时 --reported-to 某市卫健委 --way telephone
06-03 sun receive MISCONDUCT --unit 0101 --kind retaliation --related-number 0101-XS-2019-0001
06-05 sun advance 0101-WJ-2019-0001 examine --examiners zhao,qian
06-26 zhao advance 0101-WJ-2019-0001 conclude --finding substantiated
07-03 sun advance 0101-WJ-2019-0001 settle --outcome 恢复岗位 --signed-by zhou --handed-to 县纪委监委
09-16 wang receive --workflow consequence --unit 0101 --kind special_management --proposed-on TODAY \
--concerns 县医院 --facts 两次逾期
09-17 wang advance 0101-YT-2019-0001 order --signed-by zhou --due-on 2019-09-25
09-18 h1 advance 0101-HG-2019-0001 check --check-result 在岗 --next-check-on 2020-03-18
09-18 h1 advance 0101-HG-2019-0002 strike_off --left-on TODAY --reason 离职
09-18 wang advance 0101-YT-2019-0001 carry_out --done-on TODAY --paper 管1 --record 列入 --ends-on 2019-10-31
09-19 h2 advance 0102-JH-2019-0001 check --check-result 在用 --next-check-on 2020-03-19
10-14 sun receive MISCONDUCT --unit 0103 --kind leak
10-30 wang advance 0101-YT-2019-0001 prolong --reason 仍逾期 --signed-by zhou --ends-on 2019-11-29
11-28 wang advance 0101-YT-2019-0001 lift --lifted-on TODAY --reason 已改 --signed-by zhou
"""
"""What else the plans ask for. FIND: the case of a workflow, a unit and a period, or the first; FILE: a paper."""
RUNS = [f"{month:02}-{day:02}" for month in range(1, 13) for day in (2, 16, 26)][1:]
RUNS += ["08-01", "11-04"]
WORDS = (
    "LEAD", "INSURANCE", "ASSIGN", "VERIFY", "SIGNED", "SEND", "RECEIPT", "PAPERS", "NO_GAP", "STRIKE", "CHECKED",
    "MET_TOO", "MET", "PLAN", "FILED", "CARER", "MAJOR", "MISCONDUCT",
)  # fmt: skip


def lines() -> list[tuple[str, str, str]]:
    """Return the year in its order: on each day the program's run first, then what people do."""
    told = [(day, by, typed) for line in (YEAR + DUTIES).split("\n") if line for day, by, typed in [line.split(" ", 2)]]
    runs = [(day, "wang", "run --once") for day in [*RUNS, "12-31"]]
    returns = [
        (f"{month + 1:02}-{day}", by, f"advance FIND:return:{unit}:2019-{month:02} {step}")
        for month in range(1, 12)
        for unit, liaison in (("0101", "h1"), ("0102", "h2"), ("0103", "y3"))
        for day, by, step in (("04", liaison, "submit FILED"), ("05", "ma", "accept"))
        if (unit, month, step) not in {("0102", 9, "submit FILED"), ("0102", 9, "accept"), ("0103", 10, "accept")}
    ]
    return sorted([*runs, *told, *returns], key=lambda each: each[0])


FIGURES = {
    # by unit and month of its return: leads found, transferred and cleared in it, and late at its end
    ("0101", 2): (1, 0, 0, 0),
    ("0101", 3): (1, 1, 2, 0),  # 0001 cleared with the second receipt on 03-11, 0002 closed on 03-29
    ("0101", 5): (1, 0, 0, 0),
    ("0101", 6): (2, 0, 2, 0),  # 0006 repeats 0005; 0003 closed on 06-03, 0004 taken over by its receiver on 06-13
    ("0101", 8): (0, 0, 0, 1),  # 0005 assigned on 06-21, to be verified by 08-21, verified on 09-09
    ("0101", 9): (0, 1, 1, 0),  # 0005 sent and receipted
    ("0102", 4): (1, 0, 0, 0),
    ("0102", 5): (0, 1, 1, 0),
    ("0102", 6): (1, 0, 0, 0),  # 0003 was a mistake
    ("0102", 9): (1, 0, 0, 0),
    ("0102", 11): (0, 0, 0, 1),  # 0004 assigned on 09-03, to be verified by 11-03
    ("0103", 5): (1, 0, 0, 0),
    ("0103", 6): (1, 1, 0, 0),  # 0001 sent on 06-26; its letter came back
    ("0103", 7): (0, 0, 2, 0),  # 0001 receipted on 07-01, 0002 closed on 07-12
}
"""What the monthly returns of January to November say; every other one says nothing but zeros."""
OPENED = {
    # by workflow and kind: how many by the end of the year in 0101, 0102 and 0103, and how many of them are dealt with
    ("return", "daily"): ((105, 105, 105), (1, 0, 0)),
    ("return", "weekly"): ((51, 51, 51), (0, 1, 0)),  # Mondays from 01-14 to 12-30
    ("return", "monthly"): ((11, 11, 11), (11, 11, 11)),  # one of 0102 as never filed
    ("return", "insurance"): (
        (0, 0, 3),
        (0, 0, 0),
    ),  # in April, July and October, of the bureau alone
    ("return", "stage"): ((2, 2, 2), (0, 0, 0)),  # ends of 10-31 and 12-31; one is filed, not accepted
    ("return", "annual"): ((1, 1, 1), (1, 1, 0)),
    ("inspection", "self_check"): ((4, 4, 4), (1, 1, 0)),
    ("plan", "plan"): ((1, 1, 1), (1, 1, 1)),
    ("plan", "summary"): ((1, 1, 1), (0, 0, 0)),
    ("meeting", None): ((12, 0, 0), (1, 0, 0)),  # one a month for the house
    ("progress_meeting", None): ((23, 0, 0), (1, 0, 0)),  # weeks from that of 08-01 to that of 12-31
    ("circular", None): ((4, 0, 0), (1, 0, 0)),  # 31 days after the first of August to November; the next on 01-01
    ("supervision_report", None): ((5, 0, 0), (0, 0, 0)),  # on the 25th, from July to November
    ("task", None): ((1, 0, 0), (1, 0, 0)),
    ("rectification", None): ((2, 0, 0), (2, 0, 0)),  # of the inspection and of the lead
    ("proceeding", "opened"): ((1, 0, 0), (0, 0, 0)),
    ("proceeding", "judged"): ((1, 0, 0), (0, 0, 0)),
    # one by hand; proposed 30 days late: 0101-DB-0001, looked at again by 10-08 (10-01 is off), and 0102-XS-0004
    ("consequence", "talk"): ((1, 2, 0), (0, 1, 0)),
    ("consequence", "special_management"): ((1, 0, 0), (1, 0, 0)),
    ("protection", "protection"): ((1, 0, 0), (1, 0, 0)),
    ("protection", "reward"): ((1, 0, 0), (1, 0, 0)),
    ("misconduct", "retaliation"): ((1, 0, 0), (1, 0, 0)),
    ("misconduct", "leak"): ((0, 0, 1), (0, 0, 0)),  # nobody examines it
    ("major_information", None): ((1, 1, 0), (1, 0, 0)),
    ("carer", None): ((2, 0, 0), (1, 0, 0)),  # one has left
    ("ambulance", None): ((0, 1, 0), (0, 0, 0)),
}
DEALT_WITH = {"accepted", "missed", "settled", "closed", "held", "issued", "carried_out", "lifted", "gone"}
MAY_SEE = {
    # by officer: how many cases of misconduct and of protection they find
    "sun": (2, 2),
    "cui": (2, 2),
    "zhao": (1, 0),  # examined one
    "qian": (1, 0),
    "ma": (0, 0),
    "h1": (0, 0),
}
HOURS = {
    # by number: until when it was to be reported, 6 hours for an attack and 24 otherwise, and whether it was late
    "0101-ZD-2019-0001": ("2019-05-15T14:30", False),
    "0102-ZD-2019-0001": ("2019-05-23T08:00", True),  # reported an hour later
}
PAPERS_SAY = {
    "minutes.docx": ("某卫纪〔2019〕1号", "0101-XS-2019-0001", "并案", "调取合同", "保卫科"),
    "talk.docx": ("某卫约〔2019〕1号", "县中医院院长", "报表漏报", "8月28日15时", "三楼"),
}
NUMBERED = {
    # the paper's number stands in its case
    ("meeting", "minutes_number"): "某卫纪〔2019〕1号",
    ("consequence", "paper"): "某卫约〔2019〕1号",
}
UNITS = ("0101", "0102", "0103")
ZERO = {"0101": (5, 4, 1), "0102": (2, 2, 0), "0103": (2, 2, 0)}
"""By unit: leads up to 30 June that are neither void nor repeats; fully closed; cleared (0101-0004 is another's)."""


def test_a_year_of_all_duties_is_what_was_counted_by_hand(tmp_path: Path) -> None:
    """Every command does its work, and what opened, was dealt with, reported and cleared is what the tables say.

    A whole year of some three hundred commands takes several seconds; it is played once.
    """
    house = county(tmp_path / "county")
    wrong = []
    for day, by, typed in lines():
        house.now = f"2019-{day}T10:00"
        words = [word_of(house, each) for each in spelled(typed, day)]
        result = house.run(*words, by=by)
        if result.exit_code:
            wrong.append(f"{day} {by} {typed}: {result.output.strip()}")
    assert not wrong, "\n".join(wrong)

    house.now = "2019-12-31T20:00"
    opened: Counter[tuple[str, str | None, str]] = Counter()
    dealt_with: Counter[tuple[str, str | None, str]] = Counter()
    said: dict[tuple[str, int], tuple[int, ...]] = {}
    for workflow in dict.fromkeys(workflow for workflow, _ in OPENED):
        for each in house.found("list", "--workflow", workflow, by="sun"):
            kind = each["fields"].get("kind") if (workflow, None) not in OPENED else None
            opened[workflow, kind, each["unit"]] += 1
            dealt_with[workflow, kind, each["unit"]] += each["state"] in DEALT_WITH
            if kind == "monthly":
                figures = [f"leads_{name}" for name in ("found", "transferred", "closed", "overdue")]
                month = int(each["fields"]["period"][-2:])
                said[each["unit"], month] = tuple(each["fields"][name] for name in figures)
    stands = {
        key: tuple(tuple(counts[*key, unit] for unit in UNITS) for counts in (opened, dealt_with)) for key in OPENED
    }
    assert stands == OPENED
    assert set(opened) <= {(*key, unit) for key in OPENED for unit in UNITS}
    assert said == {(unit, month): FIGURES.get((unit, month), (0, 0, 0, 0)) for unit in UNITS for month in range(1, 12)}

    seen = {
        by: tuple(len(house.found("list", "--workflow", each, by=by)) for each in ("misconduct", "protection"))
        for by in MAY_SEE
    }
    assert seen == MAY_SEE
    clocks = {number: clock(house, number) for number in HOURS}
    assert clocks == HOURS
    printed = {name: "".join(Document(str(house.folder / name)).element.body.itertext()) for name in PAPERS_SAY}
    assert [(name, each) for name, says in PAPERS_SAY.items() for each in says if each not in printed[name]] == []
    for (workflow, field), number in NUMBERED.items():
        assert len(house.found("list", "--workflow", workflow, "--where", f"{field} == '{number}'")) == 1

    statement = house.found("zero", "yearly", "--year", "2019")
    groups = {each["unit"]: each["groups"] for each in statement["units"]}
    assert {unit: (sum(each.values()), each["fully_closed"], each["cleared"]) for unit, each in groups.items()} == ZERO
    assert statement["total"]["verdict"] == "zero"
    house.done("zero", "yearly", "--year", "2019", "--freeze", "-o", str(house.folder), by="zhou")
    house.done("report", "assessment", "--period", "2019", "-o", str(house.folder / "figures.xlsx"))
    assert house.found("journal", "verify")["breaks"] == []


def spelled(typed: str, day: str) -> list[str]:
    """Return the words of a line, the pieces in capitals spelled out."""
    for name in WORDS:
        typed = typed.replace(name, globals()[name])
    return typed.replace("TODAY", f"2019-{day}").split()


def word_of(house: House, word: str) -> str:
    """Return a word as it is typed: the number of a case, a file in the folder of the house, or itself."""
    kind, _, rest = word.partition(":")
    return found(house, word) if kind == "FIND" else str(house.folder / rest) if kind == "FILE" else word


def clock(house: House, number: str) -> tuple[str, bool]:
    """Return until when a case of major information was to be reported, and whether that was late."""
    (due,) = [each for each in house.found("show", number)["deadlines"] if each["name"] == "reporting"]
    return str(due["due_at"])[:16], bool(due["breaches"])


def found(house: House, asked: str) -> str:
    """Return the number of a case of a workflow, a unit and a period, or of the first of its kind."""
    _, workflow, unit, period = asked.split(":")
    of = [] if period == "1" else ["--where", f"period == '{period}'"]
    cases = house.found("list", "--workflow", workflow, "--unit", unit, *of)
    return min(str(each["number"]) for each in cases)


def county(folder: Path) -> House:
    """Return a house of two hospitals and an insurance bureau."""
    folder.mkdir()
    house = House(folder)
    house.now = "2019-01-14T08:00"
    (folder / "passphrase.txt").write_text(PASSPHRASE + "\n", "utf-8")
    house.done(
        "init", "--rehearsal", "--not-classified", "--name", "某县卫健局", "--unit", "0101", "--unit-name", "县医院",
        "--officer", "wang", "--officer-name", "王某", "--passphrase-file", str(folder / "passphrase.txt"),
    )  # fmt: skip
    house.done("unit", "add", "0102", "县中医院")
    house.done("unit", "add", "0103", "县医保局", "--type", "insurance")
    for code, roles, unit in OFFICERS:
        given = [word for role in roles.split(",") for word in ("--role", role)]
        house.done("officer", "add", code, code, *given, *(["--unit", unit] if unit else []))
    return house
