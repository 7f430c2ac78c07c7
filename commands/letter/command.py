"""`qingling letter`: the papers that the house sends, with their numbers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from commands.console.bilingual import CommandGroup, argument, json_option, option, pass_app, verb
from commands.console.chinese_words import command_typed
from commands.console.completion import completing
from commands.console.context import AppContext
from commands.console.field_options import FieldCommand, given_fields, set_option
from commands.console.names import CASE
from commands.console.output import print_json, print_pairs, print_table, say, talk
from commands.letter.printing import LetterOptions, output_place, print_again, print_new
from commands.letter.wording import paper_json, paper_line, print_awaited, texts_given
from commands.shared.insisting import insist_option
from commands.shared.parameters import case_number
from commands.shared.reading import case_read
from engine.errors import BadValueError
from engine.language import Text, language, t
from engine.rules.reading_rights import Deed
from engine.system.whole_files import written

if TYPE_CHECKING:
    from presentation.letter_book import LetterBook

SETTINGS: Final = ("code", "sender", "contact", "telephone", "superior")
"""What is asked for as an option, and kept as a setting `letter_…`."""


class LetterGroup(CommandGroup):
    """A noun whose first word may be a kind of letter instead of a verb."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb that was typed; anything else is the kind of a letter to issue."""
        if command_typed(args[0]) in self.commands:
            return super().resolve_command(ctx, args)
        return "issue", self.commands["issue"], args


def _workflow_shown(app: AppContext, name: str) -> str:
    """Return what a workflow is called in the language in use; in English by its name."""
    return t(name, app.declarations.latest(name).title.zh)


def _book(app: AppContext) -> "LetterBook":
    """Return the letters by which the ledger works."""
    from presentation.letter_book import LetterBook

    return LetterBook(app.adopted)


def _kinds(app: AppContext, _ctx: click.Context, _incomplete: str) -> list[str]:
    """Return the kinds of letters."""
    return list(_book(app).kinds)


@click.group(
    "letter",
    cls=LetterGroup,
    words=Text(
        "Issue letters with their numbers, list and explain them. `qingling letter KIND NUMBER -o FILE.docx` issues "
        "one; the kinds stand in `qingling letter list`.",
        "编发移送函、催办单等文书，列出、说明各种文书。`qingling letter 种类 编号 -o 文件.docx` 编发一份；"
        "种类见 `qingling letter list`。",
    ),
    example="qingling letter list",
)
def letter() -> None:
    """Letters."""


@verb(
    letter,
    "issue",
    en="Issue a letter: give it the next number of its series, write it, keep it with the case. What is missing is "
    "named all at once, before anything is written. Values are given as --VALUE WORDS, from a file as --VALUE "
    "@FILE; which ones a letter shows: qingling letter explain KIND.",
    zh="编发文书：取下一文号，写出文件，并随事项留存。缺少的内容在写入之前一次说明。内容写作 --名称 文字，"
    "或 --名称 @文件；文书有哪些内容，见 qingling letter explain 种类。",
    example=Text(
        "qingling letter issue pass_on 0101-XS-2019-0001 -o 转办单.docx --code 示卫 --contact 王某 \\\n"
        "    --telephone 000-0000 --handling-office 医政股",
        "qingling letter issue 转办单 0101-XS-2019-0001 -o 转办单.docx --code 示卫 --联系人 王某 \\\n"
        "    --联系电话 000-0000 --承办单位 医政股",
    ),
    cls=FieldCommand,
)
@argument(
    "kind", shell_complete=completing(_kinds), en="Kind of letter, by name or title.", zh="文书种类：名称或标题。"
)
@case_number
@option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), en="The .docx to write.", zh="写出的 .docx。"
)
@option("--pdf", is_flag=True, en="Write a PDF beside it, by LibreOffice.", zh="另用 LibreOffice 生成 PDF。")
@option(
    "--preview", is_flag=True, en="Write it without a number; journal nothing.", zh="只看样稿：不取文号，不记日志。"
)
@option(
    "--reissue",
    is_flag=True,
    en="Print the same letter again, with the number it has.",
    zh="重新打印已编发的同一文书，文号不变。",
)
@option(
    "--letter-number",
    metavar="NUMBER",
    en="With --reissue: which one (default: the newest).",
    zh="配合 --reissue：文号（默认最近一份）。",
)
@option("--another", is_flag=True, en="Issue one more, with a new number.", zh="另发一份，取新文号。")
@option(
    "--reason",
    "why",
    metavar="WORDS",
    default="",
    en="Why it is printed (also the letter's own reason).",
    zh="编发或重新打印的理由（文书中有理由一栏的，同时填入）。",
)
@option("--deadline", metavar="NAME", en="The deadline that it is about.", zh="所涉期限。")
@option(
    "--code",
    metavar="CODE",
    en="The house's code in this number (default: letter settings).",
    zh="本文号的机关代字（默认见 qingling letter settings）。",
)
@option("--overwrite", is_flag=True, en="Write over a file that is there.", zh="允许覆盖已有文件。")
@option(
    "--person",
    "names",
    metavar="NAME",
    multiple=True,
    en="One more name of one reported, to be shortened (repeatable).",
    zh="另有的被举报人姓名，予以缩写（可多次）。",
)
@option(
    "--no-person",
    "no_names",
    metavar="WORDS",
    multiple=True,
    en="These words are no name, or may stand (repeatable).",
    zh="这些文字不是姓名或可以保留（可多次）。",
)
@set_option
@insist_option
@json_option
@pass_app
def issue(app: AppContext, kind: str, number: str, **options: Any) -> None:
    """Issue the letter."""
    asked = LetterOptions(**options)
    wanted = _book(app).called(kind, letter.commands)
    place = output_place(asked.output, overwrite=asked.overwrite, pdf=asked.pdf)
    if asked.reissue and (asked.preview or asked.another):
        raise BadValueError(
            Text("--reissue goes without --preview and --another", "--reissue 不能与 --preview、--another 同用")
        )
    case = case_read(app, Deed.PRINT, number, letter=kind, preview=asked.preview).case(number)
    if asked.reissue:
        print_again(app, wanted, case, place, asked)
        return
    given = texts_given(wanted, app.ledger.rules_of(case).workflow, given_fields(asked.settings))
    if asked.why and "reason" in wanted.values:
        given.setdefault("reason", asked.why)
    print_new(app, wanted, case, place, given, asked)


