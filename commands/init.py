"""`qingling init`: set up a new house."""

from dataclasses import dataclass
from pathlib import Path

from commands.console.bilingual import command, option, pass_app
from commands.console.context import DEFAULT_DATABASE, ZONE, AppContext, declarations_of
from commands.console.environment import DATABASE
from commands.console.output import can_ask, talk
from commands.console.prompts import ask_until_good, ask_words, ask_yes
from commands.shared.custody import key_options, key_path, new_key
from engine.errors import BadValueError, RefusedError
from engine.language import Text, t
from engine.workflow.proofs import Proof


@dataclass(frozen=True, kw_only=True, slots=True)
class _Answers:
    """What is asked of a new house at the beginning."""

    name: str
    unit: tuple[str, str]
    officer: tuple[str, str]


@command(
    "init",
    en="Set up a new house: database, unit, officer, key. At a terminal, what is missing is asked for. The "
    "officer gets every role and can give them on; the custodian's passphrase opens what is sealed, and cannot "
    "be recovered.",
    zh="新建：数据库、单位、人员、密钥。在终端上会逐项询问。首个人员具有全部角色，可再授予他人；"
    "保管人口令用于启封，遗失无法找回。",
    example=Text(
        "qingling init\n"
        "qingling init --not-classified --name 'County Health Bureau' --unit 0101 --unit-name 'County Hospital' \\\n"
        "    --officer wang --officer-name Wang --passphrase-file passphrase.txt",
        "qingling init\n"
        "qingling init --not-classified --name 某县卫生健康局 --unit 0101 --unit-name 县人民医院 \\\n"
        "    --officer wang --officer-name 王某 --passphrase-file passphrase.txt",
    ),
)
@option("--name", metavar="NAME", en="Name of the authority that keeps this ledger.", zh="台账单位名称。")
@option("--unit", metavar="CODE", en="Code of the first unit.", zh="首个单位的代码。")
@option("--unit-name", metavar="NAME", en="Name of the first unit.", zh="首个单位的名称。")
@option(
    "--officer",
    metavar="CODE",
    en="Code of the first officer, who keeps the ledger.",
    zh="首个人员（台账管理人员）的代码。",
)
@option("--officer-name", metavar="NAME", en="Name of the first officer.", zh="首个人员的姓名。")
@option(
    "--not-classified",
    is_flag=True,
    en="Say that the leads are no state secrets. Those must not be kept with this program.",
    zh="声明线索不属于国家秘密。涉密线索不得用本程序保管。",
)
@option(
    "--rehearsal",
    is_flag=True,
    en="For demonstrations, trials and tests: marked on every page and paper, takes a clock set by hand (--now), and "
    "never becomes a real ledger.",
    zh="演练台账，供演示、试用和测试：每页每份文书均有标记，可手工设定时间（--now），且不得转为正式台账。",
)
@key_options
@pass_app
def init(
    app: AppContext,
    name: str | None,
    unit: str | None,
    unit_name: str | None,
    officer: str | None,
    officer_name: str | None,
    not_classified: bool,
    rehearsal: bool,
    key_file: str | None,
    passphrase_file: str | None,
) -> None:
    """Set up the house; a file that was made for it goes again if that fails."""
    from engine.operations.ledger.location import shown

    _refuse_classified(stated=not_classified)
    answers = answers_given(name, unit, unit_name, officer, officer_name)
    for code in (answers.unit[0], answers.officer[0]):
        _refuse_bad_code(code)
    kept = key_path(key_file, app.database)
    _make(app, answers, kept, passphrase_file, rehearsal=rehearsal)
    _tell(app, answers, shown(app.database), kept)
    if rehearsal:
        talk(
            t(
                "a rehearsal ledger: marked on every page and paper, and it never becomes a real one",
                "这是演练台账：每页每份文书均有标记，不得转为正式台账",
            )
        )


