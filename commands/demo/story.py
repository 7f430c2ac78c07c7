"""The story that `demo` plays: scenes of 2019, each a few sentences and the commands that make it happen.

All of it is invented. Cases are named by the numbers that the ledger of `documents.ledger_out.demo_ledger` gives them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from engine.language import Text

EVENING: Final = "2019-11-05"
"""The day on which the story ends and a newcomer goes on."""

SIGNED: Final = "--leader-signature li --head-signature zhou"
"""Who signs that a lead is closed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryStep:
    """One command of the story."""

    on: str
    """The day on which it is given."""
    by: str
    """Who gives it; empty for the first one, before there is anybody."""
    line: str
    """The command as it is typed; {names} stand for words in the language in use and for files."""
    words: dict[str, str | Text] = field(default_factory=dict)
    shows: int = 6
    """How many lines of the answer are shown from its beginning; the rest is counted."""
    ends: int = 0
    """How many lines of its end are shown as well."""
    code: int = 0
    """The exit code that it ends with; another one than 0 is a refusal that belongs to the story."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A few sentences, and the commands that they are about."""

    title: Text
    said: Text
    steps: tuple[StoryStep, ...]


def story() -> Iterator[Scene]:
    """Yield the scenes in their order."""
    yield from (_house(), _ledger(), _assigned(), _verified(), _shortcuts(), _letters())
    yield from (
        _unsubstantiated(),
        _others(),
        _upheld(),
        _a_month_more(),
        _answers(),
        _cleaned_up(),
        _new_one(),
        _autumn(),
    )


def _step(
    on: str, by: str, line: str, *, shows: int = 6, ends: int = 0, code: int = 0, **words: str | Text
) -> StoryStep:
    return StoryStep(on=on, by=by, line=line, words=words, shows=shows, ends=ends, code=code)


def _house() -> Scene:
    on = "2019-07-08"
    return Scene(
        title=Text("A house of its own", "建台账"),
        said=Text(
            "A county health bureau begins. Wang keeps the ledger in the office; there are four units. Li answers "
            "as leader, Zhao and Qian verify, Sun of the discipline committee looks again at what they found, "
            "Zhou heads the bureau; Ma is a second pair of eyes. Nobody can do more than their role permits.",
            "某县卫健局启用清零。王某在局扫黑办管台账，共四个单位。李某是责任领导，赵某、钱某核查，"
            "委直属机关纪委孙某复核，周某是主要负责人，马某在局扫黑办复核登记。各人只能办理其角色允许的事。",
        ),
        steps=(
            _step(on, "", "init --not-classified --name {name} --unit 0101 --unit-name 县人民医院 --officer wang "
                  "--officer-name 王某 --passphrase-file {passphrase}", shows=2,
                  name=Text("County Health Bureau", "示例县卫生健康局")),
            _step(on, "wang", "unit add 0102 县中医院"),
            _step(on, "wang", "unit add 0103 县疾控中心"),
            _step(on, "wang", "unit add 0104 甲镇中心卫生院"),
            _step(on, "wang", "officer add li 李某 --role supervising_leader"),
            _step(on, "wang", "officer add zhao 赵某 --role verifier"),
            _step(on, "wang", "officer add qian 钱某 --role verifier"),
            _step(on, "wang", "officer add sun 孙某 --role discipline_office"),
            _step(on, "wang", "officer add zhou 周某 --role unit_head --role leading_group"),
            _step(on, "wang", "officer add ma 马某 --role office"),
        ),
    )  # fmt: skip


