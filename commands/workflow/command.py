"""`qingling workflow`: check declarations, list and show them, draw them; changes nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.console.bilingual import argument, json_option, option, pass_app, verb
from commands.console.bilingual import group as noun
from commands.console.command_lines import as_typed
from commands.console.context import AppContext, declarations_of
from commands.console.output import print_json, print_named, say, talk
from commands.shared.declared import declarations_around, latest_or_none, workflow_asked
from engine.errors import BadFileError, BadValueError, InvalidWorkflowError
from engine.language import Text, t

if TYPE_CHECKING:
    from engine.workflow.model import Workflow
    from engine.workflow.problems import Problem
    from workflows.loader import Declarations

UNSOUND = InvalidWorkflowError.exit_code
UNDECIDED = 3
"""What `prove` leaves with if nothing is refuted, but not all is proved."""


@noun(
    "workflow",
    en="Workflows: what is declared, whether it is sound, and how it looks.",
    zh="流程：查看、检查、画图。",
    example="qingling workflow list",
)
def group() -> None:
    """Hold the verbs of workflows."""


_files = argument(
    "files", metavar="FILE", nargs=-1, type=click.Path(path_type=Path), en="Files or folders.", zh="文件或文件夹。"
)
"""Of what is checked or proved; all that are in use if none is named."""


@verb(
    group,
    "check",
    en="Find everything that is wrong with workflows, with file and line. Without FILE all that are in use "
    "are checked: those that are shipped and the house's own. Files that are sound are searched for a short while as "
    "well, for cases that cannot end and steps that cannot be taken. Leaves with 10 if anything is wrong.",
    zh="检查流程文件，一次列出全部问题及其行号。不写文件则检查正在使用的全部流程（随程序提供的和本单位的）。"
    "没有问题的文件还会作短时搜索，找出不能终结的事项和无法办理的步骤。有问题时退出码为 10。",
    example="qingling workflow check\nqingling workflow check my-workflows/complaint.yaml",
)
@_files
@json_option
@pass_app
def check(app: AppContext, files: tuple[Path, ...], as_json: bool) -> None:
    """Check the files."""
    declarations = declarations_around(app, files)
    paths = _paths(files)
    sound, problems = declarations.check(paths)
    doubts: tuple[Problem, ...] = ()
    if paths and not problems:
        problems, doubts = _searched(declarations, paths)
    if as_json:
        print_json([_problem_json(each) for each in problems])
        if problems:
            click.get_current_context().exit(UNSOUND)
    elif problems:
        raise InvalidWorkflowError([each.text for each in problems])
    else:
        say(_sound(len(paths) or len(declarations.names()), of_files=bool(paths)))
        for doubt in doubts:
            say(doubt.text)
        for each in sound:
            for declared in each.deadlines.values():
                if declared.unpublished == "refuse":
                    say(_refuses(each.name, declared.name))


@verb(
    group,
    "prove",
    en="Say of each promise of a workflow whether it always holds: every case can end, every wait is watched, nothing "
    "is dead, somebody is left to act, no case ends over an open one under it, terms fit together, and what the file "
    "promises itself. What does not hold is shown with the shortest way to it. Leaves with 10 if something is refuted, "
    "with 3 if something is not decided, holds only because fields can be corrected, or is only warned of (!). Without "
    "FILE all workflows that are in use are proved; a large one takes a minute.",
    zh="逐项证明流程的承诺是否总能成立：事项总能终结、等待均有期限监督、没有无效声明、回避后仍有人可办、上下级事项互不落空、"
    "期限相互一致，以及文件自定的承诺。不成立的列出最短的反例。有不成立的退出码为 10；"
    "有未决的、仅靠更正成立的或仅为提示的（!），退出码为 3。不写文件则证明正在使用的全部流程；大的流程约需一分钟。",
    example="qingling workflow prove my-workflows/complaint.yaml",
)
@_files
@json_option
@pass_app
def prove(app: AppContext, files: tuple[Path, ...], as_json: bool) -> None:
    """Prove what the files promise."""
    from commands.presentation.proof_view import print_proof, proof_json
    from engine.proving.proof_verdicts import PromiseAnswer
    from engine.proving.prove import prove as proved

    declarations = declarations_around(app, files)
    paths = _paths(files)
    proofs = []
    for workflow, known, _ in declarations.around(paths):
        proofs.append(proved(workflow, known, today=app.now.date()))
        if not as_json:
            print_proof(proofs[-1])
    if as_json:
        print_json([proof_json(each) for each in proofs])
    unsure = (PromiseAnswer.NOT_DECIDED, PromiseAnswer.BY_CORRECTION)
    if not all(each.holds for each in proofs):
        click.get_current_context().exit(UNSOUND)
    elif any(each.having(answer) for each in proofs for answer in unsure) or any(
        each.having(PromiseAnswer.REFUTED) for each in proofs
    ):
        click.get_current_context().exit(UNDECIDED)


@verb(
    group,
    "list",
    en="List the workflows.",
    zh="列出流程。",
    example="qingling workflow list --json",
)
@json_option
@pass_app
def list_(app: AppContext, as_json: bool) -> None:
    """List the workflows."""
    declarations = declarations_of(app.database)
    found = [(name, latest_or_none(declarations, name)) for name in declarations.names()]
    if as_json:
        print_json([_listed_json(name, workflow) for name, workflow in found])
        return
    print_named(
        0,
        [t("name", "名称"), t("title", "标题"), t("version", "版本"), t("opened by", "由何开立"), t("number", "编号")],
        [
            (name, str(each.title), str(each.version), _opened_by(declarations, each), each.number)
            if each
            else (
                name,
                as_typed(t("not sound: qingling workflow check", "有问题，请运行 qingling workflow check")),
                "",
                "",
                "",
            )
            for name, each in found
        ],
    )


@verb(
    group,
    "show",
    en="Show a workflow: which step leads where from each state, and who may take it; then its fields, "
    "deadlines and reminders with what they rest on.",
    zh="查看流程：各状态下可办的动作、去向和办理人，以及字段、期限、预警级别及其依据。",
    example=Text("qingling workflow show lead", "qingling workflow show 问题线索"),
)
@argument("name", metavar="NAME", en="Name of a workflow, or a file.", zh="流程名称，或文件。")
@json_option
@pass_app
def show(app: AppContext, name: str, as_json: bool) -> None:
    """Show the workflow."""
    declarations = declarations_around(app, (Path(name),))
    workflow = workflow_asked(declarations, name)
    if as_json:
        print_json(workflow.plain)
        return
    from commands.presentation.workflow_view import print_workflow

    print_workflow(workflow, declarations.roles(), declarations.levels(), declarations.unit_types())


@verb(
    group,
    "graph",
    en="Draw a workflow: Mermaid text on standard output, or a file that ends in .mmd, .svg or .png. SVG and PNG "
    "are laid out by Graphviz; leaves with 11 where it is not installed.",
    zh="画流程图：默认将 Mermaid 文本输出到标准输出，也可写入 .mmd、.svg 或 .png 文件。"
    "SVG 和 PNG 由 Graphviz 排版，未安装时退出码为 11。",
    example=Text("qingling workflow graph lead -o lead.svg", "qingling workflow graph 问题线索 -o 问题线索.svg"),
)
@argument("name", metavar="NAME", en="Name of a workflow, or a file.", zh="流程名称，或文件。")
@option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Write the picture into this file.",
    zh="写入此文件。",
)
@pass_app
def graph(app: AppContext, name: str, output: Path | None) -> None:
    """Draw the workflow."""
    from documents.diagrams.diagram import mermaid, write

    declarations = declarations_around(app, (Path(name),))
    workflow = workflow_asked(declarations, name)
    others = {each: found for each in declarations.names() if (found := latest_or_none(declarations, each)) is not None}
    if output is None:
        say(mermaid(workflow, roles=declarations.roles(), others=others).rstrip())
        return
    write(workflow, output, roles=declarations.roles(), others=others)
    talk(t("drawn: {file}", "已生成：{file}", file=output))


@verb(
    group,
    "new",
    en="Write a small sound workflow with a comment at every part, to start from. It serves nobody until it is "
    "adopted: qingling adopt FILE.",
    zh="写出一个带注释、可通过检查的小流程文件，供修改使用；经 qingling adopt 采用后方才生效。",
    example="qingling workflow new leave",
)
@argument("name", metavar="NAME", en="Name of the workflow: a-z, digits, _.", zh="流程名称：小写字母、数字、下划线。")
@option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Write into this file; NAME.yaml in this folder if left out.",
    zh="写入此文件；不写则为当前文件夹中的“名称.yaml”。",
)
@pass_app
def new(app: AppContext, name: str, output: Path | None) -> None:
    """Write the file to start from."""
    from engine.reading.terms import A_NAME, NAME
    from engine.system.whole_files import written
    from workflows.first_file import first_file

    if not NAME.fullmatch(name):
        raise BadValueError(Text(f"{name}: {A_NAME.en}", f"{name}：{A_NAME.zh}"))
    if name in declarations_of(app.database).names():
        raise BadValueError(
            Text(
                f"there is a workflow '{name}' already; see: qingling workflow show {name}",
                f"已有流程“{name}”，请查看：qingling workflow show {name}",
            )
        )
    out = Path(f"{name}.yaml") if output is None else output
    try:
        with written(out, replace=False, private=False) as file:
            file.write_text(first_file(name), "utf-8", newline="\n")
    except FileExistsError as taken:
        raise BadFileError(Text(f"{out}: is there already", f"{out}：文件已存在")) from taken
    talk(
        as_typed(
            t(
                "written: {file}; test it: qingling workflow check {file}",
                "已写入：{file}；检查：qingling workflow check {file}",
                file=out,
            )
        )
    )


@verb(
    group,
    "mine",
    en="Draft a workflow from an event log (CSV, XES; packed by gzip or not): a state after each activity, the most "
    "frequent steps, for each state the days within which nine of ten stays were over. Says how many cases the "
    "steps cover, also of later cases when they are learnt from earlier ones, and what `workflow prove` says.",
    zh="由事件日志（CSV、XES，可为 gzip）草拟流程：每个活动之后为一个状态，保留最常见的步骤，"
    "各状态以九成不超过的天数为期限。同时给出覆盖率（含以较早事项学得、在较晚事项上的覆盖率）及证明结果。",
    example="qingling workflow mine old.csv -o my-workflows/mined.yaml",
)
@argument("log", metavar="FILE", type=click.Path(path_type=Path), en="The event log.", zh="事件日志。")
@option(
    "--steps",
    metavar="COUNT",
    type=click.IntRange(min=1),
    en="How many of the most frequent steps are kept; as few as cover 95 % of the cases if left out.",
    zh="保留多少个最常见的步骤；不写则取能覆盖 95% 事项的最少个数。",
)
@option(
    "--map",
    "map_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="What the columns of the log are (columns, zone, ignore; docs/replay.md).",
    zh="日志各列的对应文件（columns、zone、ignore，见 docs/zh/replay.md）。",
)
@option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Write the draft into this file, named as the workflow; it is printed if left out.",
    zh="写入此文件，文件名即流程名称；不写则输出到屏幕。",
)
@json_option
@pass_app
def mine(
    app: AppContext, log: Path, steps: int | None, map_file: Path | None, output: Path | None, as_json: bool
) -> None:
    """Draft the workflow."""
    from commands.presentation.mining_view import mined_json, print_mined
    from commands.shared.drafted_file import drafted, mined_log

    found = mined_log(log, map_file, steps=steps)
    text, proof = drafted(found, output, today=app.now.date())
    if as_json:
        print_json({**mined_json(found, proof), "draft": text})
        return
    if output is None:
        say(text.rstrip())
    print_mined(found, proof)


def declared_in(app: AppContext, file: str) -> "Workflow":
    """Return the workflow that a file declares, judged with the lists that stand beside it.

    Raises:
        InvalidWorkflowError: If its declaration is not sound.
    """
    return workflow_asked(declarations_around(app, (Path(file),)), file)


def _searched(
    declarations: "Declarations", paths: tuple[Path, ...]
) -> "tuple[tuple[Problem, ...], tuple[Problem, ...]]":
    """Return what a short search finds wrong with sound files, and what it only has doubts about."""
    from engine.proving.proof_verdicts import PromiseAnswer
    from engine.proving.prove import quickly
    from engine.validation.check import warnings

    wrong: list[Problem] = []
    doubts: list[Problem] = []
    for workflow, known, where in declarations.around(paths):
        doubts += warnings(workflow, known=known, where=where)
        for each in quickly(workflow, known):
            place = tuple(each.about.split(".")[:2]) if each.about else ()
            # What was not decided in the short time is no mistake: `workflow prove` may find that it holds.
            certain = each.answer is PromiseAnswer.REFUTED
            more = Text("{said}; see: qingling workflow prove", "{said}；详见：qingling workflow prove")
            problem = where.problem(place, more.format(said=each.sentence))
            (wrong if certain and not each.warning else doubts).append(problem)
    return tuple(wrong), tuple(doubts)


def _paths(files: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files of workflows that are named, those in folders among them.

    Raises:
        InvalidWorkflowError: If there are none where some were named.
    """
    paths = tuple(path for each in files for path in _files_in(each))
    if files and not paths:
        raise InvalidWorkflowError([_empty(files[0])])
    return paths


