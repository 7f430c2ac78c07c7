"""The names of those reported: read out of a field however they are written, and shortened wherever they stand.

A field of those reported holds names with titles, brackets, 和, 等3人, dots and line ends. What is
read as a name is shortened in every text of a letter; what may be a name or may be none is asked, never left standing
in silence. Pure: words in, words out. Text keeps its own signs: only what stands for a name is replaced.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_SINGLE: Final = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马"
    "苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁"
    "毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊"
    "胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉钮龚程嵇邢裴陆荣翁荀羊惠甄曲家封储靳段富"
    "巫乌焦巴弓牧山谷车侯全班仰秋仲伊宫宁仇栾甘厉祖武符刘景詹束龙叶幸司黎薄印白怀蒲从鄂索咸赖卓蔺屠蒙池乔阴能"
    "苍双闻党翟谭贡劳申扶堵冉宰郦雍桑桂牛寿通边燕冀浦尚农温别庄晏柴瞿阎充慕连茹习艾鱼容向古易慎戈廖庾终暨居衡"
    "步都耿满弘匡国文寇广禄阙东欧沃利蔚越隆师巩聂晁勾敖融冷辛阚那简饶曾沙养鞠须丰巢关相查后荆红游竺权盖益桓公"
    "岳帅海佟商牟佘伯墨哈谯笪年爱阳佴言福仝肖付闫代冼覃丘揭苟税禤郏降占化扎操初芦原亓朴仉兰候涂郜邸郄缑嘉衣肇"
    "楚要展战仓来由刑粟植矫鹿线"
)
_COMPOUND: Final = (
    "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "司徒", "司空",
    "夏侯", "闻人", "赫连", "澹台", "公冶", "宗政", "濮阳", "淳于", "单于", "太叔", "申屠", "轩辕", "钟离", "鲜于",
    "闾丘", "亓官", "司寇", "子车", "颛孙", "端木", "巫马", "公西", "漆雕", "乐正", "拓跋", "夹谷", "宰父", "谷梁",
    "百里", "东郭", "南门", "呼延", "羊舌", "微生", "梁丘", "左丘", "东门", "西门", "南宫", "第五",
)  # fmt: skip
_POSTS_WRITTEN = (
    "党委书记 党组书记 支部书记 副院长 院长 副主任医师 主任医师 主治医师 副主任 主任 副局长 局长 "
    "副科长 科长 副处长 处长 副书记 书记 副护士长 护士长 保安队长 保安 副队长 队长 副所长 所长 "
    "副站长 站长 副股长 股长 副部长 部长 会计 出纳 医师 医生 大夫 护士 药师 法人代表 法定代表人 "
    "负责人 经理 总经理 董事长 老板 老师 教授 同志 先生 女士 司机 职工 员工 干部 厂长 镇长 "
    "乡长 村长 组长 采购员 收费员 药剂师 技师 检验师 校长 馆长 总监 总 工 "
)
_POSTS: Final = tuple(_POSTS_WRITTEN.split())
_WORDS_WRITTEN = (
    "高峰 高度 高级 高速 高兴 高低 高价 高额 高中 高校 高压 高层 安全 安排 安装 安静 安心 安保 "
    "安检 黄河 黄金 黄色 黄山 成为 成立 成本 成功 成果 成绩 成员 成品 方面 方法 方案 方便 方向 "
    "方式 全国 全部 全体 全面 全员 全家 全市 全县 全院 全程 全额 全年 明确 明显 明天 明年 平时 "
    "平台 平均 平常 平安 平方 和平 和谐 金额 金钱 金融 金属 时间 时候 时期 时常 水平 水费 水电 "
    "水果 水泥 家属 家庭 家长 家里 家人 国家 国务 国内 国有 国际 国庆 文件 文化 文明 文字 文书 "
    "文员 公司 公开 公共 公安 公务 公立 公款 公示 公章 公平 公正 公布 公告 管理 管制 管道 相关 "
    "相应 相当 关于 关系 关键 关注 关闭 单位 单独 单据 单纯 任务 任何 任职 任命 任意 常委 常务 "
    "常见 常年 常规 经理 经过 经济 经常 经营 经费 经手 经办 解决 解释 解除 计划 计算 计生 应该 "
    "应当 应用 应付 应收 通知 通过 通报 通常 通道 路上 路口 路费 路线 马上 马路 万元 万一 石油 "
    "石头 江河 山区 山上 田地 白天 白酒 白色 白领 包括 包装 包裹 包庇 温度 温馨 温泉 强制 强调 "
    "强行 强迫 乐意 年底 年初 年度 年龄 年终 年前 向上 向阳 东方 东西 东部 海关 海南 海外 海洋 "
    "红包 红色 红利 商业 商店 商人 商场 商量 贝类 原因 原来 原则 原件 化验 化学 化疗 来信 来源 "
    "来电 来访 来往 代表 代理 代码 代办 代价 要求 要点 由于 由此 展开 展示 步骤 都是 满意 满足 "
    "满员 广告 广场 广大 利益 利用 利润 利息 简单 简易 查实 查处 查看 查询 查房 查清 后来 后果 "
    "后勤 权利 权力 权益 权限 言语 言论 福利 房间 房屋 房产 房租 干部 干预 干扰 干净 支付 支持 "
    "支出 支部 支队 班子 班组 班长 车辆 车间 车费 车站 项目 季度 连续 连接 师傅 师生 景区 龙头 "
    "游客 易制 古代 容易 居民 居住 居委 农村 农民 农业 农药 农合 劳动 劳务 申请 申报 申诉 党委 "
    "党员 党组 党支 边界 连锁 从事 从业 从中 能力 能够 双方 双向 闻讯 养老 养护 曾经 须知 丰富 "
    "益处 国药 元旦 元素 毛病 米面 广东 广西 云南 宁夏 吉林 江苏 江西 安徽 福建 海口 贵州 齐全 "
    "康复 康养 余额 余下 顾客 顾问 平价 和解 祝贺 蓝色 江北 江南 宣传 宣布 解放 应急 丁香 程序 "
    "程度 荣誉 封闭 储存 段落 富裕 焦点 巴士 牧区 谷物 全科 伊始 宫颈 甘草 武装 武器 符合 叶子 "
    "幸福 司机 司法 印章 印刷 怀孕 怀疑 索要 索取 索贿 池塘 阴性 阳性 阳台 双倍 通用 扶贫 燕窝 "
    "冀望 尚未 别人 别的 充值 充足 充分 充当 慎重 终于 终身 终止 居然 衡量 步行 都有 文艺 禄口 "
    "沃土 越来 隆重 融资 冷藏 辛苦 那里 那个 简介 相互 相片 荆州 红十 盖章 伯父 墨水 哈尔 爱心 "
    "爱人 爱护 降低 降价 占用 占有 扎实 操作 操纵 初步 初期 初中 原告 兰州 嘉奖 衣服 楚雄 战略 "
    "战友 仓库 线索 线上 线下 植入 鹿茸 任期 石家 郑州 徐州 常州 常德 许可 许多 何时 何人 何处 "
    "施工 施行 张贴 张罗 严重 严格 严厉 严肃 华侨 金银 章程 花费 花钱 方圆 任教 史上 费用 常住 "
    "于是 和睦 明细 明知 伏法 成交 谈话 谈判 纪委 纪律 纪检 舒适 项下 杜绝 席位 麻醉 麻烦 麻药 "
    "强硬 路过 危险 危害 危重 江湖 盛行 林业 林木 钟头 夏天 田间 胡乱 万分 管家 房地 应聘 宗教 "
    "单价 单方 包含 左右 石材 吉利 程控 裴然 陆续 惠民 曲解 "
)
_WORDS: Final = frozenset(_WORDS_WRITTEN.split())
"""Words of two signs that begin with the sign of a surname; such a name is shortened only on evidence."""
_NOBODY: Final = re.compile(
    r"不详|不明|未知|匿名|暂无|无|待查|待核|某某?"
    r"|.*(?:公司|医院|卫生院|诊所|药店|药房|科室|机构|单位|中心|部门|协会|集团|学校|企业|委员会|保健院)"
    r"|.{0,6}(?:人员|职工|员工|医护|护工|保安|保安室|医托|工人|队员|人|者|队|科|室|局|处|站|部|院|所|委)"
    r"|.{0,6}(?:班子|领导|干部|群众|家属|患者)"
)
_TRADE: Final = re.compile(
    r".{0,3}(?:贩子?|员|商|匠|霸|托|医|店|户|犯|仔|头|工)"
    r"|黄牛|黄牛党|房东|车主|房主|金主|东家|帅哥|司仪|宗亲|白大褂|向导|干爹|干妈|师爷|支书|连长|连襟|双胞胎|黑社会|党羽"
    r"|国企|车间|项目|党务|高管|高层|高个子|党员|战友|别墅|景点|包车|柴油|双开|时任|现任|原任|化名|别名|绰号|外号|网名"
)
"""Trades and remarks that begin with the sign of a surname. Behind a name they say what it does; alone they are asked
about, since a name that is none would be shortened in every text."""
_SHORT_ALREADY: Final = re.compile(r"[㐀-鿿]{1,2}(?:某{1,2}|[xX×*＊]{1,3})[甲乙丙丁0-9]?")
_HAN: Final = "㐀-鿿\U00020000-\U0003ffff"
_DOTS: Final = "·•‧∙⋅・･.．"
_DOT: Final = re.compile(f"(?<=[{_HAN}])[ ]*[{_DOTS}][ ]*(?=[{_HAN}])")
_BRACKETS: Final = re.compile(r"[（(\[【〔<《]([^（）()\[\]【】〔〕<>《》]*)[）)\]】〕>》]")
_ALIAS: Final = re.compile(
    r"(?:又名|化名|绰号|别名|曾用名|小名|网名|外号|原名|本名|真名|姓名)[:：]?[“”\"']?(.+?)[“”\"']?"
)
_APART: Final = re.compile(f"[、，,；;/／|\n\r。]+|(?<=[{_HAN}]{{2}})\\s*[和与及跟暨]\\s*(?=[{_HAN}]{{2}})")
"""Between names; 和 with two signs on both sides, since 马和平 is one."""
_LEADING: Final = re.compile(
    r"(?:[（(]?\d{1,2}[)）.、．]|[①-⑳]"
    r"|(?:被举报人|被反映人|被投诉人|举报对象|姓名|对象)[:：]|其(?:妻|夫|子|女|弟|兄|姐|妹|父|母)[:：]?)\s*"
)
_AND_OTHERS: Final = re.compile(
    r"(?:等(?:[\d一二三四五六七八九十两几多数]+余?(?:人|名|位)?|人)?"
    r"|(?:父子|母子|夫妇|夫妻|兄弟|姐妹|一家)[二两]?人?|[二两三四五]人)$"
)
_UNIT: Final = re.compile(
    r"^.*(?:医院|卫生院|保健院|公司|中心|诊所|药店|卫健委|卫健局|外科|内科|儿科|妇产科|科|局|委|部|室|站|处|所|院)(?=.{2})"
)
_DIGITS: Final = re.compile(r"\+?[\dXx][\d\s-]{5,}[\dXx]?")
_LATIN: Final = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’.-]*(?:\s+[A-Za-zÀ-ɏ'’.-]+){0,5}")
_FOLLOWS: Final = (
    "等的收在于将向从对把被让与和及跟同给以利用是系为（，。、；：,;:!！?？)）”\"'私违索贿受贪挪侵诈骗欺打辱骂殴勒迫强吃拿卡要"
    "说称因已曾未不无虽却仍还又再也就都任担主负伙参组经介通借违参涉套虚"
)
_BEFORE: Final = "，。、；：,;:（(“\"'映报诉告现与和及对向被由将让给找到叫有名为是"


_GIVEN: Final = 2
"""Signs of a given name that means somebody when it stands alone; one sign is in every other word."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NamesRead:
    """What a field of those reported was read as."""

    names: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    """What may be a name or hold one; to be asked before a paper that must not name persons is issued."""