def _ledger() -> Scene:
    on = "2019-07-08"
    return Scene(
        title=Text("The old ledger comes in", "导入旧台账"),
        said=Text(
            "Half a year of leads stands in a spreadsheet: title rows, merged cells, 同上, days in six forms, a "
            "totals row, a footer, and a 31st of June. A dry run shows how each row is understood; then the good "
            "rows go in together, and the bad one is told and marked in a copy. Mended and imported again, it "
            "joins without doubling anything.",
            "半年的线索都在一张表里：标题行、合并单元格、同上、六种日期写法、合计行、页脚，还有一个6月31日。"
            "先试导，看每行怎样理解；再一并导入，有误的一行说明原因并在副本上标出。改好重导，只补不重。",
        ),
        steps=(
            _step(on, "wang", "import {ledger}", shows=15, ends=1, code=11),
            _step(on, "wang", "import {ledger} --apply", shows=0, ends=3, code=11),
            _step(on, "wang", "import {mended} --apply", shows=0, ends=4),
            _step(on, "wang", "link 0101-XS-2019-0005 0101-XS-2019-0001 --reason {why}",
                  why=Text("same facts", "同一事项")),
        ),
    )  # fmt: skip


def _assigned() -> Scene:
    on = "2019-07-09"
    return Scene(
        title=Text("Every lead has somebody", "逐件交办"),
        said=Text(
            "A verifier cannot assign: that is refused, and nothing changes. The office assigns what is waiting, "
            "all at once but each by its own rules: first a dry run, then for real. One lead is the city "
            "management's; it is passed on, and it is gone only when its receiver says so, to somebody else.",
            "核查人无权交办，系统不予办理，也不留任何改动。由局扫黑办批量交办，逐件按规则核对：先试算，后写入。"
            "其中一件属城管职责，转出后须等对方确认接收，并由他人登记，才算了结。",
        ),
        steps=(
            _step(on, "qian", "advance 0101-XS-2019-0001 assign --handler zhao --responsible-leader li", code=21),
            _step(on, "wang", "advance assign --where \"state == 'received'\" --handler zhao "
                  "--responsible-leader li", shows=2, ends=1),
            _step(on, "wang", "advance assign --where \"state == 'received'\" --handler zhao "
                  "--responsible-leader li --apply", shows=2, ends=1),
            _step("2019-07-10", "wang", "advance 0103-XS-2019-0002 decline --reason {why} --sent-to {to} "
                  "--sent-on 2019-07-10 --signed-by li", shows=1,
                  why=Text("pavement stalls", "占道经营"), to=Text("City Management", "县城管局")),
            _step("2019-07-12", "ma", "advance 0103-XS-2019-0002 confirm_acceptance --accepted-on 2019-07-12",
                  shows=1),
        ),
    )  # fmt: skip


def _verified() -> Scene:
    found = (
        "advance 0101-XS-2019-0001 verify --finding substantiated --suspected-crime yes --involves-official yes "
        "--verified-on 2019-07-15 --report-number {report} --verifiers "
    )
    report = "示卫核〔2019〕3号"
    return Scene(
        title=Text("The car park of the county hospital", "县人民医院的停车场"),
        said=Text(
            "Somebody holds the car park and the ambulances by force, and a man in the hospital's guard office "
            "takes money for it. A suspected crime is verified by two at least. Who reported it stays sealed: "
            "Zhao, who verifies, cannot read it, nor can anybody but the custodian.",
            "有人长期把持停车场和救护车转运，医院保卫科有人收钱放行。涉嫌犯罪的，核查组不得少于两人。"
            "举报人信息已密封，核查的赵某看不到，只有保管人能启封。",
        ),
        steps=(
            _step("2019-07-15", "zhao", found + "zhao", code=21, report=report),
            _step("2019-07-15", "zhao", found + "zhao,qian", shows=2, report=report),
        ),
    )


def _shortcuts() -> Scene:
    on = "2019-07-16"
    return Scene(
        title=Text("No way around", "此路不通"),
        said=Text(
            "Would a fine not do? It would not: a suspected crime goes to the police. Could the lead just be "
            "closed? All that is missing is told at once, and the lead stays where it is.",
            "罚款了事行不行？不行，涉嫌犯罪必须移送。直接办结行不行？缺什么一次说清，线索原地不动。",
        ),
        steps=(
            _step(on, "wang", "advance 0101-XS-2019-0001 handle --measures {fine}", code=21,
                  fine=Text("fined 2000 yuan", "罚款2000元")),
            _step(on, "wang", "advance 0101-XS-2019-0001 close --closed-on 2019-07-16", code=21),
        ),
    )  # fmt: skip


