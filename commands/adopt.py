"""`qingling adopt`: let the ledger work by other workflows, lists, campaigns and formats."""

from pathlib import Path

import click

from commands.console.bilingual import argument, command, json_option, option, pass_app
from commands.console.context import AppContext
from commands.console.output import print_json, print_table, talk
from engine.errors import BadValueError
from engine.language import Text, t


@command(
    "adopt",
    en="Let the ledger work by workflows, lists, campaigns or formats in files or folders from now on. Without --apply "
    "only what they change is shown. It takes a role that keeps the ledger; the journal says who adopted what. Cases "
    "end by the version that they began with. --list shows what the ledger works by.",
    zh="采用文件或文件夹中的流程、列表、专项行动或台账格式。不加 --apply 时只显示改动。须具有管理台账的角色；"
    "采用情况记入日志。已登记的事项按其登记时的流程版本办结。--list 列出现行文本。",
    example=Text(
        "qingling adopt --list\n"
        "qingling adopt my-workflows/complaint.yaml\n"
        'qingling adopt my-workflows/complaint.yaml --apply --reason "decided on 28 June"',
        "qingling adopt --list\n"
        "qingling adopt my-workflows/complaint.yaml\n"
        "qingling adopt my-workflows/complaint.yaml --apply --reason 6月28日研究决定",
    ),
)
@argument(
    "files", metavar="FILE", nargs=-1, type=click.Path(path_type=Path), en="Files or folders.", zh="文件或文件夹。"
)
@option("--list", "list_", is_flag=True, en="List what is adopted.", zh="列出已采用的文本。")
@option("--apply", is_flag=True, en="Adopt them.", zh="正式采用。")
@option("--reason", en="Why; needed with --apply.", zh="理由（--apply 时必填）。")
@json_option
@pass_app
def adopt(
    app: AppContext, files: tuple[Path, ...], list_: bool, apply: bool, reason: str | None, as_json: bool
) -> None:
    """Show what files change, and adopt them if that was asked for."""
    if list_ or not files:
        if files or apply:
            raise BadValueError(Text("name files to adopt, or --list alone", "请写明要采用的文件；--list 须单独使用"))
        _list(app, as_json=as_json)
        return
    if apply and not (reason or "").strip():
        raise BadValueError(Text("--apply needs a reason (--reason)", "--apply 须写明理由（--reason）"))
    from commands.presentation.changes_printed import print_changes
    from commands.shared.rule_files import texts_given
    from engine.operations.house.adopting import adopt as adopt_texts
    from engine.operations.house.adopting import not_adopted

    texts = texts_given(app, files)
    found = not_adopted(app.ledger.store, texts)
    print_changes(app, found, as_json=as_json, applied=apply)
    if apply:
        adopt_texts(app.acting, found, reason=(reason or "").strip())
    if as_json:
        return
    if not found:
        talk(t("nothing to do: the ledger works by these already", "无需采用：台账已按这些文本办理"))
    elif apply:
        talk(t("adopted: {n}", "已采用 {n} 份", n=len(found)))
    else:
        talk(t("adopt them: --apply --reason WHY", "正式采用请加：--apply --reason 理由"))


def _list(app: AppContext, *, as_json: bool) -> None:
    """List every version that was adopted."""
    from engine.operations.house.adopting import adopted_versions

    found = adopted_versions(app.ledger)
    if as_json:
        print_json(
            [
                {
                    "kind": each.kind,
                    "name": each.name,
                    "version": each.version,
                    "shipped": bool(each.shipped),
                    "sha256": each.digest,
                    "seq": each.seq,
                }
                for each in found
            ]
        )
        return
    from engine.workflow.texts import TextKind

    print_table(
        [t("kind", "种类"), t("name", "名称"), t("version", "版本"), t("from", "来源"), t("sha256", "摘要")],
        [
            (
                str(TextKind(each.kind).says),
                each.name,
                str(each.version),
                t("the program", "随程序提供") if each.shipped else t("the house", "本单位"),
                each.digest[:16],
            )
            for each in found
        ],
    )