def names_in(words: str) -> NamesRead:
    """Return the names in a field of those reported, each once, and what could not be read as names or as nobody."""
    names: dict[str, None] = {}
    unclear: dict[str, None] = {}
    for piece, lenient in _pieces(words):
        name = _name_of(piece, lenient=lenient)
        if name is None:
            unclear[piece] = None
        elif name:
            names[name] = None
    return NamesRead(names=tuple(names), unclear=tuple(each for each in unclear if each not in names))


def shortener(names: Iterable[str]) -> Callable[[str], tuple[str, tuple[str, ...]]]:
    """Return what shortens names in a text: to the surname and 某, two of the same with a number.

    It also returns the places that may mean one of them and were left as they stand: a name that is a common word too,
    without evidence; a surname with a post; a given name of two signs alone.
    """
    known = sorted(dict.fromkeys(names), key=lambda each: (-len(each), each))
    short = _short_forms(known)
    patterns = [(_pattern(name), short[name], name in _WORDS) for name in known]
    posts = "|".join(sorted((each for each in _POSTS if len(each) > 1), key=len, reverse=True))
    surnames = sorted({_surname(name) for name in known if _is_han(name)}, key=len, reverse=True)
    given = [name[len(_surname(name)) :] for name in known if _is_han(name) and "·" not in name]
    alone = [f"(?:{'|'.join(map(re.escape, surnames))})(?:{posts})"] if surnames else []
    alone += [re.escape(each) for each in given if len(each) == _GIVEN]
    called = re.compile("|".join(alone)) if alone else None

    def shorten(words: str) -> tuple[str, tuple[str, ...]]:
        doubted: dict[str, None] = {}
        for pattern, instead, is_word in patterns:
            words = pattern.sub(lambda found: _replaced(found, instead, is_word, doubted), words)  # noqa: B023
        if called is not None:
            doubted.update(dict.fromkeys(called.findall(words)))
        return words, tuple(doubted)

    return shorten


