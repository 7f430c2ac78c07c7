"""Click's own sentences in the language in use; nothing here is said by us.

Click looks its sentences up with gettext, which reads files chosen by the environment, once per
sentence. The front door speaks the language that was asked for, so Click is given this lookup.
"""

import sys
from typing import Final

from engine.language import language

CLICK_MODULES: Final = (
    "click.core",
    "click.decorators",
    "click.exceptions",
    "click.formatting",
    "click.parser",
    "click.termui",
    "click.types",
)

CHINESE: Final = {
    "Usage:": "用法：",
    "Error: {message}": "错误：{message}",
    "Missing argument": "缺少参数",
    "Missing option": "缺少选项",
    "Missing parameter": "缺少参数",
    "Missing {param_type}": "缺少 {param_type}",
    "Missing parameter: {param_name}": "缺少参数：{param_name}",
    "Missing command.": "没有写命令。",
    "No such option {name!r}.": "没有选项 {name!r}。",
    "No such command {name!r}.": "没有命令 {name!r}。",
    "Did you mean {possibility}?": "是不是想写 {possibility}？",
    "(Did you mean one of: {possibilities}?)": "是不是想写其中之一：{possibilities}？",
    "Invalid value: {message}": "值不对：{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 的值不对：{message}",
    "Got unexpected extra argument ({args})": "多出了参数（{args}）",
    "Got unexpected extra arguments ({args})": "多出了参数（{args}）",
    "Option {name!r} does not take a value.": "选项 {name!r} 不带值。",
    "Option {name!r} requires an argument.": "选项 {name!r} 后面要有值。",
    "Option {name!r} requires {nargs} arguments.": "选项 {name!r} 后面要有 {nargs} 个值。",
    "Argument {name!r} takes {nargs} values.": "参数 {name!r} 要有 {nargs} 个值。",
    "Choose from:\n\t{choices}": "可选：{choices}",
    "{value!r} is not {choice}.": "{value!r} 不是 {choice}。",
    "{value!r} is not one of {choices}.": "{value!r} 不在可选之列：{choices}。",
    "{value!r} is not a valid {number_type}.": "{value!r} 不是数。",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 之内。",
    "{value!r} is not a valid boolean. Recognized values: {states}": "{value!r} 不是是或否；可写 {states}",
    "{name} {filename!r} does not exist.": "{name} {filename!r} 不存在。",
    "{name} {filename!r} is a file.": "{name} {filename!r} 是文件。",
    "{name} {filename!r} is a directory.": "{name} {filename!r} 是文件夹。",
    "{name} {filename!r} is not readable.": "{name} {filename!r} 不可读。",
    "{name} {filename!r} is not writable.": "{name} {filename!r} 不可写。",
    "file": "文件",
    "directory": "文件夹",
    "path": "路径",
    "(dynamic)": "（自动）",
    "default: {default}": "默认：{default}",
    "required": "必填",
    "Repeat for confirmation": "再输入一次",
    "Error: The two entered values do not match.": "两次输入的不一样。",
    "Error: invalid input": "请输入 y 或 n。",
}
"""What Click says, and how it is said in Chinese; a test keeps the keys to what Click really says."""


def translate_click() -> None:
    """Let Click say its sentences in the language in use from now on."""
    for name in CLICK_MODULES:
        module = vars(sys.modules[name])
        if "_" in module:
            module["_"] = _said
        if "ngettext" in module:
            module["ngettext"] = _counted


def _said(sentence: str) -> str:
    """Return *sentence* in the language in use; in English if there is no Chinese for it."""
    return CHINESE.get(sentence, sentence) if language() == "zh" else sentence


def _counted(one: str, many: str, count: int) -> str:
    """Return the sentence for *count* in the language in use."""
    return _said(one if count == 1 else many)
