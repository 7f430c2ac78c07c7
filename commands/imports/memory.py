"""`qingling headings`: what was decided about the headings of ledgers, to look at and to forget."""

from commands.console.bilingual import argument, group, json_option, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.output import print_json, print_table, talk
from engine.errors import BadValueError, NotFoundError
from engine.language import Text, t
from presentation.import_words import field_title


@group(
    "headings",
    en="What was decided about the headings of imported ledgers: it holds for the next ledger of the same headings.",
    zh="导入台账时对表头所作的确认，下次导入表头相同的台账时沿用。",
    example="qingling headings list",
)
def headings() -> None:
    """Hold the verbs of remembered headings."""


@verb(
    headings,
    "list",
    en="List what is remembered, by the shape of the ledger.",
    zh="按台账样式列出已记住的表头。",
    example="qingling headings list",
)
@json_option
@pass_app
def list_(app: AppContext, as_json: bool) -> None:
    """List what is remembered."""
    from engine.operations.imports.remembered_headings import remembered_shapes

    found = remembered_shapes(app.ledger)
    if as_json:
        print_json(
            [
                {
                    "workflow": each.workflow,
                    "shape": each.shape,
                    "headings": dict(each.decided),
                    "by": each.by,
                    "on": each.on.isoformat(),
                }
                for each in found
            ]
        )
        return
    if not found:
        talk(t("nothing is remembered", "没有记住的表头"))
        return
    rows = []
    for each in found:
        workflow = app.declarations.latest(each.workflow)
        for heading, field in each.decided.items():
            title = t("none of ours", "非登记项目") if field is None else str(field_title(workflow, field))
            rows.append((each.shape, heading, title, each.by, each.on.isoformat()))
    print_table(
        [t("shape", "样式"), t("heading", "表头"), t("field", "字段"), t("by", "确认人"), t("on", "日期")], rows
    )


@verb(
    headings,
    "forget",
    en="Forget what was decided for ledgers of one shape, or all of it.",
    zh="忘记某一样式或全部样式的确认。",
    example="qingling headings forget --all",
)
@argument("shape", metavar="SHAPE", required=False, en="The shape, or how it begins.", zh="样式编号，可只写开头。")
@option("--all", "everything", is_flag=True, en="Forget all of it.", zh="全部忘记。")
@pass_app
def forget(app: AppContext, shape: str | None, everything: bool) -> None:
    """Forget what was decided.

    Raises:
        BadValueError: If neither a shape nor --all is given.
        NotFoundError: If no such shape is remembered.
    """
    from engine.operations.imports.remembered_headings import forget as forget_headings

    if bool(shape) == everything:
        raise BadValueError(
            Text("name a shape (qingling headings list), or --all", "请写样式编号（qingling headings list）或 --all")
        )
    gone = forget_headings(app.acting, shape)
    if not gone and shape:
        raise NotFoundError(
            Text(
                f"no shape {shape} is remembered; see qingling headings list",
                f"没有记住样式 {shape}，请看 qingling headings list",
            )
        )
    talk(t("forgotten: {n}", "已忘记 {n} 种样式", n=gone))
