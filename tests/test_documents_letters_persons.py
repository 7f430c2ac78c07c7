"""Names of those reported: read however they are written, shortened wherever they stand, common words left alone."""

import pytest

from documents.letters.persons import names_in, shortener

READ = {
    "甲乙丙（院长）": "甲乙丙",
    "院长甲乙丙": "甲乙丙",
    "甲乙丙等3人": "甲乙丙",
    "甲乙丙（已离职）、丁戊己": "甲乙丙 丁戊己",
    "院长（甲乙丙）": "甲乙丙",
    "张三(又名李四)": "张三 李四",
    "1.张三；2.李四": "张三 李四",
    "张三\n李四": "张三 李四",
    "李四和张三丰": "李四 张三丰",
    "马和平": "马和平",
    "张和平和李四": "张和平 李四",
    "欧阳锋": "欧阳锋",
    "张 三 等2人": "张三",
    "王五（13900001111）": "王五",
    "县医院 院长 赵六": "赵六",
    "县人民医院骨科副主任医师陈大文及其妻王小丽": "陈大文 王小丽",
    "医生张三、护士": "张三",
    "刘建国院长": "刘建国",
    "保安李四": "李四",
    "王五父子二人": "王五",
    "高峰": "高峰",
    "玛依拉•某孜": "玛依拉·某孜",
    "WANG WU": "WANG/WU",
    "ＷＡＮＧ　ＷＵ": "WANG/WU",
    "保安": "",
    "保安室": "",
    "不详": "",
    "匿名": "",
    "县中医院": "",
    "某医药公司": "",
    "张某某": "",
    "张某、李某": "",
    "王五（化名）": "王五",
    "王五（包工头）": "王五",
    "王五（时任院长）": "王五",
    "李四（黄牛）、王五（党员）": "李四 王五",
    "收费处工作人员": "",
}
ASKED = [
    "王主任",
    "刘总",
    "欧阳",
    "绰号“刀疤”",
    "建国",
    "陈保安",
    "张三李四",
    "黄牛",
    "包工头",
    "车贩子",
    "经销商",
    "水电工",
]


@pytest.mark.parametrize("words", READ)
def test_names_are_read_however_they_are_written(words: str) -> None:
    """With titles, brackets, lists, numbers, dots and line ends; a unit or a trade is nobody."""
    wanted = tuple(each.replace("/", " ") for each in READ[words].split())
    assert names_in(words).names == wanted
    assert names_in(words).unclear == ()


@pytest.mark.parametrize("words", ASKED)
def test_what_may_be_a_name_is_asked(words: str) -> None:
    """A surname with a post, a nickname, a given name alone: never taken and never passed over in silence."""
    assert names_in(words).names == ()
    assert names_in(words).unclear == (words,)


SHORTENED = [
    ("保安", "保安室收费", "保安室收费"),
    ("王五", "反映王五收红包", "反映王某收红包"),
    ("王五", "王 五与王\n五", "王某与王某"),
    ("高峰", "上下班高峰时段，高峰收钱", "上下班高峰时段，高某收钱"),
    ("王五、王六", "王五和王六", "王某1和王某2"),
    ("张三、张三丰", "张三丰张三", "张某某张某"),
    ("欧阳锋", "欧阳锋。", "欧阳某。"),
    ("WANG WU", "Wang Wu，wang\nwu，Wangwuhan", "W某某，W某某，Wangwuhan"),
    ("玛依拉·某孜", "玛依拉•某孜、玛依拉 . 某孜、玛依拉某孜", "玛某某、玛某某、玛某某"),
]


@pytest.mark.parametrize(("field", "text", "wanted"), SHORTENED)
def test_names_are_shortened_wherever_they_stand(field: str, text: str, wanted: str) -> None:
    """Whatever the blanks, dots and case; a common word stays, and all other signs of the text do."""
    assert shortener(names_in(field).names)(text)[0] == wanted


@pytest.mark.parametrize(
    ("field", "text", "doubted"),
    [
        ("王建国", "建国把钱交给王院长", ("建国", "王院长")),
        ("高峰", "与高峰值班", ("高峰",)),
        ("王五", "王五收钱", ()),
    ],
)
def test_what_may_mean_one_of_them_is_told(field: str, text: str, doubted: tuple[str, ...]) -> None:
    """A given name alone, a surname with a post, a name that is a word too: left, and said so."""
    assert shortener(names_in(field).names)(text)[1] == doubted