def _replaced(found: re.Match[str], instead: str, is_word: bool, doubted: dict[str, None]) -> str:
    """Return what stands in the place of a name that was found; itself, and doubted, if it may be a common word."""
    if is_word:
        before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
        ahead = not before or before in _BEFORE or before.isspace()
        behind = not after or after in _FOLLOWS or after.isspace()
        if not (ahead and behind):
            if ahead or behind:
                doubted[found[0]] = None
            return found[0]
    return instead


def _pieces(words: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a field that may each be a name; False with it where only a surname makes it one."""
    words = _ideographic(_DIGITS.sub(" ", words))
    inside: list[str] = []

    def taken_out(found: re.Match[str]) -> str:
        inside.append(found[1])
        return "\x00"  # holds the place, so that what stands around a bracket is not joined

    while _BRACKETS.search(words):
        words = _BRACKETS.sub(taken_out, words)
    outside = [part for each in _APART.split(words) for part in each.split("\x00")]
    nobody_outside = all(_name_of(each.strip(), lenient=True) == "" for each in outside)
    for each in outside:
        yield each.strip(), True
    for each in inside:
        for part in _APART.split(each):
            alias = _ALIAS.fullmatch(part.strip())
            if alias is not None:
                yield alias[1], True
            else:
                yield part.strip(), nobody_outside


def _name_of(piece: str, *, lenient: bool) -> str | None:
    """Return the name in a piece; empty if it is nobody's, None if it may be one."""
    stripped = _stripped(piece)
    if not stripped or _SHORT_ALREADY.fullmatch(stripped) or stripped in _POSTS:
        return ""
    if _TRADE.fullmatch(stripped):
        return None if lenient and not _NOBODY.fullmatch(stripped) else ""
    if _LATIN.fullmatch(stripped):
        return stripped if len(stripped) > 1 and lenient else ""
    if re.fullmatch(f"[{_HAN}]+(?:·[{_HAN}]+)+", stripped) or (
        _looks_like_one(stripped) and not _NOBODY.fullmatch(stripped)
    ):
        return stripped
    return _name_with_post(stripped, lenient=lenient)


def _name_with_post(words: str, *, lenient: bool) -> str | None:
    """Return the name in words that may hold a unit and a post besides; as `_name_of` does."""
    if words[0] in _SINGLE and words[1:] in _POSTS:
        return None  # 王主任; 陈保安 may be a name
    bare = _without_post(words)
    is_three = re.fullmatch(f"[{_HAN}]{{3}}", bare) is not None
    if _NOBODY.fullmatch(words) and bare == words:
        return ""
    if not bare or _SHORT_ALREADY.fullmatch(bare) or _NOBODY.fullmatch(bare):
        return ""
    if _TRADE.fullmatch(bare):
        return None if lenient else ""
    if (bare != words and _looks_like_one(bare)) or (is_three and (lenient or bare != words)):
        return bare
    return None if lenient and not _NOBODY.fullmatch(words) else ""


def _stripped(piece: str) -> str:
    """Return a piece without what stands before or behind a name in a list."""
    before = None
    while before != piece:
        before = piece
        piece = _AND_OTHERS.sub("", _LEADING.sub("", piece, count=1) if _LEADING.match(piece) else piece).strip(
            " “”\"'：:-—"
        )
    return re.sub(f"(?<=[{_HAN}])\\s+(?=[{_HAN}])", "", piece)


def _without_post(piece: str) -> str:
    """Return a piece without the unit and the post before a name, or the post behind it."""
    for post in _POSTS:
        if len(post) > 1 and (at := piece.rfind(post)) >= 0:
            return piece[at + len(post) :] or _UNIT.sub("", piece[:at])
    return _UNIT.sub("", piece)


def _looks_like_one(words: str) -> bool:
    """Say whether words are a surname and a given name of one or two signs."""
    if not _is_han(words):
        return False
    if words[:2] in _COMPOUND:
        return len(words) in {3, 4}
    return words[0] in _SINGLE and len(words) in {2, 3} and not words.endswith(("总", "工")) and words[1:] not in _POSTS


def _is_han(words: str) -> bool:
    """Say whether words are Chinese signs, with dots between them or not."""
    return re.fullmatch(f"[{_HAN}·]+", words) is not None


def _surname(name: str) -> str:
    """Return the surname, or the first sign of a name."""
    return name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[0]


def _short_forms(names: Iterable[str]) -> dict[str, str]:
    """Return the short form of each name; those of the same form are numbered in their order."""
    forms: dict[str, list[str]] = {}
    for name in names:
        surname = _surname(name)
        forms.setdefault(surname + "某" * min(max(len(name) - len(surname), 1), 2), []).append(name)
    return {
        name: form if len(same) == 1 else f"{form}{place}"
        for form, same in forms.items()
        for place, name in enumerate(sorted(same), 1)
    }


def _pattern(name: str) -> re.Pattern[str]:
    """Return what finds a name however it is written: blanks and line ends within, any dot, any case, full width."""
    between = r"[\s\u200b\u200c\u200d\ufeff]{0,3}"
    if not _is_han(name):
        words = re.split(rf"[\s.{_DOTS}’'-]+", name)
        joined = rf"[\s.{_DOTS}’'-]{{0,3}}".join(_latin(each) for each in words if each)
        return re.compile(rf"(?<![A-Za-zＡ-Ｚａ-ｚ]){joined}(?![A-Za-zＡ-Ｚａ-ｚ])", re.IGNORECASE)
    signs = [f"{between}[{_DOTS}]?{between}" if sign == "·" else re.escape(sign) for sign in name]
    return re.compile(between.join(signs))


def _latin(word: str) -> str:
    """Return what finds a word of Latin letters, also in full width."""
    return "".join(f"[{c}{chr(ord(c) + 0xFEE0)}]" if "!" <= c <= "~" and c.isalnum() else re.escape(c) for c in word)


def _ideographic(words: str) -> str:
    """Return words with every dot between Chinese signs as one kind, and full-width Latin letters as plain ones."""
    plain = "".join(chr(ord(c) - 0xFEE0) if "Ａ" <= c <= "Ｚ" or "ａ" <= c <= "ｚ" else c for c in words)
    plain = re.sub("[\u200b\u200c\u200d\ufeff]", "", plain.replace("　", " "))
    return _DOT.sub("·", plain)