def _letters() -> Scene:
    return Scene(
        title=Text("To both", "双移交"),
        said=Text(
            "The crime goes to the police, the official to the discipline body: two letters, each with its own "
            "number, receipt and answer. Neither can hide behind the other.",
            "犯罪线索送公安，公职人员问题送纪委监委：两封函，各有文号、回执和结果，互不遮掩。",
        ),
        steps=(
            _step("2019-07-17", "wang", "advance 0101-XS-2019-0001 transfer_both --signed-by zhou "
                  "--signed-on 2019-07-17", shows=3),
            _step("2019-07-17", "wang", "advance 0101-YS-2019-0001 send --letter-number 示卫移〔2019〕1号 "
                  "--receiving-body 示例县公安局 --sent-on 2019-07-17 --material {material}", shows=1,
                  material=Text("report, 12 statements", "核查报告、笔录12份")),
            _step("2019-07-17", "wang", "advance 0101-YS-2019-0002 send --letter-number 示卫移〔2019〕2号 "
                  "--receiving-body 示例县纪委监委 --sent-on 2019-07-17 --material {material}", shows=1,
                  material=Text("report, account sheets", "核查报告、账页")),
            _step("2019-07-18", "wang", "advance 0101-YS-2019-0001 receipt --receipted-on 2019-07-18 "
                  "--received-by {whom}", shows=1, whom=Text("He", "何某")),
            _step("2019-07-19", "wang", "advance 0101-YS-2019-0002 receipt --receipted-on 2019-07-19 "
                  "--received-by {whom}", shows=1, whom=Text("Lü", "吕某")),
        ),
    )  # fmt: skip


def _unsubstantiated() -> Scene:
    return Scene(
        title=Text("Found to be nothing, and looked at again", "查否，再看一遍"),
        said=Text(
            "The paid trouble-makers of the second lead were real relatives: unsubstantiated. That does not close it. "
            "Somebody else must look again, and Zhao, who verified it, cannot be that somebody.",
            "第二件的“职业医闹”经查系真实家属，查否。但查否不等于办结：须由他人复审复核，核查过的赵某不能再当复核人。",
        ),
        steps=(
            _step("2019-07-22", "zhao", "advance 0101-XS-2019-0002 verify --finding unsubstantiated "
                  "--verified-on 2019-07-22 --report-number 示卫核〔2019〕4号 --verifiers zhao,qian", shows=1),
            _step("2019-07-23", "wang", "advance 0101-XS-2019-0002 close --closed-on 2019-07-23 --archive-number A2 "
                  f"{SIGNED} --cleanup waived --cleanup-waiver {{why}}", code=21,
                  why=Text("nothing found", "未发现问题")),
            _step("2019-07-23", "wang", "advance 0101-XS-2019-0002 request_review --review-requested-on 2019-07-23 "
                  "--reason {why}", shows=2, why=Text("found unsubstantiated", "查否复核")),
            _step("2019-07-24", "wang", "advance 0101-FH-2019-0001 name_reviewer --reviewer zhao", code=21),
            _step("2019-07-24", "wang", "advance 0101-FH-2019-0001 name_reviewer --reviewer sun", shows=1),
        ),
    )  # fmt: skip


