"""The duties around the leads, each played once by the commands as a clerk types them, in Chinese."""

from typing import Any

import pytest
from houses import House, built_house, house
from openpyxl import Workbook, load_workbook

__all__ = ["built_house", "house"]


@pytest.fixture
def clerk(house: House) -> "Clerk":
    """Return a clerk of the bureau at a house that has just been set up."""
    return Clerk(house)


class Clerk:
    """Types commands in Chinese, as one who holds the roles of the office, or as somebody else."""

    def __init__(self, house: House) -> None:
        self.house = house

    def on(self, day: str) -> None:
        """Let it be ten o'clock of a day."""
        self.house.now = f"{day}T10:00"

    def opens(self, workflow: str, *words: str, by: str = "wang") -> str:
        """Register a case and return its number."""
        unit = () if "--under" in words or "--unit" in words else ("--unit", "0101")
        return self.house.done("receive", "--workflow", workflow, *unit, *words, by=by, lang="zh").strip()

    def takes(self, number: str, step: str, *words: str, by: str = "wang") -> str:
        """Take a step and return the state after it."""
        self.house.done("advance", number, step, *words, by=by, lang="zh")
        return self.state(number)

    def may_not(self, *words: str, by: str = "wang") -> str:
        """Expect a command to be refused, and return what it says."""
        result = self.house.run(*words, by=by, lang="zh")
        assert result.exit_code, result.output
        return result.stderr

    def state(self, number: str) -> str:
        """Return where a case stands."""
        return str(self.house.found("show", number)["state"])

    def listed(self, *words: str) -> list[str]:
        """Return the numbers that a list shows."""
        return [each["number"] for each in self.house.found("list", *words)]

    def written(self, form: str, *words: str) -> list[list[Any]]:
        """Return the rows of a ledger that is written, its headings first."""
        file = self.house.folder / f"{form}.xlsx"
        self.house.done("export", "ledger", "--format", form, "-o", str(file), "--replace", "--reason", "月报",
                        *words, lang="zh")  # fmt: skip
        sheet = load_workbook(file).worksheets[0]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        first = next(place for place, row in enumerate(rows) if row[0] == "序号")
        return [row for row in rows[first:] if isinstance(row[0], int) or row[0] == "序号"]

    def lead(self) -> str:
        """Register a lead that a handler has."""
        return self.house.assigned(self.house.lead())

    def transferred(self) -> tuple[str, str]:
        """Return a lead that was passed on to the police, and the letter."""
        lead = self.lead()
        self.takes(
            lead, "verify", "--核查结论", "查实", "--涉嫌犯罪", "是", "--涉及公职人员", "否", "--核查人", "zhao,wang",
            "--核查报告文号", "核〔2019〕1号", "--核查完成日期", "2019-07-01", "--线索类型", "A6", by="zhao",
        )  # fmt: skip
        self.takes(lead, "transfer_police", "--签批人", "li", "--签批日期", "2019-07-01")
        (letter,) = self.listed("--workflow", "referral")
        return lead, letter


