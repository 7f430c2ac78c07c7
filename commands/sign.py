"""`qingling sign` and `decline`: ask for a signature, give one, enter one from paper, or refuse it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.console.bilingual import command, json_option, option, pass_app, pass_as
from commands.console.context import AppContext, files_folder
from commands.console.field_options import FieldCommand, field_called, fields_given, given_fields, set_option
from commands.console.output import print_json, print_pairs, say, talk
from commands.shared.insisting import insist_option, looked_through
from commands.shared.parameters import case_number, reason_option
from commands.shared.reading import case_read
from engine.errors import BadValueError
from engine.language import Text, t
from engine.rules.naming import signature_called, step_called
from engine.rules.reading_rights import Deed
from engine.system.whole_files import make_folder
from engine.workflow.model import Workflow
from presentation.case_view import trigger_called
from presentation.signature_view import covered_pairs, standing_json

if TYPE_CHECKING:
    from engine.operations.cases.signatures import StandingSignature
    from engine.operations.ledger.acting import Acting


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureRequest:
    """What was asked for, as it was typed."""

    number: str
    ask: str | None
    signer: str | None
    step: str | None
    settings: tuple[str, ...]
    paper: Path | None
    on: str | None
    only: str | None
    as_json: bool


@command(
    "sign",
    en="Sign what is asked of you on a case. With --ask and --signer the office asks a leader to sign a step, with the "
    "values that it is to bring; nobody signs for another. A signature on paper is entered with its scanned page.",
    zh="对提请本人签字的内容签字。经办人用 --ask 和 --signer 提请领导为某一动作签字，并写明拟填内容；任何人不得代签。"
    "纸质签字须附签字页扫描件（--paper）。",
    example=Text(
        "qingling sign 0101-XS-2019-0001 --ask signed-by --signer li --step reclassify --category A2"
        ' --reason "as the file shows"\nqingling sign 0101-XS-2019-0001',
        "qingling sign 0101-XS-2019-0001 --ask 签批人 --signer 李某 --step 改类"
        " --线索类型 公职人员充当保护伞或参与 --办理理由 据实调整\n"
        "qingling sign 0101-XS-2019-0001",
    ),
    cls=FieldCommand,
)
@case_number
@option("--ask", metavar="FIELD", en="Ask for this signature, by its name or title.", zh="提请的签字（字段名或标题）。")
@option("--signer", metavar="OFFICER", en="Who is to sign it, or signed it on paper.", zh="签字人。")
@option("--step", metavar="STEP", en="The step to be signed, if several can follow.", zh="为哪一动作签字。")
@set_option
@option(
    "--paper",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Scanned page with the signature; it is kept with the case.",
    zh="纸质签字页扫描件，附于事项保存。",
)
@option("--on", metavar="DATE", en="Day on the paper (default: today).", zh="纸上的签字日期（默认今天）。")
@option("--only", metavar="FIELD", en="Give only this one of several.", zh="有多项时只签这一项。")
@insist_option
@json_option
@pass_as(SignatureRequest)
def sign(app: AppContext, asked: SignatureRequest) -> None:
    """Ask for a signature, enter one from paper, or give one."""
    from engine.operations.cases import signatures

    ledger = case_read(app, Deed.READ, asked.number)
    declared = ledger.rules_of(ledger.case(asked.number)).workflow
    given = given_fields(asked.settings)
    if asked.ask is None:
        if asked.signer or asked.paper or asked.step or asked.on or given:
            raise BadValueError(
                Text("say which signature is asked for: --ask FIELD", "请写明提请哪一项签字：--ask 字段")
            )
        only = _only(app, asked.number, asked.only, declared)
        found = signatures.give(app.acting, asked.number, only=only)
        _say(app, asked, declared, found, Text("{number}: signed", "{number}：已签字"))
        return
    if asked.signer is None or asked.only is not None:
        raise BadValueError(Text("say who is to sign: --signer OFFICER", "请写明签字人：--signer 人员"))
    values = fields_given(declared, given)
    acting = looked_through(app, declared, [values])
    _ask(app, acting, asked, declared, values)


def _only(app: AppContext, number: str, only: str | None, declared: Workflow) -> str | None:
    """Return the field of the one signature that is meant; also one under an extension or a voiding, by its title."""
    from engine.operations.cases.signatures import standing_of

    if only is None:
        return None
    for field in standing_of(app.ledger, app.ledger.case(number)):
        called = signature_called(declared, field)
        if only in {field, called.en, called.zh}:
            return field
    return field_called(declared, only).name


def _ask(
    app: AppContext, acting: "Acting", asked: SignatureRequest, declared: Workflow, values: dict[str, object]
) -> None:
    """Ask for the signature, or enter it from paper."""
    from engine.operations.cases import signatures

    assert asked.ask is not None, "asked by who calls"
    assert asked.signer is not None, "asked by who calls"
    field = field_called(declared, asked.ask).name
    step = None if asked.step is None else trigger_called(declared, asked.step)
    if asked.paper is None:
        if asked.on is not None:
            raise BadValueError(
                Text("--on is the day on a paper: --paper FILE", "--on 为纸质签字日期，须与 --paper 合用")
            )
        found = signatures.ask(acting, asked.number, field, asked.signer, step=step, values=values)
        words = Text("{number}: the signature is asked for", "{number}：已提请签字")
    else:
        from engine.working_days.loose_dates import day_meant

        on = acting.today if asked.on is None else day_meant(asked.on, today=acting.today)
        folder = files_folder(app.database)
        make_folder(folder, mode=0o700)
        page = signatures.Page(asked.paper, on)
        found = signatures.enter_paper(
            acting, asked.number, field, asked.signer, page, folder=folder, step=step, values=values
        )
        words = Text("{number}: the signature on paper is entered", "{number}：已登记纸质签字")
    _say(app, asked, declared, [found], words)


def _say(
    app: AppContext, asked: SignatureRequest, declared: Workflow, found: "list[StandingSignature]", words: Text
) -> None:
    """Print what is signed."""
    if asked.as_json:
        print_json([standing_json(asked.number, each) for each in found])
        return
    for each in found:
        officer = app.ledger.naming.officer(each.row.officer)
        say(f"{signature_called(declared, each.row.field)}  {officer}  {step_called(declared, each.asked.step)}")
        print_pairs(covered_pairs(declared, each.asked, app.ledger.naming), indent=2)
    talk(words.format(number=asked.number))


@command(
    "decline",
    en="Refuse to sign what is asked of you on a case, with the reason; who asked for it gets a message.",
    zh="对提请本人签字的内容不予签字，须写明理由；提请人会收到通知。",
    example=Text(
        'qingling decline 0101-XS-2019-0001 --reason "the report is missing"',
        "qingling decline 0101-XS-2019-0001 --reason 缺核查报告",
    ),
)
@case_number
@option("--only", metavar="FIELD", en="Decline only this one of several.", zh="有多项时只对这一项不予签字。")
@reason_option
@insist_option
@pass_app
def decline(app: AppContext, number: str, only: str | None, reason: str) -> None:
    """Decline it."""
    from engine.operations.cases import signatures

    ledger = case_read(app, Deed.READ, number)
    declared = ledger.rules_of(ledger.case(number)).workflow
    field = _only(app, number, only, declared)
    signatures.decline(looked_through(app, reason=reason), number, reason=reason, only=field)
    talk(t("{number}: declined", "{number}：已不予签字", number=number))