def _others() -> Scene:
    return Scene(
        title=Text("Meanwhile, the others", "其余各件"),
        said=Text(
            "One lead is handled by the bureau itself, one cannot be followed yet and is kept pending (which never "
            "counts as done), one goes to the discipline body, whose receipt does not come. The sweep promises one "
            "message to each who must hear of it; it carries numbers, never a name of those concerned.",
            "一件由行业自行处置；一件暂无法深查，暂存待查（暂存不算办结）；一件移送纪委监委，回执迟迟未到。"
            "巡检登记提醒，每人一封，只列编号，不提当事人姓名。",
        ),
        steps=(
            _step("2019-07-25", "zhao", "advance 0102-XS-2019-0001 verify --finding substantiated --irregularity yes "
                  "--verified-on 2019-07-25 --report-number 示卫核〔2019〕5号 --verifiers zhao", shows=1),
            _step("2019-07-26", "wang", "advance 0102-XS-2019-0001 handle --measures {done}", shows=1,
                  done=Text("contract ended, staff talked to", "终止合同，约谈科室")),
            _step("2019-07-26", "wang", "advance 0102-XS-2019-0003 shelve --reason {why} --next-review-on 2019-12-24 "
                  "--signed-by li", shows=1, why=Text("no facts to follow", "暂无可查内容")),
            _step("2019-07-29", "qian", "advance 0104-XS-2019-0001 verify --finding partly --involves-official yes "
                  "--verified-on 2019-07-29 --report-number 示卫核〔2019〕6号 --verifiers zhao,qian", shows=1),
            _step("2019-07-30", "wang", "advance 0104-XS-2019-0001 transfer_discipline --signed-by zhou "
                  "--signed-on 2019-07-30", shows=2),
            _step("2019-07-31", "wang", "advance 0104-YS-2019-0001 send --letter-number 示卫移〔2019〕3号 "
                  "--receiving-body 示例县纪委监委 --sent-on 2019-07-31 --material {material}", shows=1,
                  material=Text("report, 3 statements", "核查报告、笔录3份")),
            _step("2019-08-05", "wang", "sweep"),
            _step("2019-08-05", "wang", "outbox preview", shows=15),
            _step("2019-08-05", "wang", "deadline list 0104-XS-2019-0001"),
        ),
    )  # fmt: skip


def _upheld() -> Scene:
    return Scene(
        title=Text("Upheld", "维持原结论"),
        said=Text(
            "Sun has read the file and met those concerned: the finding stands. Now the lead can be closed, and, "
            "since there is nothing to clean up, struck off.",
            "孙某查阅案卷、会见当事人，维持原结论。至此方可办结；无需整治，写明理由后销号。",
        ),
        steps=(
            _step("2019-08-05", "sun", "advance 0101-FH-2019-0001 uphold --conclusion {why} "
                  "--methods file_read,victim_met --concluded-on 2019-08-05 --signed-by zhou", shows=1,
                  why=Text("facts are clear", "事实清楚，维持原结论")),
            _step("2019-08-06", "wang", "advance 0101-XS-2019-0002 close --closed-on 2019-08-06 --archive-number A2 "
                  f"{SIGNED} --cleanup waived --cleanup-waiver {{why}}", shows=1,
                  why=Text("nothing found", "未发现问题")),
            _step("2019-08-07", "wang", "advance 0101-XS-2019-0002 waive_rectification --signed-by zhou "
                  "--file-checked-on 2019-08-07", shows=1),
        ),
    )  # fmt: skip


def _a_month_more() -> Scene:
    extend = "extend 0103-XS-2019-0001 verification --for '1 month' --reason {why} --signed-by zhou --filed-on "
    why = Text("waiting for the bank", "等待银行查询结果")
    return Scene(
        title=Text("A month more, once", "只延一次"),
        said=Text(
            "The vaccine lead needs time. A term is extended before it ends, with a reason, a signature and a filing; "
            "once, and the day it had stays on record. Every date can tell how it came about.",
            "疫苗冷链一件需要时间。延期须在到期前提出，有理由、有签批、有备案，只能一次，原期限仍留在案。"
            "每个日期都能说明是怎么算出来的。",
        ),
        steps=(
            _step("2019-09-02", "wang", extend + "2019-09-02", why=why),
            _step("2019-09-03", "wang", extend + "2019-09-03", why=why, code=21),
            _step("2019-09-03", "wang", "deadline explain 0103-XS-2019-0001 verification", shows=8, ends=2),
        ),
    )