def _by(app: AppContext, names: Sequence[str]) -> Text:
    """Return who may issue a letter: roles, or fields of the case such as its handler."""
    titles = {
        field.name: field.title.zh
        for each in app.declarations.names()
        for field in app.declarations.latest(each).fields.values()
    }
    named = app.ledger.naming
    said = [(each, named.role(each).zh) for each in names]
    return Text(", ".join(names), "、".join(titles.get(name, zh) if zh == name else zh for name, zh in said))


@verb(
    letter,
    "list",
    en="List the kinds of letters; for a case, which can be issued, which a reminder asks for, and which were.",
    zh="列出文书种类；写明事项时，列出可编发的、提醒要求编发的和已编发的。",
    example="qingling letter list\nqingling letter list 0101-XS-2019-0001",
)
@argument("number", type=CASE, required=False, en="Number of a case.", zh="事项编号。")
@json_option
@pass_app
def list_(app: AppContext, number: str | None, as_json: bool) -> None:
    """List the letters."""
    from documents.letters.kinds import ANY
    from engine.operations.letters.issue import awaited, issued

    case = case_read(app, Deed.READ, number, letters=True).case(number) if number else None
    fitting = [each for each in _book(app).kinds.values() if case is None or each.fits_case(case.workflow, case.fields)]
    done = issued(app.ledger, case) if case else ()
    asked = awaited(app.ledger, case) if case else ()
    if as_json:
        shown: dict[str, object] = {
            "kinds": [
                {"kind": e.name, "title": {"en": e.title.en, "zh": e.title.zh}, "workflows": list(e.workflows)}
                for e in fitting
            ]
        }
        if case:
            shown["issued"] = [paper_json(app.ledger, each) for each in done]
            shown["awaited"] = [{"kind": sent.paper, "reminder": row.seq} for row, sent in asked]
        print_json(shown)
        return
    rows = [
        (
            e.name,
            str(e.title),
            t(", ", "、").join(t("any", "任何") if w == ANY else _workflow_shown(app, w) for w in e.workflows),
            str(_by(app, e.by)),
        )
        for e in fitting
    ]
    heads = (t("kind", "种类"), t("title", "标题"), t("workflow", "流程"), t("by", "编发人"))
    first = language() == "zh"  # a kind is typed by its title there
    print_table(heads[first:], [each[first:] for each in rows])
    if case:
        print_awaited(app.ledger, case, asked)
        for each in done:
            say(paper_line(app.ledger, each))