def test_what_follows_a_transfer(clerk: Clerk) -> None:
    """Later events of a letter come in one by one with day, persons and paper, and are summed as results."""
    _, letter = clerk.transferred()
    given = ("--发生日期", "2019-07-02", "--后续类别", "立案", "--后续情况", "立案侦查", "--办理机关", "县公安局")
    assert "尚未回执" in clerk.may_not("receive", "--workflow", "proceeding", "--under", letter, *given)
    clerk.takes(
        letter, "send", "--移送函文号", "示卫移〔2019〕1号", "--主送机关", "县公安局", "--移送日期", "2019-07-01",
        "--材料清单", "核查报告1份", "--移送意见", "建议立案",
    )  # fmt: skip
    clerk.takes(letter, "receipt", "--回执日期", "2019-07-01", "--接收人签字", "马某")
    clerk.on("2019-07-05")
    opened = clerk.opens("proceeding", "--under", letter, *given[:-2], "--涉及人数", "3")
    assert clerk.takes(letter, "answer", "--结果反馈日期", "2019-07-03", "--对方办理结果", "立案") == "answered"
    clerk.on("2019-11-20")
    judged = clerk.opens(
        "proceeding", "--under", letter, "--发生日期", "2019-11-15", "--后续类别", "判决", "--后续情况", "一审判决",
        "--办理机关", "县法院", "--涉及人数", "2", "--涉案追缴金额", "35000.5",
    )  # fmt: skip
    assert "文书文号" in clerk.may_not("advance", judged, "prove", "--文书入卷日期", "2019-11-20")
    proof = ("--文书入卷日期", "2019-11-20", "--文书文号", "（2019）示刑初1号")
    assert clerk.takes(judged, "prove", *proof) == "proven"

    assert clerk.listed("--workflow", "proceeding", "--where", "kind == 'opened'") == [opened]
    assert [[str(cell)[:12] for cell in row[1:9]] for row in clerk.written("transfers")[1:]] == [
        ["县医院", "县公安局", "医院门口有人强揽生意", "赵某", "马某", "2019-07-01 0", "建议立案", "示卫移〔2019〕1号"]
    ]  # fmt: skip
    assert [(row[2], row[6], row[7]) for row in clerk.written("results")[1:]] == [
        ("立案", 3, None),
        ("判决", 2, 35000.5),
    ]
    found = clerk.house.found("report", "year", "--period", "2019", "--workflow", "proceeding")
    sums = {each["sum"]: each["values"] for each in found["sums"] if each["by"] == []}
    assert {name: values[0]["sum"] for name, values in sums.items() if values} == {
        "events": 2, "persons": 5, "persons_judged": 2, "amount": 35000.5,
    }  # fmt: skip
    paper = clerk.house.folder / "战果.html"
    clerk.house.done("report", "year", "--period", "2019", "--workflow", "proceeding", "-o", str(paper), lang="zh")
    assert all(each in paper.read_text("utf-8") for each in ("本期合计（按后续类别）", "判决人数", "35000.5"))


def test_clean_ups_stand_under_anything_and_alone(clerk: Clerk) -> None:
    """Problems come from a proposal, a superior or the unit itself; another hand accepts, what is kept up is seen."""
    problem = ("--启动日期", "2019-07-01", "--责任领导", "li", "--责任人", "zhao", "--整改措施", "公示电话")
    fed_back = ("--存在问题", "投诉电话未公示", "--问题来源", "督导反馈", "--立行立改并长期坚持", "是")
    alone = clerk.opens("rectification", *problem, *fed_back)
    own = ("--存在问题", "门岗无登记", "--问题来源", "自查自纠", "--完成时限", "2019-08-31")
    dated = clerk.opens("rectification", *problem, *own)
    assert "完成时限" in clerk.may_not(
        "receive", "--workflow", "rectification", "--unit", "0101", *problem, "--存在问题", "无期限"
    )
    clerk.takes(alone, "begin", by="zhao")
    clerk.takes(alone, "report_done", "--整改完成日期", "2019-07-01", "--完成佐证", "照片", by="zhao")
    assert "长期坚持" in clerk.may_not("advance", alone, "accept", "--验收日期", "2019-07-01", "--签批人", "li")
    letter = clerk.opens(
        "proposal", "--收到日期", "2019-07-01", "--种类", "检察建议书", "--发文机关", "县检察院", "--建议事项", "整改",
    )  # fmt: skip
    under = clerk.opens(
        "rectification", "--under", letter, *problem, "--存在问题", "护工混乱", "--完成时限", "2019-08-31"
    )
    kept = ("--验收日期", "2019-07-01", "--签批人", "li", "--下次跟踪日期", "2019-10-01")
    assert clerk.takes(alone, "keep_up", *kept) == "kept"
    clerk.on("2019-10-09")
    assert "超期" in clerk.house.done("show", alone, lang="zh")
    again = ("--跟踪问效情况", "仍在公示", "--下次跟踪日期", "2020-01-01")
    assert clerk.takes(alone, "check_again", *again) == "kept"
    (look,) = [each for each in clerk.house.found("show", alone)["deadlines"] if each["name"] == "next_check"]
    assert (look["due_on"], [late["due_on"] for late in look["breaches"]]) == ("2020-01-01", ["2019-10-01"])
    assert [row[2:4] for row in clerk.written("problems")[1:]] == [
        ["上级反馈", "投诉电话未公示"], ["自查自纠", "门岗无登记"], [None, "护工混乱"],
    ]  # fmt: skip
    assert [row[7] for row in clerk.written("duties")[1:]] == ["是", None, None]
    assert clerk.listed("--workflow", "rectification", "--open") == [dated, under]