def _answers() -> Scene:
    close = f"advance 0101-XS-2019-0001 close --archive-number A1 {SIGNED} --cleanup needed --closed-on "
    return Scene(
        title=Text("Two answers", "两家都答复了，才能办结"),
        said=Text(
            "The police have opened a case. One answer is not two: the lead still cannot close. Two weeks later "
            "the discipline body answers, and it can.",
            "公安立案了。但只答复一家不算完，仍不能办结。两周后纪委监委也答复了，才办结。",
        ),
        steps=(
            _step("2019-09-10", "wang", "advance 0101-YS-2019-0001 answer --answered-on 2019-09-09 --outcome filed",
                  shows=1),
            _step("2019-09-11", "wang", close + "2019-09-11", code=21),
            _step("2019-09-24", "wang", "advance 0101-YS-2019-0002 answer --answered-on 2019-09-23 "
                  "--outcome sanctioned", shows=1),
            _step("2019-09-25", "wang", close + "2019-09-25", shows=1),
        ),
    )  # fmt: skip


def _cleaned_up() -> Scene:
    return Scene(
        title=Text("One case, one clean-up", "一案一整治"),
        said=Text(
            "A closed lead leaves a gap that let it happen. The clean-up has a day of its own; whoever reports it as "
            "done does not accept it. Then the lead is struck off.",
            "案子办了，漏洞还在。整治有期限，报完成的人不能自己验收。验收之后，本件销号。",
        ),
        steps=(
            _step("2019-09-26", "wang", "advance 0101-XS-2019-0001 start_rectification --rectification-problem {what} "
                  "--rectification-started-on 2019-09-26 --rectification-due-on 2019-10-31", shows=2,
                  what=Text("car park let without a tender", "停车场外包未经招标")),
            _step("2019-09-27", "zhao", "advance 0101-ZG-2019-0001 begin --measures {how}", shows=1,
                  how=Text("tender anew, register ambulances", "重新招标，救护车登记备案")),
            _step("2019-10-24", "zhao", "advance 0101-ZG-2019-0001 report_done --done-on 2019-10-23 --proof {proof}",
                  shows=1, proof=Text("tender published", "中标公告")),
            _step("2019-10-28", "sun", "advance 0101-ZG-2019-0001 accept --accepted-on 2019-10-28 --signed-by zhou",
                  shows=1),
            _step("2019-10-29", "wang", "advance 0101-XS-2019-0001 finish_rectification --file-checked-on 2019-10-29",
                  shows=1),
        ),
    )  # fmt: skip


def _new_one() -> Scene:
    return Scene(
        title=Text("Somebody rings", "又来一个电话"),
        said=Text(
            "A new report. It has its number the moment it is registered, and somebody who answers for it a day "
            "later. A mistyped one is voided, not deleted: its number is never given again.",
            "新的举报。登记即有编号，次日即有人负责。误登的只能作废，不能删除，编号永不再用。",
        ),
        steps=(
            _step("2019-10-29", "wang", "receive --unit 0103 --received-on 2019-10-29 --source telephone "
                  "--summary {what} --category A6", what=Text("touts sell vaccination slots", "有人倒卖疫苗预约号")),
            _step("2019-10-29", "wang", "receive --unit 0103 --received-on 2019-10-29 --source telephone "
                  "--summary {what} --category A6", shows=1,
                  what=Text("touts sell vaccination slots", "有人倒卖疫苗预约号")),
            _step("2019-10-29", "wang", "void 0103-XS-2019-0004 --reason {why}", why=Text("typed twice", "重复录入")),
            _step("2019-10-30", "wang", "advance 0103-XS-2019-0003 assign --handler qian --responsible-leader li",
                  shows=1),
        ),
    )  # fmt: skip


def _autumn() -> Scene:
    return Scene(
        title=Text("The fifth of November", "十一月五日"),
        said=Text(
            "Two months remain of the year. Is it cleared to zero? It is not, and the answer says by how much, unit by "
            "unit. The journal is whole: nothing was changed, dropped or put in between.",
            "离年底还有不到两个月。今年清零了吗？没有：差多少、差在哪个单位，一查便知。"
            "日志完整：没有改动，没有缺失，没有插入。",
        ),
        steps=(
            _step(EVENING, "wang", "sweep"),
            _step(EVENING, "wang", "journal verify"),
            _step(EVENING, "wang", "zero yearly --year 2019", shows=10, ends=1, code=30),
            _step(EVENING, "wang", "list --open", shows=40),
        ),
    )
