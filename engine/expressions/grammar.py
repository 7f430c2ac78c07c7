"""What may be written in an expression, and what is wrong with one; runs nothing.

Only what stands in the tables here can be written at all, whatever Jinja2 itself would allow.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.parser import Parser

from engine.language import Text
from engine.workflow.computed import OF_CHILDREN
from engine.workflow.problems import did_you_mean

LONGEST: Final = 2_000
"""Characters of one expression; a rule longer than that is not one that people can read."""
DEEPEST: Final = 60
"""How far parts may stand within parts."""

_NODES: Final = (
    nodes.Const, nodes.Name, nodes.List, nodes.Tuple, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.Filter, nodes.Test, nodes.Call, nodes.Getattr,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos,
)  # fmt: skip
"""What an expression may be made of; no power, index, slice, joining of texts or dictionary."""

DATE_PARTS: Final = frozenset({"year", "month", "day", "days"})
"""What may stand after the dot besides the fields of a case."""

TESTS: Final = (
    "none", "true", "false", "in", "eq", "equalto", "ne", "lt", "le", "gt", "ge", "odd", "even",
)  # fmt: skip
"""Jinja2's tests that may be used."""

FILTERS: Final = ("length", "count", "lower", "upper", "trim", "first", "last", "min", "max", "sum", "abs")
"""Jinja2's filters that may be used as they are."""

LISTING: Final = ("select", "reject", "selectattr", "rejectattr")
"""Jinja2's filters that may be used, made to give a list: what they give by themselves is always true."""

STATES_OF: Final = ("all_in", "any_in")
"""Our filters over children that name states."""

_TERM: Final = re.compile(r"[1-9]\d{0,3} (?:(?:working_)?days?|months?)")
"""What may stand in `after('…')`."""


EQUAL: Final = frozenset({"eq", "ne", "in", "notin"})
"""Jinja2's comparisons with certain values."""

ORDERED: Final = frozenset({"lt", "lteq", "gt", "gteq"})
"""Jinja2's comparisons by order."""


def parse(source: str) -> nodes.Expr | Text:
    """Return *source* as a tree, or the sentence that says why it is none."""
    if len(source) > LONGEST:
        return Text("is longer than {n} characters", "超过 {n} 个字符").format(n=LONGEST)
    if not source.strip():
        return Text("is empty", "为空")
    parser = None
    try:
        parser = Parser(_GRAMMAR, source, state="variable")
        tree = parser.parse_expression()
        if parser.stream.eos:
            deep = _depth(tree)
            return tree if deep <= DEEPEST else _TOO_DEEP
    except TemplateSyntaxError:
        pass
    except RecursionError:
        return _TOO_DEEP
    return _syntax_fault(parser)


def _syntax_fault(parser: Parser | None) -> Text:
    """Return the sentence about the token at which *parser* gave up."""
    token = parser.stream.current if parser else None
    if token is None or token.type == "initial":
        return Text("cannot be understood", "无法读懂")
    if token.type == "eof":
        return Text("ends too early", "不完整")
    if token.type == "assign":
        return Text("write == to compare", "比较请写 ==")
    return Text("cannot be understood near '{token}'", "在“{token}”附近无法读懂").format(token=token.value)