def test_a_plan_whose_tasks_are_kept_up_comes_in(clerk: Clerk) -> None:
    """A cell that says only 立行立改 is no question: the task is to be done at once and kept up."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (
        ("序号", "工作任务", "责任股室", "完成时限"),
        ("1", "公示举报电话", "办公室", "立行立改"),
        ("2", "清理号贩子", "医政股", "同上"),
        ("3", "建立台账", "办公室", "2019年8月底前"),
        ("4", "巡查登记", "保卫科", "立行立改，长期坚持"),
    ):
        sheet.append(row)
    made.save(clerk.house.folder / "方案.xlsx")
    said = clerk.house.done("import", str(clerk.house.folder / "方案.xlsx"), "--workflow", "task", "--unit", "0101",
                            "--set", "ordered_on=2019-07-01", "--apply", lang="zh")  # fmt: skip
    assert "待答" not in said
    rows = [(row[7] and f"{row[7]:%m-%d}", row[8]) for row in clerk.written("tasks")[1:]]
    assert rows == [(None, "是"), (None, "是"), ("08-31", None), (None, "是")]
    clerk.on("2019-07-16")
    tasks = clerk.listed("--workflow", "task")
    assert ["立行立改期限" in clerk.house.done("show", each, lang="zh") for each in tasks] == [True, True, False, True]


def test_an_inspection_and_its_registers(clerk: Clerk) -> None:
    """Each item that is not met, and what was found beside the list, is a clean-up; registers come in as rows."""
    number = clerk.opens(
        "inspection", "--安排日期", "2019-07-01", "--period", "2019Q3", "--检查方式", "暗访", "--检查内容", "安防",
        "--检查时限", "2019-07-31", "--责任领导", "li",
    )  # fmt: skip
    checklist = (
        "--检查日期", "2019-07-01", "--检查人员", "wang", "--床位数", "100", "--保安人数", "6",
        "--camera-coverage", "100",
        "--录像保存天数", "30", "--clock-error", "0", "--护工已登记造册", "是", "--救护车辆已登记造册", "是",
        "--警务室已设立", "否", "--一键报警已安装并联网", "否", "--安保防护装备已配齐", "是",
        "--重点部位防护设施完好", "是", "--院区及周边有巡逻", "是", "--清单以外发现的问题", "门诊楼前有号贩子",
    )  # fmt: skip
    assert "整改期限" in clerk.may_not("advance", number, "inspect", *checklist)
    clerk.takes(number, "inspect", *checklist, "--整改期限", "2019-08-31")
    clerk.opens(
        "rectification", "--under", number, "--启动日期", "2019-07-01", "--存在问题", "另见黑救护车",
        "--完成时限", "2019-08-31", "--问题来源", "暗访",
    )  # fmt: skip
    assert [row[3] for row in clerk.written("problems")[1:]] == [
        "医院未设立警务室", "一键式报警装置未装齐或未与公安联网", "门诊楼前有号贩子", "另见黑救护车",
    ]  # fmt: skip
    assert "尚未全部" in clerk.may_not("advance", number, "settle", "--签批人", "li")

    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (("序号", "姓名", "所属公司", "服务科室", "是否培训"), ("1", "甲某", "安康公司", "内科", "是"),
                ("2", "乙某", "安康公司", "外科", "否")):  # fmt: skip
        sheet.append(row)
    made.save(clerk.house.folder / "护工.xlsx")
    clerk.house.done(
        "import", str(clerk.house.folder / "护工.xlsx"), "--workflow", "carer", "--unit", "0101", "--set",
        "registered_on=2019-07-01", "--set", "next_check_on=2019-10-01", "--apply", lang="zh",
    )  # fmt: skip
    assert [row[3:6] for row in clerk.written("carers")[1:]] == [
        ["甲某", "安康公司", "内科"],
        ["乙某", "安康公司", "外科"],
    ]
    clerk.opens(
        "ambulance", "--登记日期", "2019-07-01", "--车牌号", "示A12345", "--所属单位或车主", "县医院", "--用途", "急救",
        "--下次核验日期", "2020-01-01",
    )  # fmt: skip
    clerk.on("2019-10-10")
    first = clerk.listed("--workflow", "carer")[0]
    clerk.takes(first, "check", "--核验情况", "在岗", "--下次核验日期", "2020-04-01")
    assert clerk.takes(first, "strike_off", "--注销日期", "2019-10-10", "--办理理由", "离职") == "gone"
    assert [row[2] for row in clerk.written("ambulances")[1:]] == ["示A12345"]


def test_an_extension_is_filed(clerk: Clerk) -> None:
    """The committee hears of an extension at once and gives its receipt; the head withdraws it; the list shows both."""
    house = clerk.house
    house.done("officer", "add", "ji", "纪某", "--role", "discipline_office", "--unit", "0101")
    lead = clerk.lead()
    signed = ("--reason", "涉及多家单位", "--signed-by", "li", "--filed-on", "2019-07-01")
    house.done("extend", lead, "verification", "--for", "10 working_days", *signed, lang="zh")
    (filing,) = clerk.listed("--workflow", "extension_filing")
    house.done("sweep")
    assert [each["to"] for each in house.found("outbox", "list")] == ["ji"]
    assert "不具备所需角色" in clerk.may_not("advance", filing, "receipt", "--回执日期", "2019-07-01", by="zhao")
    assert clerk.takes(filing, "receipt", "--回执日期", "2019-07-01", "--备案意见", "同意备案", by="ji") == "receipted"
    house.done("extend", lead, "verification", "--withdraw", "--reason", "已提前完成", by="li", lang="zh")
    row = clerk.written("extensions")[1]
    assert (row[2], row[3], row[6], f"{row[4]:%m-%d} {row[5]:%m-%d}") == (
        lead, "核查期限", "涉及多家单位", "09-02 09-16",
    )  # fmt: skip
    assert row[11] == "同意备案"
    house.done("journal", "verify")


def test_a_supervision_has_reports_and_a_late_lead_a_talk(clerk: Clerk) -> None:
    """Each month in force a report is owed and read by the leader; a month late the ladder proposes a talk, once."""
    lead = clerk.lead()
    clerk.takes(
        lead, "escalate", "--supervision-form", "领导包案", "--签批人", "li", "--签批日期", "2019-07-01",
        "--supervision-paper", "督〔2019〕1号", "--包案领导", "li", "--办理理由", "群众关注",
    )  # fmt: skip
    (supervision,) = clerk.listed("--workflow", "supervision")
    clerk.on("2019-07-26")
    clerk.house.done("run", "--once")
    (report,) = clerk.listed("--workflow", "supervision_report")
    clerk.takes(report, "submit", "--办理进展", "已取证", "--签批人", "li")
    assert clerk.takes(report, "accept", "--领导批示", "抓紧", by="li") == "accepted"
    assert [row[2:5] for row in clerk.written("supervision_reports")[1:]] == [["领导包案", lead, "2019-07"]]
    clerk.takes(
        supervision, "lift", "--解除日期", "2019-07-26", "--解除签批人", "li", "--解除文号", "督〔2019〕2号",
        "--解除理由", "已办结",
    )  # fmt: skip
    (row,) = clerk.written("supervisions")[1:]
    assert (row[2], row[3], row[7], row[13]) == ("领导包案", lead, "督〔2019〕1号", "督〔2019〕2号")

    clerk.on("2019-10-15")
    clerk.house.done("sweep")
    clerk.on("2019-11-20")
    clerk.house.done("sweep")
    (talk,) = clerk.listed("--workflow", "consequence")
    shown = clerk.house.found("show", talk)["fields"]
    assert (shown["kind"], shown["related_number"], shown["concerns"]) == ("talk", lead, "0101")
    assert clerk.takes(talk, "drop", "--办理理由", "已约谈过", "--签批人", "li") == "dropped"
    clerk.house.done("journal", "verify")


def test_what_only_a_few_may_know_of(clerk: Clerk) -> None:
    """Retaliation is read from its first row by the committee and the custodian alone; who examines it is let in."""
    house = clerk.house
    house.done("officer", "add", "ji", "纪某", "--role", "discipline_office", "--unit", "0101")
    house.done("officer", "add", "sun", "孙某", "--role", "office", "--unit", "0101")
    house.done("officer", "add", "qiu", "邱某", "--role", "verifier", "--unit", "0101")
    number = clerk.opens("misconduct", "--反映日期", "2019-07-01", "--问题类别", "打击报复", by="ji")
    seen = {by: house.run("show", number, by=by).exit_code == 0 for by in ("ji", "wang", "sun", "zhao", "qiu", "li")}
    assert seen == {"ji": True, "wang": True, "sun": False, "zhao": False, "qiu": False, "li": False}
    assert house.found("list", "--workflow", "misconduct", by="sun") == []
    assert clerk.takes(number, "examine", "--核查组成员", "zhao,qiu", by="ji") == "examined"
    house.done("advance", number, "conclude", "--核查结论", "属实", by="zhao", lang="zh")
    assert house.run("show", number, by="sun").exit_code
    protected = clerk.opens("protection", "--提出日期", "2019-07-01", "--事项类别", "保护", "--关联线索编号", "某件")
    assert house.run("show", protected, by="li").exit_code
    house.done("journal", "verify")


def test_the_meeting_of_the_month(clerk: Clerk) -> None:
    """It opens by itself with what was not assessed as its agenda, and each decision is a task with office and day."""
    first, second = clerk.lead(), clerk.house.lead()
    clerk.takes(first, "assess", "--研判日期", "2019-07-01", "--研判意见", "移送")
    clerk.on("2019-08-01")
    clerk.house.done("run", "--once")
    (meeting,) = clerk.listed("--workflow", "meeting")
    assert clerk.house.found("show", meeting)["fields"]["agenda"] == second
    clerk.takes(
        meeting, "hold", "--会议日期", "2019-08-01", "--主持人", "li", "--参加人员", "li,wang",
        "--decisions", "逐件议定", "--记录人", "wang",
    )  # fmt: skip
    decided = (
        "--议定线索编号",
        second,
        "--议定任务",
        "走访核查",
        "--议定责任股室",
        "医政股",
        "--议定时限",
        "2019-08-20",
    )
    assert clerk.takes(meeting, "decide", *decided) == "held"
    assert [[*row[1:7:2], row[6]] for row in clerk.written("tasks")[1:]] == [["走访核查", "会议议定", None, "医政股"]]
    assert clerk.listed("--workflow", "task", "--where", f"related_number == '{second}'")


def test_what_a_superior_asks_for(clerk: Clerk) -> None:
    """Material that is asked for, and feedback, are tasks under the lead, each with its day."""
    lead = clerk.lead()
    for origin, subject in (("调阅资料", "调阅近三年采购合同"), ("反馈问题", "补充谈话笔录")):
        clerk.opens(
            "task", "--under", lead, "--布置日期", "2019-07-01", "--任务内容", subject, "--任务来源", origin,
            "--responsible-office", "办公室", "--完成时限", "2019-07-10",
        )  # fmt: skip
    found = clerk.house.found("list", "--workflow", "task")
    assert {(each["fields"]["origin"], each["fields"]["related_number"]) for each in found} == {
        ("material", lead),
        ("feedback", lead),
    }
