"""The sandbox in which templates of messages and letters run: nothing of Python in reach, nothing without end.

Anybody may edit a template, and a slip in one must not take the machine's memory or its time. What a template makes
and how often it turns are bounded; beyond that it ends with an error that its reader turns into one sentence.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final

from jinja2 import Template, nodes, pass_eval_context
from jinja2.exceptions import SecurityError
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.language import Text

LONGEST: Final = 5_000_000
"""Characters, or entries of a list, that a template may make in one piece; a letter of a hundred pages has a tenth."""
MOST_TURNS: Final = 200_000
"""Turns of loops and calls in one use of a template; the longest digest takes some thousands."""
WIDEST: Final = 1000
"""The largest number that may say how wide, how many or how exact something becomes."""

_TAKES_A_SIZE: Final = frozenset(
    {"batch", "center", "indent", "round", "slice", "tojson", "truncate", "urlize", "wordwrap"},
)  # fmt: skip
"""Filters of which a number says how much they make."""
_METHODS_WITH_A_SIZE: Final = frozenset({"center", "expandtabs", "ljust", "rjust", "to_bytes", "zfill"})
_LARGEST: Final = 10**15
_WIDTHS: Final = re.compile(r"\d{4,}|\*|\{[^{}]*\{")
"""In a format: a width of four digits, or one that is given from outside."""

_turns: ContextVar[list[int] | None] = ContextVar("turns", default=None)
"""What is left of the turns of the template in use; None while none runs."""


class OutOfBoundsError(SecurityError):
    """A template would take more than it is given."""

    def __init__(self, sentence: Text) -> None:
        """Take what is said of it, in both languages."""
        super().__init__(sentence.en)
        self.sentence = sentence


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox with bounds on what a template makes and how often it turns."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take what Jinja2's environment takes."""
        super().__init__(*args, **options)
        self.filters = {name: _bounded(name, each) for name, each in self.filters.items()}
        self.globals.pop("lipsum", None)
        # Jinja2 declares it as a method and uses it as a function.
        setattr(self, "concat", _joined)  # noqa: B010

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate with numbers, and put texts and lists together, as far as the result stays within bounds."""
        if operator == "%" and isinstance(left, str):
            _refuse_widths(left)
        elif operator == "*" and (isinstance(left, Sized) or isinstance(right, Sized)):
            text, times = (left, right) if isinstance(left, Sized) else (right, left)
            _refuse_beyond(len(text) * int(times), LONGEST)
        elif operator == "+" and isinstance(left, Sized) and isinstance(right, Sized):
            _refuse_beyond(len(left) + len(right), LONGEST)
        elif operator in {"*", "**"}:
            _refuse_beyond(max(abs(left), abs(right)), _LARGEST)
            if operator == "**":
                _refuse_beyond(abs(right), 64)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, called: Any, *args: Any, **named: Any) -> Any:
        """Call a macro, a method or a function, each counted, and none that makes more than is allowed."""
        spend(1)
        owner, name = getattr(called, "__self__", None), getattr(called, "__name__", "")
        if name in _METHODS_WITH_A_SIZE:
            _refuse_sizes((*args, *named.values()))
        if isinstance(owner, str):
            _refuse_growth(name, owner, args)
        if called is self.globals.get("range"):
            spend(len(range(*args)))
        return super().call(context, called, *args, **named)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Return the safe form of a text's `format`, as far as the text says no width of thousands."""
        wrapped = super().wrap_str_format(value)
        if wrapped is not None:
            _refuse_widths(value.__self__)
        return wrapped

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:  # noqa: A002
        """Return a template that is used or included; each counted."""
        spend(1)
        return super().get_template(name, parent, globals)

    def counted(self, values: Iterable[Any]) -> Iterator[Any]:
        """Yield what a loop walks over, each turn counted."""
        for each in values:
            spend(1)
            yield each

    @pass_eval_context
    def put_together(self, eval_ctx: EvalContext, *parts: Any) -> str:
        """Join the operands of `~`, as far as the text stays within bounds."""
        _refuse_beyond(sum(len(str(each)) for each in parts), LONGEST)
        return (markup_join if eval_ctx.autoescape else str_join)(parts)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Return a template with its loops counted and its `~` bounded; neither has a hook of its own."""
        tree = super()._parse(source, name, filename)
        for loop in list(tree.find_all(nodes.For)):
            if not loop.recursive:  # those count by their calls
                loop.iter = _call("counted", [loop.iter])
        _rewrite_concats(tree)
        for number in tree.find_all(nodes.Const):
            if isinstance(number.value, float):  # Jinja2 writes what is infinite as a name that is none
                _refuse_beyond(number.value, _LARGEST)
        return tree


@contextmanager
def bounded_turns() -> Iterator[None]:
    """Count the turns of one use of a template; used around its rendering.

    Raises:
        OutOfBoundsError: From within, once it has taken more than `MOST_TURNS`.
    """
    token = _turns.set([MOST_TURNS])
    try:
        yield
    finally:
        _turns.reset(token)


def spend(turns: int) -> None:
    """Take turns from those that are left.

    Raises:
        OutOfBoundsError: If there are none.
    """
    left = _turns.get()
    if left is None:
        return
    left[0] -= turns
    if left[0] < 0:
        raise OutOfBoundsError(
            Text("its loops take more than {most} turns", "循环超过 {most} 次").format(most=f"{MOST_TURNS:,}")
        )


def _call(name: str, args: Sequence[nodes.Node]) -> nodes.Call:
    """Return a call of a method of the environment."""
    line = args[0].lineno
    return nodes.Call(nodes.EnvironmentAttribute(name, lineno=line), list(args), [], None, None, lineno=line)


def _rewrite_concats(node: nodes.Node) -> None:
    """Replace every `~` beneath a node by a call that is bounded."""
    for field, value in node.iter_fields():
        if isinstance(value, nodes.Concat):
            setattr(node, field, _call("put_together", value.nodes))
        elif isinstance(value, list):
            value[:] = [_call("put_together", e.nodes) if isinstance(e, nodes.Concat) else e for e in value]
    for child in node.iter_child_nodes():
        _rewrite_concats(child)


def _joined(pieces: Iterable[str]) -> str:
    """Return the pieces of a template's output as one text."""
    found, length = [], 0
    for each in pieces:
        length += len(each)
        _refuse_beyond(length, LONGEST)
        found.append(each)
    return "".join(found)