def _depth(tree: nodes.Node) -> int:
    """Return how far parts stand within parts."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())
    return deepest


_TOO_DEEP: Final = Text("has too many parts within parts", "嵌套层数过多")


def parts(tree: nodes.Node, kind: type[Any] | tuple[type[Any], ...]) -> Iterable[Any]:
    """Return the parts of *tree* of one kind, itself included."""
    if isinstance(tree, kind):
        yield tree
    yield from tree.find_all(kind)


def faults(
    source: str, names: Collection[str], functions: Collection[str], parent: Collection[str] | None
) -> tuple[Text, ...]:
    """Return everything that is wrong with *source*; see `engine.expressions.check`."""
    tree = parse(source)
    if isinstance(tree, Text):
        return (tree,)
    return (*forbidden(tree), *_unknown(tree, names, functions, parent))


@lru_cache(maxsize=1024)  # of a workflow's few expressions it is asked for every step
def looked_up(source: str) -> frozenset[str]:
    """Return the names that *source* looks up without calling them."""
    tree = parse(source)
    if isinstance(tree, Text):
        return frozenset()
    heads = {id(call.node) for call in parts(tree, nodes.Call)}
    return frozenset(name.name for name in parts(tree, nodes.Name) if id(name) not in heads)


@lru_cache(maxsize=1024)
def called(source: str) -> tuple[tuple[str, tuple[object, ...], str | None], ...]:
    """Return function or filter, literal arguments, and the workflow whose children a filter is over."""
    tree = parse(source)
    if isinstance(tree, Text):
        return ()
    found: list[tuple[str, tuple[object, ...], str | None]] = []
    for part in parts(tree, (nodes.Call, nodes.Filter)):
        arguments = tuple(each.value for each in part.args if isinstance(each, nodes.Const))
        if isinstance(part, nodes.Filter):
            found.append((part.name, arguments, _children_of(part)))
        elif isinstance(part.node, nodes.Name):
            found.append((part.node.name, arguments, None))
    return tuple(found)


def compared(source: str, operators: Collection[str] = EQUAL) -> tuple[tuple[str, object], ...]:
    """Return each name or `parent.name` that is compared with a literal by one of *operators*, and the literal."""
    tree = parse(source)
    if isinstance(tree, Text):
        return ()
    found: list[tuple[str, object]] = []
    for comparison in parts(tree, nodes.Compare):
        left = comparison.expr
        for operand in comparison.ops:
            right = operand.expr
            for one, other in ((left, right), (right, left)):
                name = _dotted(one)
                if name and operand.op in operators:
                    found.extend((name, value) for value in _literals(other))
            left = right
    return tuple(found)


def _children_of(part: nodes.Filter) -> str | None:
    """Return the workflow named in the `children('...')` that the chain of filters begins with."""
    inner: nodes.Node | None = part
    while isinstance(inner, nodes.Filter):
        inner = inner.node
    match inner:
        case nodes.Call(node=nodes.Name(name="children"), args=[nodes.Const(value=str(name))]):
            return name
    return None


def _dotted(node: nodes.Node) -> str | None:
    """Return `name` or `parent.name` if *node* is one of the two."""
    match node:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(node=nodes.Name(name="parent"), attr=name):
            return f"parent.{name}"
    return None


def _literals(node: nodes.Node) -> Iterable[object]:
    """Return the literal that *node* is, or those in the list that it is."""
    items = node.items if isinstance(node, (nodes.List, nodes.Tuple)) else [node]
    return [part.value for part in items if isinstance(part, nodes.Const)]


def forbidden(tree: nodes.Expr) -> Iterable[Text]:
    """Find what no expression may contain, whatever it names."""
    for part in parts(tree, nodes.Node):
        if not isinstance(part, _NODES):
            yield Text("{kind} cannot be used here", "此处不能使用 {kind}").format(
                kind=_SIGNS.get(type(part), type(part).__name__.lower())
            )
        elif type(part) in _RULES:
            yield from _RULES[type(part)](part)


_SIGNS: Final[Mapping[type, str]] = {
    nodes.Pow: "**",
    nodes.Concat: "~",
    nodes.Getitem: "[...]",
    nodes.Dict: "{...}",
}
"""How what is forbidden is written."""


def _forbidden_name(part: nodes.Name) -> Iterable[Text]:
    """Find Jinja2's own door to the template."""
    if part.name == "self":
        yield Text("nothing is called 'self'", "没有名为“self”的字段")


def _forbidden_product(part: nodes.Mul | nodes.Mod) -> Iterable[Text]:
    """Find texts that are multiplied or filled in."""
    if any(isinstance(_value(side), str) for side in (part.left, part.right)):
        yield Text("only numbers can be multiplied and divided", "只有数字可以相乘、相除")


def _forbidden_choice(part: nodes.CondExpr) -> Iterable[Text]:
    """Find an `if` that would say nothing at all."""
    if part.expr2 is None:
        yield Text("an if needs an else", "if 须有 else")


def _forbidden_dot(part: nodes.Getattr) -> Iterable[Text]:
    """Find a dot after what has no fields: only the parent, children and dates have any."""
    if part.attr.startswith("_"):
        yield _PRIVATE
    elif not (_dotted(part) or part.attr in DATE_PARTS or isinstance(part.node, (nodes.Filter, nodes.Call))):
        yield Text("nothing here has a field '{name}'", "此处没有字段“{name}”").format(name=part.attr)


_PRIVATE: Final = Text("nothing that begins with _ can be used", "不能使用以 _ 开头的名称")


def _forbidden_call(call: nodes.Call) -> Iterable[Text]:
    """Find a call of anything but a function, or with anything but one text."""
    if not isinstance(call.node, nodes.Name):
        yield Text("only functions can be called", "只能调用函数")
    elif call.kwargs or not _texts(call.args) or len(call.args) != 1 or call.dyn_args or call.dyn_kwargs:
        yield Text("write {name}('...') with one name in quotes", "请写成 {name}('…')，引号内一个名称").format(
            name=call.node.name
        )