@verb(
    letter,
    "explain",
    en="Explain a kind of letter: its placeholders, where each value comes from, and the template in use, which is "
    "proved.",
    zh="说明一种文书：占位符、各项内容从何而来、所用模板（并检查模板）。",
    example=Text("qingling letter explain transfer", "qingling letter explain 移送函"),
)
@argument(
    "kind", shell_complete=completing(_kinds), en="Kind of letter, by name or title.", zh="文书种类：名称或标题。"
)
@json_option
@pass_app
def explain(app: AppContext, kind: str, as_json: bool) -> None:
    """Explain the letter."""
    from documents.letters.fill import explained, prove

    book = _book(app)
    wanted = book.called(kind)
    template = book.template(wanted)
    shown = prove(template, wanted)
    placeholders = explained(wanted)
    if as_json:
        print_json(
            {
                "kind": wanted.name,
                "template": str(template),
                "signed": wanted.signed,
                "placeholders": {
                    name: {
                        "title": {"en": title.en, "zh": title.zh},
                        "written": written,
                        "shown": name in shown,
                        "from": list(wanted.values[name].places) if name in wanted.values else [],
                    }
                    for name, (title, written) in placeholders.items()
                },
            }
        )
        return
    print_pairs(
        [
            (t("template", "模板"), str(template)),
            (t("number", "文号"), f"…{wanted.series}〔…〕…"),
            (
                t("date of the letter", "成文日期"),
                t(
                    "that of the signature: --dated-on DAY, else left to be written by hand",
                    "负责人签发之日：--dated-on 日期，未写明则留空待手写",
                )
                if wanted.signed
                else t("that of its issue", "编发之日"),
            ),
            (t("basis", "依据"), wanted.basis),
        ]
    )
    say()
    print_table(
        (t("placeholder", "占位符"), t("title", "标题"), t("from", "来源"), t("needed", "必填")),
        [
            (
                written,
                str(title),
                " ".join(wanted.values[name].places) if name in wanted.values else "",
                t("yes", "是") if name in wanted.values and wanted.values[name].needed else "",
            )
            for name, (title, written) in placeholders.items()
        ],
    )


@verb(
    letter,
    "template",
    en="Write the template of a kind of letter into a file, to be edited in Word or WPS; into a .yaml, what is "
    "declared of the kind. Adopt it under the name of the kind or its title, to make letters from it: qingling "
    "adopt FILE.",
    zh="把文书模板另存为文件，以便用 Word 或 WPS 修改；写 .yaml 文件则另存该种文书的声明。"
    "改好后以文书名称为文件名，经 qingling adopt 采用后启用。",
    example=Text(
        "qingling letter template transfer -o transfer.docx", "qingling letter template 移送函 -o 移送函.docx"
    ),
)
@argument(
    "kind", shell_complete=completing(_kinds), en="Kind of letter, by name or title.", zh="文书种类：名称或标题。"
)
@option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), en="The file to write.", zh="写出的文件。")
@option("--overwrite", is_flag=True, en="Write over a file that is there.", zh="允许覆盖已有文件。")
@pass_app
def template(app: AppContext, kind: str, output: Path | None, overwrite: bool) -> None:
    """Write the template, or what is declared of the kind."""
    book = _book(app)
    wanted = book.called(kind)
    suffix = ".yaml" if output is not None and output.suffix.lower() == ".yaml" else ".docx"
    place = output_place(output, overwrite=overwrite, pdf=False, suffix=suffix)
    with written(place) as file:
        if suffix == ".yaml":
            from yaml import safe_dump

            file.write_text(safe_dump(book.declared(wanted), allow_unicode=True, sort_keys=False, width=120), "utf-8")
        else:
            file.write_bytes(book.template(wanted).content)
    talk(t("written: {file}", "已写出：{file}", file=place))


@verb(
    letter,
    "settings",
    en="Show or set what every letter carries: code in its number, sender, whom to ask, superior.",
    zh="查看或设置文书抬头：机关代字、发文机关、联系人、联系电话、上级机关。",
    example="qingling letter settings --code 示卫 --contact 王某 --telephone 000-0000",
)
@option(
    "--code",
    metavar="CODE",
    en="The house's code, which begins every document number.",
    zh="机关代字，如 示卫移〔2019〕1号 中的“示卫”。",
)
@option(
    "--sender",
    metavar="NAME",
    en="Who sends it (default: the name given at init).",
    zh="发文机关（默认为 init 时的单位名称）。",
)
@option("--contact", metavar="NAME", en="Whom to ask.", zh="联系人。")
@option("--telephone", metavar="TELEPHONE", en="Telephone.", zh="联系电话。")
@option("--superior", metavar="NAME", en="Whom forms and reports are addressed to.", zh="审批表和报告的主送上级机关。")
@json_option
@pass_app
def settings(app: AppContext, as_json: bool, **given: str | None) -> None:
    """Show or set the letterhead."""
    from engine.operations.letters.issue import change_letterhead

    values = {f"letter_{name}": value for name, value in given.items() if value is not None}
    if values:
        change_letterhead(app.acting, values)
    kept = {name: str(app.ledger.settings.get(f"letter_{name}") or "") for name in SETTINGS}
    kept["sender"] = kept["sender"] or str(app.ledger.settings.get("name") or "")
    if as_json:
        print_json(kept)
        return
    titles = (
        t("code", "机关代字"),
        t("sender", "发文机关"),
        t("contact", "联系人"),
        t("telephone", "联系电话"),
        t("superior", "上级机关"),
    )
    print_pairs(
        [(title, kept[name] or t("(not set)", "（未设置）")) for title, name in zip(titles, SETTINGS, strict=True)]
    )