def _make(app: AppContext, answers: _Answers, kept: Path, passphrase_file: str | None, *, rehearsal: bool) -> None:
    """Make the tables, the key and the house."""
    from commands.shared.rule_files import texts_to_begin_with
    from engine.operations.house.registration import set_up
    from engine.operations.ledger.access import new_ledger

    texts = texts_to_begin_with(app.database)
    with (
        new_ledger(app.database, declarations_of(app.database), real_now=app.real_now) as ledger,
        new_key(kept, passphrase_file, known=(answers.name, *answers.unit, *answers.officer)) as public,
    ):
        set_up(
            ledger,
            name=answers.name,
            unit=answers.unit,
            officer=answers.officer,
            zone=ZONE,
            custodian=public,
            now=app.now if app.clock_set_by_hand else ledger.opened_at or app.now,
            rehearsal=rehearsal,
            proof=Proof.ASSERTED if rehearsal else Proof.OS_ACCOUNT,
            adopts=texts,
        )


def _refuse_classified(*, stated: bool) -> None:
    """Ask whether the leads are state secrets, unless that was stated; refuse if they are.

    Raises:
        RefusedError: If they are, or nobody says that they are not.
    """
    if stated:
        return
    if not can_ask():
        raise RefusedError(
            Text(
                "say that the leads are no state secrets (--not-classified); those must not be kept here",
                "请声明线索不属于国家秘密（--not-classified）；涉密线索不得用本程序保管",
            )
        )
    if ask_yes(t("Are these leads classified as state secrets?", "这些线索是否定为国家秘密？")):
        raise RefusedError(
            Text(
                "this program must not hold state secrets; keep these leads as the law on secrecy prescribes",
                "本程序不得保管国家秘密；请按保密规定管理这些线索",
            )
        )


def answers_given(
    name: str | None, unit: str | None, unit_name: str | None, officer: str | None, officer_name: str | None
) -> _Answers:
    """Return what a new house must know, asking for what is missing if someone can answer.

    Raises:
        BadValueError: If something is missing and nobody can be asked.
    """
    wanted = {
        "--name": (name, t("Name of the authority", "台账单位名称")),
        "--unit": (unit, t("Code of the first unit (such as 0101)", "首个单位的代码（如 0101）")),
        "--unit-name": (unit_name, t("Name of the first unit", "首个单位的名称")),
        "--officer": (officer, t("Your code (such as wang)", "您的代码（如 wang）")),
        "--officer-name": (officer_name, t("Your name", "您的姓名")),
    }
    missing = [each for each, (given, _) in wanted.items() if not given]
    if missing and not can_ask():
        raise BadValueError(Text(f"init needs {', '.join(missing)} as well", f"init 还需要 {'、'.join(missing)}"))
    given = {each: value or _asked(words, is_code=each in _CODES) for each, (value, words) in wanted.items()}
    return _Answers(
        name=given["--name"],
        unit=(given["--unit"], given["--unit-name"]),
        officer=(given["--officer"], given["--officer-name"]),
    )


def _asked(words: str, *, is_code: bool) -> str:
    """Ask for a name or a code until it is one."""
    from engine.operations.house.registration import named

    return ask_until_good(lambda: ask_words(words), _refuse_bad_code if is_code else named)


def _refuse_bad_code(code: str) -> None:
    """Refuse what is no code.

    Raises:
        BadValueError: If so.
    """
    from engine.rules.values import CODE

    if not CODE.fullmatch(code):
        raise BadValueError(
            Text(
                f"'{code}' is no code: letters, digits, dots and dashes, no blanks",
                f"“{code}”不能作代码：限字母、数字、点和短横，不含空格",
            )
        )


_CODES = frozenset({"--unit", "--officer"})
"""What is asked for and is a code, not a name."""


def _tell(app: AppContext, answers: _Answers, where: str, key: Path) -> None:
    """Say what was made, where it lies, and what comes next."""
    talk(t("{name} is set up: {where}", "{name} 已建立：{where}", name=answers.name, where=where))
    talk(
        t(
            "custodian's key: {key} (move it elsewhere; without it and the passphrase nothing sealed opens)",
            "保管人密钥：{key}（请移到别处保管；没有它和口令，密封内容无法启封）",
            key=key,
        )
    )
    if app.database != DEFAULT_DATABASE:
        talk(
            t(
                "so that other commands find it: export {variable}={database}",
                "使其他命令找到它：export {variable}={database}",
                variable=DATABASE,
                database=app.database,
            )
        )
    talk(t("next: qingling receive", "下一步：qingling receive"))