def _files_in(path: Path) -> Sequence[Path]:
    """Return the declarations and lists in a folder; a file stands for itself."""
    if not path.is_dir():
        return [path]
    return [*sorted(path.glob("lists/*.y*ml")), *sorted(path.glob("*.y*ml"))]


def _empty(folder: Path) -> Text:
    """Return the sentence that a folder holds nothing to check."""
    return Text(f"{folder}: there is no *.yaml in this folder", f"{folder}：此文件夹中没有 *.yaml 文件")


def _refuses(workflow: str, deadline: str) -> str:
    """Return what a term that refuses years without a published calendar does when the year ends."""
    return t(
        "{workflow}: '{deadline}' refuses years without a published calendar: in November, before next year's days"
        " are announced, no step is taken whose date would lie there (unpublished: refuse)",
        "{workflow}：期限“{deadline}”不推算未公布日历的年度：每年十一月、次年放假安排公布前，到期日落在次年的步骤不予办理"
        "（unpublished: refuse）",
        workflow=workflow,
        deadline=deadline,
    )


def _sound(count: int, *, of_files: bool) -> str:
    """Return the sentence that nothing is wrong."""
    if of_files:
        return (
            t("1 file, sound", "1 个文件，没有问题")
            if count == 1
            else t(f"{count} files, sound", f"{count} 个文件，没有问题")
        )
    return t(f"{count} workflows, sound", f"{count} 个流程，没有问题")


