"""What the codes behind a rule's basis stand for: `S2 二(一)` is a paragraph of a plan, and this says of which.

The declarations that ship cite by these codes; one that a house adopts may, or cites in its own words. They are part of
the program and not adopted: a code that stands in a ledger from before is explained in it as well.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from engine.language import Text, lazy_pattern

_PLAN: Final = Text(
    "Plan {n} of twelve in one collection of plans of health authorities against organised crime",
    "《医疗卫生系统扫黑除恶工作方案》汇编（共十二篇）第 {n} 篇",
)
_PLANS: Final[Mapping[str, Text]] = {
    f"S1-P{number}": Text(_PLAN.en.format(n=number), _PLAN.zh.format(n=number)) for number in range(1, 13)
}
_SEEDS: Final[Mapping[str, Text]] = {
    "S0": Text(
        "Jintan district, health and family planning: plan of the special campaign against organised crime, 2018",
        "《金坛区卫计系统扫黑除恶专项斗争实施方案》（2018 年）",
    ),
    **_PLANS,
    "S2": Text(
        "Zhengzhou, health authorities: plan for the vanguard against organised crime, no. 5 of 2019",
        "《郑州市卫生健康系统探索创建扫黑除恶“排头兵”工作方案》（郑卫直机纪〔2019〕5号）",
    ),
    "S3": Text(
        "Plan of a town for the special campaign against organised crime, with the duties of its health centre",
        "某镇《扫黑除恶专项斗争工作方案》（含镇卫计中心职责）",
    ),
    "S4": Text(
        "Zhangping city: plan of the special clean-up of the health sector, revised, 2021",
        "《漳平市卫生行业专项整治工作方案（修订）》（2021 年）",
    ),
}
_LAWS: Final[Mapping[str, Text]] = {
    "L-移送": Text(
        "Rules on the passing of suspected crimes by administrative bodies (text of 2020); the number is the article",
        "《行政执法机关移送涉嫌犯罪案件的规定》（2020 年修订），其后数字为条",
    ),
    "L-信访": Text("Rules on petitions (2022); the number is the article", "《信访工作条例》（2022 年），其后数字为条"),
    "L-监察": Text(
        "Supervision Law (text of 2024); the number is the article", "《监察法》（2024 年修正），其后数字为条"
    ),
    "L-反有组织": Text(
        "Law against Organised Crime (2021); the number is the article",
        "《反有组织犯罪法》（2021 年），其后数字为条",
    ),
    "L-公安程序": Text(
        "Rules of procedure of the police in criminal cases (text of 2020); the number is the article",
        "《公安机关办理刑事案件程序规定》（2020 年修正），其后数字为条",
    ),
    "L-保密": Text(
        "Law on State Secrets (text of 2024); the number is the article",
        "《保守国家秘密法》（2024 年修订），其后数字为条",
    ),
}
_ELSEWHERE: Final[Mapping[str, Text]] = {
    "W1": Text(
        "Practice on reports under a real name: acceptance and result made known in 15 working days",
        "实名举报办理做法：15 个工作日内告知受理、反馈结果",
    ),
    "W6": Text("A published statistical table of leads with its notes", "公开的线索统计表及填表说明"),
    "W7": Text(
        "Beilin district, discipline committee: 3 and 5 working days, lists filed",
        "西安市碑林区纪委监委做法：3 个、5 个工作日，清单备案",
    ),
    "W8": Text(
        "Zhouzhi county, discipline committee: register of transfers, 1 and 3 working days",
        "周至县纪委监委做法：移送登记，1 个、3 个工作日",
    ),
    "W9": Text(
        "Guizhou province: transfer at the same level with letter and evidence, filed each month",
        "贵州省做法：同级移送、附函及证据、按月备案",
    ),
    "W10": Text(
        "Qiubei county: sorted the same day, chased by letter, struck off", "丘北县做法：当日分办、催办单、销号"
    ),
    "W12": Text(
        "Xixiang county, discipline committee: approvals in 1 to 3 working days, finding and handling apart",
        "西乡县纪委监委做法：1 至 3 个工作日审批、查管分离",
    ),
    "W13": Text(
        "Honghe prefecture, discipline committee: weekly and monthly returns, a nil return says what was done",
        "红河州纪委监委做法：周报、月报，零报告须写明工作",
    ),
    "W15": Text(
        "Rules of discipline and supervision bodies on reports and accusations, chapter 3",
        "《纪检监察机关处理检举控告工作规则》第三章",
    ),
    "W16": Text(
        "Commentary on article 33 of the working rules of discipline bodies: plan of verification, a group of two",
        "《监督执纪工作规则》第三十三条释义：核查方案、核查组至少二人",
    ),
    "W17": Text(
        "Hengshan district, discipline committee: 2 months and 1 more, checked by a second office",
        "横山区纪委监委做法：2 个月、可延 1 个月，第二部门复核",
    ),
    "W18": Text("Rules of 1996 on the protection of reporters", "1996 年保护检举、控告人的规定"),
    "W19": Text("A published form of a report on a lead, with its columns", "公开的线索报告单、谈话笔录样式"),
    "W20": Text("Rule of one month for disposal, and a form of report", "一个月内提出处置意见的规定及报告样式"),
    "W21": Text("Columns of a published ledger of petitions", "公开的信访台账栏目"),
    "W22": Text("Columns of a list and an example of numbers, of published software", "公开软件的清单栏目和编号样例"),
    "W23": Text("Fields of a list of reports, of published software", "公开软件的举报清单字段"),
    "W24": Text(
        "Columns of a list of supervision: closed in time or late, suspended",
        "公开的督办清单栏目：按期、逾期办结，中止",
    ),
    "W25": Text("Platform 12337: four groups of reports, query code, 30 days", "12337 平台：四类举报、查询码、30 日"),
    "W28": Text("Order of a transfer letter: document number, opening words", "公开的移送函格式：文号、首语"),
    "W29": Text(
        "A city's practice: nine kinds of sources, re-review of what was not substantiated, weekly bulletin",
        "某市做法：九类线索来源、查否复核、周通报",
    ),
    "W32": Text(
        "Zhejiang, Hangzhou and Wenzhou: 2 working days, daily return, report that vouches for a finding",
        "浙江、杭州、温州做法：2 个工作日、日报、查否背书报告",
    ),
    "W33": Text(
        "Lijiang city: leaders in charge of a case, liability for its verification",
        "丽江市做法：包案领导、核查责任",
    ),
    "W34": Text(
        "Huangshi city: sent back in 2 days, extension of 27 days at most, three reports",
        "黄石市做法：2 日内退回、延期不超过 27 日、三次报告",
    ),
    "W35": Text(
        "Rules of discipline and supervision bodies on reports and accusations, articles 47 and 49 to 52",
        "《纪检监察机关处理检举控告工作规则》第四十七条、第四十九至五十二条",
    ),
    "W36": Text("Proposals of procurators: answered in 2 months", "检察建议：2 个月内答复"),
    "W37": Text(
        "Reports on medical insurance: answered in 5 working days, reward, secrecy",
        "医疗保障举报：5 个工作日告知、奖励、保密",
    ),
    "W38": Text(
        "Rules for the Supervision Law (2021), articles 168 to 172",
        "《监察法实施条例》（2021 年）第一百六十八至一百七十二条",
    ),
    "W39": Text("Changwu county, discipline committee: three colours", "长武县纪委监委做法：三色预警"),
    "W41": Text(
        "Former rules on the inspection of discipline cases, article 15: 2 months and 1 more",
        "原《案件检查工作条例》第十五条：2 个月、可延 1 个月",
    ),
    "W45": Text(
        "Shaanxi province, health commission: monthly by the 20th, important matters in 6 hours",
        "陕西省卫生健康委通知：每月 20 日前报送，重大情况 6 小时内",
    ),
    "W51": Text("Xing'an county: colours by the time that is left", "兴安县做法：按剩余时限亮灯"),
    "W55": Text(
        "Rules of government supervision: what is checked before an item is closed",
        "政府督查规定：销号前的核对内容",
    ),
    "W60": Text(
        "Clearing the store of leads: reopened, signed, liable for life", "线索清仓做法：重启核查、签字背书、终身负责"
    ),
    "W68": Text("Rule that all who verified sign the report", "核查报告由全体核查人签字的规定"),
    "W75": Text(
        "Commentary on article 23 of the working rules of discipline bodies: number, ledger, signatures at every step",
        "《监督执纪工作规则》第二十三条释义：逐件编号、台账、各环节签字",
    ),
}
SOURCES: Final[Mapping[str, Text]] = MappingProxyType({**_SEEDS, **_LAWS, **_ELSEWHERE})
"""All codes, in the order of plans, laws, and what was published elsewhere."""

_CODE: Final = lazy_pattern(r"(?:S\d+(?:-P\d+)?|W\d+|L-[^\d\s;；第]+)")


class Cited(NamedTuple):
    """A part of a basis."""

    code: str
    """Empty where it begins with no code that is known."""
    rest: str
    """What follows the code: paragraph or article."""


def cited(basis: str) -> Iterator[Cited]:
    """Yield the parts of a basis, each with the code it begins with."""
    for part in re.split(r"[;；]", basis):
        words = part.strip()
        found = _CODE.match(words)
        code = found.group() if found and found.group() in SOURCES else ""
        yield Cited(code, words.removeprefix(code))


def kind_of(code: str) -> Text:
    """Return what kind of source a code stands for, as the heading of a group."""
    if code in _SEEDS:
        return Text("Plans of health authorities", "卫生健康部门的工作方案")
    if code in _LAWS:
        return Text("Laws and regulations", "法律法规")
    return Text("Published elsewhere", "其他地方公布的规定或做法")