def _bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Return one of Jinja2's filters that makes no more than is allowed."""

    @wraps(filter_)
    def bounded(*args: Any, **named: Any) -> Any:
        given = args[1:] if getattr(filter_, "jinja_pass_arg", None) else args
        value = given[0] if given else None
        spend(1 + (len(value) // 100 if isinstance(value, Sized) else 0))
        if name in _TAKES_A_SIZE:
            _refuse_sizes((*given[1:], *named.values()))
        elif name in {"replace", "format"}:
            _refuse_growth(name, str(value), given[1:])
        elif name == "join" and len(given) > 1:
            _refuse_beyond(len(str(given[1])) * (len(value) if isinstance(value, Sized) else 1), LONGEST)
        return filter_(*args, **named)

    return bounded


def _refuse_growth(name: str, text: str, args: tuple[Any, ...]) -> None:
    """Refuse a method or filter that would make a text grow beyond all bounds."""
    if name == "format":  # the filter's; the method is wrapped
        _refuse_widths(text)
    elif name == "replace" and len(args) > 1:
        old, new = str(args[0]), str(args[1])
        _refuse_beyond(len(text) + text.count(old) * len(new), LONGEST)
    elif name == "join" and args and isinstance(args[0], Sized):
        _refuse_beyond(len(text) * len(args[0]), LONGEST)


def _refuse_widths(text: str) -> None:
    """Refuse a format that says a width of thousands."""
    if _WIDTHS.search(text):
        raise OutOfBoundsError(Text("a format is at most {most} wide", "格式宽度最多为 {most}").format(most=WIDEST - 1))


def _refuse_sizes(args: Iterable[Any]) -> None:
    """Refuse a number that says how much is made, or a text that is put between lines, if it is too large."""
    for each in args:
        if isinstance(each, (int, float)):
            _refuse_beyond(abs(each), WIDEST)
        elif isinstance(each, str):
            _refuse_beyond(len(each), WIDEST)


def _refuse_beyond(amount: float, most: int) -> None:
    """Refuse what is larger than the most that is allowed."""
    if amount > most:
        raise OutOfBoundsError(
            Text("it makes something larger than {most}", "生成的内容超过 {most}").format(most=f"{most:,}")
        )