def _forbidden_filter(part: nodes.Filter) -> Iterable[Text]:
    """Find an unknown filter, or one with the wrong arguments."""
    known = (*FILTERS, *LISTING, *STATES_OF, *OF_CHILDREN, "among", "day", "after")
    if part.name not in known:
        yield Text("there is no filter '{name}'{guess}", "没有名为“{name}”的过滤器{guess}").format(
            name=part.name, guess=did_you_mean(part.name, known)
        )
    elif part.node is None or part.kwargs or part.dyn_args or part.dyn_kwargs:
        yield Text("'{name}' is not written like this", "“{name}”的写法不对").format(name=part.name)
    elif part.name in STATES_OF and not (part.args and _texts(part.args)):
        yield Text("write {name}('...') with states in quotes", "请写成 {name}('…')，引号内为状态").format(
            name=part.name
        )
    elif part.name in OF_CHILDREN or part.name == "after":
        yield from _forbidden_sum(part)
    elif part.name == "day" and not (not part.args and _is_day(part.node)):
        yield Text("write '2019-06-30'|day", "请写成 '2019-06-30'|day")
    elif part.name == "among" and not (len(part.args) == 2 and _texts(part.args[:1])):
        yield Text("write among('field', value)", "请写成 among('字段', 值)")
    elif part.name in LISTING:
        tested = part.args[1:2] if part.name.endswith("attr") else part.args[:1]
        if not part.args or not _texts((part.args[0], *tested)):
            yield Text("'{name}' is not written like this", "“{name}”的写法不对").format(name=part.name)
        else:
            yield from (fault for test in tested for fault in _forbidden_test(_value(test), part))
            if any(name.startswith("_") for name in str(_value(part.args[0])).split(".")):
                yield _PRIVATE


def _forbidden_sum(part: nodes.Filter) -> Iterable[Text]:
    """Find one of our filters that take a field or a term, without it."""
    if part.name != "after":
        if not (len(part.args) == 1 and _texts(part.args)):
            yield Text("write {name}('field')", "请写成 {name}('字段')").format(name=part.name)
    elif not (len(part.args) == 1 and _TERM.fullmatch(str(_value(part.args[0])))):
        yield Text(
            "write after('15 working_days'), in days, working_days or months",
            "请写成 after('15 working_days')，单位为 days、working_days 或 months",
        )


def _forbidden_is(part: nodes.Test) -> Iterable[Text]:
    """Find an unknown test after `is`."""
    yield from _forbidden_test(part.name, part)


def _forbidden_test(name: object, part: nodes.Test | nodes.Filter) -> Iterable[Text]:
    """Find an unknown test, or one with named arguments."""
    if name not in TESTS:
        yield Text("there is no test '{name}'{guess}", "没有名为“{name}”的检验{guess}").format(
            name=name, guess=did_you_mean(str(name), TESTS)
        )
    elif part.kwargs or part.dyn_args or part.dyn_kwargs:
        yield Text("'{name}' is not written like this", "“{name}”的写法不对").format(name=name)


def _is_day(node: nodes.Node) -> bool:
    """Say whether *node* is a local date in quotes."""
    try:
        date.fromisoformat(str(_value(node)))
    except ValueError:
        return False
    return True


def _texts(arguments: Iterable[nodes.Node]) -> bool:
    """Say whether all *arguments* are texts in quotes."""
    return all(isinstance(_value(each), str) for each in arguments)


def _value(node: nodes.Node) -> object:
    """Return the literal that *node* is, else None."""
    return node.value if isinstance(node, nodes.Const) else None


def _unknown(
    tree: nodes.Expr, names: Collection[str], functions: Collection[str], parent: Collection[str] | None
) -> Iterable[Text]:
    """Find names and functions that are not there."""
    heads = {id(call.node) for call in parts(tree, nodes.Call)}
    values = {id(side.expr) for compared in parts(tree, nodes.Compare) for side in compared.ops}
    for name in parts(tree, nodes.Name):
        if id(name) in heads:
            if name.name not in functions:
                yield Text("there is no function '{name}'{guess}", "没有名为“{name}”的函数{guess}").format(
                    name=name.name, guess=did_you_mean(name.name, functions)
                )
        elif name.name in functions:
            yield Text("'{name}' is a function: write {name}('...')", "“{name}”是函数，请写成 {name}('…')").format(
                name=name.name
            )
        elif name.name not in names and name.name != "self":
            said = Text("nothing is called '{name}'{guess}", "没有名为“{name}”的字段{guess}")
            if id(name) in values and not name.name.isascii():
                said = Text(
                    "nothing is called '{name}'{guess}; a value stands in quotes: '{name}'",
                    "没有名为“{name}”的字段{guess}；如是取值，请加引号：'{name}'",
                )
            yield said.format(name=name.name, guess=did_you_mean(name.name, names))
    for dot in parts(tree, nodes.Getattr):
        if _dotted(dot) and parent is not None and dot.attr not in parent:
            yield Text("the parent has no field '{name}'{guess}", "上级事项没有字段“{name}”{guess}").format(
                name=dot.attr, guess=did_you_mean(dot.attr, parent)
            )


_RULES: Final[Mapping[type, Callable[[Any], Iterable[Text]]]] = {
    nodes.Name: _forbidden_name,
    nodes.Mul: _forbidden_product,
    nodes.Mod: _forbidden_product,
    nodes.CondExpr: _forbidden_choice,
    nodes.Getattr: _forbidden_dot,
    nodes.Call: _forbidden_call,
    nodes.Filter: _forbidden_filter,
    nodes.Test: _forbidden_is,
}
"""What else is looked at in a part that may stand in an expression."""

_GRAMMAR: Final = Environment(autoescape=False)  # noqa: S701 - only its grammar is used; nothing is rendered