def _problem_json(problem: "Problem") -> dict[str, Any]:
    """Return a problem for scripts."""
    return {
        "file": problem.file,
        "line": problem.line,
        "culprit": problem.culprit,
        "en": problem.sentence.en,
        "zh": problem.sentence.zh,
    }


def _opened_by(declarations: "Declarations", workflow: "Workflow") -> str:
    """Return who opens the cases: people, the cases of another workflow, or people under these."""
    if not workflow.parents:
        return t("people", "人工登记")
    if workflow.open_by:
        return t("people, under ", "人工登记，隶属于") + _titled(declarations, workflow)
    return _titled(declarations, workflow)


def _titled(declarations: "Declarations", workflow: "Workflow") -> str:
    """Return the titles of a workflow's parents."""
    known = {name: latest_or_none(declarations, name) for name in workflow.parents if name in declarations.names()}
    titles = [str(each.title) if (each := known.get(name)) else name for name in workflow.parents]
    return t(" or ", "或").join(titles)


def _listed_json(name: str, workflow: "Workflow | None") -> dict[str, Any]:
    """Return a workflow of the list for scripts."""
    if workflow is None:
        return {"workflow": name, "sound": False}
    return {
        "workflow": name,
        "sound": True,
        "version": workflow.version,
        "title": _both(workflow.title),
        "parents": list(workflow.parents),
        "number": workflow.number,
        "states": list(workflow.states),
    }


def _both(words: Text) -> dict[str, str]:
    """Return a text in both languages, for scripts."""
    return {"en": words.en, "zh": words.zh}
