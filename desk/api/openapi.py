"""The description of `/api/v1` as OpenAPI 3.1, made of what is adopted: no workflow is known by name."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from engine.language import Text
from engine.rules.openings import may_open_with
from engine.workflow.field_traits import ByFieldType
from engine.workflow.model import Field, Transition, Workflow
from engine.workflow.registry import Workflows

Schema = dict[str, Any]
VERSION: Final = "1"
_OBJECT: Final[Schema] = {"type": "object"}
_TEXT: Final[Schema] = {"type": "string"}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT}
_TYPES: Final = ByFieldType[Schema](
    text=_TEXT,
    date={"type": "string", "format": "date"},
    # Local to the ledger, without a zone: no "date-time" of RFC 3339.
    moment={"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$"},
    flag={"type": "boolean"},
    number={"type": "number"},
    choice=_TEXT,
    choices=_TEXTS,
    officer=_TEXT,
    officers=_TEXTS,
    unit=_TEXT,
    sealed={"type": "string", "writeOnly": True},
)


def described(workflows: Workflows) -> Schema:
    """Return the whole description."""
    paths: dict[str, Schema] = {**_FIXED}
    for name in workflows.names():
        workflow = workflows.latest(name)
        base = f"/workflows/{name}/cases"
        paths[base] = {"get": _list(workflow)}
        if workflow.open_alone:
            paths[base]["post"] = _open(workflow)
        for trigger, ways in _triggers(workflow).items():
            paths[f"{base}/{{number}}/steps/{trigger}"] = {"post": _step(workflow, trigger, ways)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Qingling", "version": VERSION, "description": str(_ABOUT.zh) + "\n\n" + _ABOUT.en},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Case": _CASE, "Problem": _PROBLEM},
        },
    }


_ABOUT: Final = Text(
    "The ledger for other programs: the same operations, rules and rights as its pages and commands.",
    "供其他程序使用的接口：与网页、命令行同一操作、同一规则、同一权限。",
)
_CASE: Final[Schema] = {
    "type": "object",
    "required": ["number", "workflow", "state", "revision", "fields"],
    "properties": {
        "number": _TEXT, "workflow": _TEXT, "version": {"type": "integer"}, "state": _TEXT, "clearance": _TEXT,
        "unit": _TEXT, "dated_on": _TEXT, "opened_at": _TEXT, "changed_at": _TEXT, "revision": {"type": "integer"},
        "fields": _OBJECT,
    },
}  # fmt: skip
_PROBLEM: Final[Schema] = {
    "type": "object",
    "required": ["title", "status", "detail", "en", "zh"],
    "properties": {
        "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "en": _TEXT, "zh": _TEXT,
        "reasons": {"type": "array", "items": {"type": "object", "properties": {
            "kind": _TEXT, "field": {"type": ["string", "null"]}, "basis": {"type": ["string", "null"]},
            "en": _TEXT, "zh": _TEXT,
        }}},
    },
}  # fmt: skip
_NUMBER: Final[Schema] = {"name": "number", "in": "path", "required": True, "schema": _TEXT}
_IF_MATCH: Final[Schema] = {
    "name": "If-Match", "in": "header", "required": True, "schema": _TEXT,
    "description": "所见版本 · the revision that was seen",
}  # fmt: skip
_REF: Final[Schema] = {"$ref": "#/components/schemas/Case"}


def _asked(name: str, kind: str = "string", *, required: bool = False) -> Schema:
    """Return something that the address asks."""
    return {"name": name, "in": "query", "required": required, "schema": {"type": kind}}


def _answers(schema: Schema, status: str = "200", *, writes: bool = False) -> Schema:
    """Return the answers of an operation."""
    wrong = {"description": "problem", "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }}  # fmt: skip
    codes = ["401", "403", "404", "503", *(["409", "422", "428"] if writes else [])]
    right = {"description": "ok", "content": {"application/json": {"schema": schema}}}
    return {status: right, **dict.fromkeys(codes, wrong)}


def _body(schema: Schema, kind: str = "application/json") -> Schema:
    """Return what must be sent."""
    return {"required": True, "content": {kind: {"schema": schema}}}


def _plain(en: str, zh: str, name: str, answers: Schema, parameters: Iterable[Schema] = (), **more: Any) -> Schema:
    """Return an operation."""
    return {
        "operationId": name, "summary": f"{zh} · {en}", "parameters": list(parameters), "responses": answers, **more
    }  # fmt: skip


_FIXED: Final[Mapping[str, Schema]] = {
    "/openapi.json": {"get": _plain("this description", "本说明", "describe", _answers(_OBJECT))},
    "/cases/{number}": {"get": _plain("one case", "查看事项", "show", _answers(_REF), [_NUMBER])},
    "/cases/{number}/notes": {
        "post": _plain(
            "a remark", "备注", "note", _answers(_REF, "201", writes=True), [_NUMBER, _IF_MATCH],
            requestBody=_body({
                "type": "object", "required": ["words"], "additionalProperties": False, "properties": {"words": _TEXT}
            }),
        )
    },
    "/cases/{number}/attachments": {
        "post": _plain(
            "a file", "附件", "attach", _answers(_REF, "201", writes=True),
            [_NUMBER, _asked("name", required=True)], requestBody=_body({}, "application/octet-stream"),
        )
    },
    "/cases/{number}/attachments/{digest}": {
        "get": _plain(
            "a file", "取出附件", "attachment",
            {"200": {"description": "ok", "content": {"application/octet-stream": {"schema": {}}}}},
            [_NUMBER, {"name": "digest", "in": "path", "required": True, "schema": _TEXT}],
        )
    },
    "/zero/{campaign}": {
        "get": _plain(
            "clear to zero", "清零", "zero", _answers(_OBJECT),
            [
                {"name": "campaign", "in": "path", "required": True, "schema": _TEXT},
                _asked("year", "integer"), _asked("as_of"), _asked("unit"),
            ],
        )
    },
}  # fmt: skip


def _list(workflow: Workflow) -> Schema:
    """Return how cases of a workflow are listed."""
    state: Schema = {"name": "state", "in": "query", "schema": {"type": "string", "enum": list(workflow.states)}}
    page = {"type": "object", "properties": {
        "cases": {"type": "array", "items": _REF}, "next": {"type": ["string", "null"]}
    }}  # fmt: skip
    asked = [state, *map(_asked, ("unit", "search", "after")), _asked("closed", "boolean"), _asked("limit", "integer")]
    return _plain(
        f"list: {workflow.title.en}", f"{workflow.title.zh}列表", f"list_{workflow.name}", _answers(page), asked
    )


def _open(workflow: Workflow) -> Schema:
    """Return how a case of a workflow is registered."""
    fields = [each for each in workflow.fields.values() if may_open_with(workflow, each.name)]
    required = [each.name for each in fields if each.required]
    key = {"name": "Idempotency-Key", "in": "header", "schema": _TEXT}
    return _plain(
        f"register: {workflow.title.en}", f"登记{workflow.title.zh}", f"open_{workflow.name}",
        _answers(_REF, "201", writes=True), [_asked("unit", required=True), _asked("under"), key],
        requestBody=_body(_values(fields, required)),
    )  # fmt: skip


def _triggers(workflow: Workflow) -> dict[str, list[Transition]]:
    """Return the transitions of each trigger."""
    found: dict[str, list[Transition]] = {}
    for each in workflow.transitions:
        found.setdefault(each.trigger, []).append(each)
    return found


def _step(workflow: Workflow, trigger: str, ways: list[Transition]) -> Schema:
    """Return how a step is taken."""
    names = dict.fromkeys(name for each in ways for name in (*each.asks, *each.needs, *each.takes))
    fields = [workflow.fields[name] for name in names if name in workflow.fields and not workflow.fields[name].gathers]
    required = frozenset.intersection(*(frozenset(each.asks) for each in ways))
    return _plain(
        ways[0].title.en, ways[0].title.zh, f"{workflow.name}_{trigger}", _answers(_REF, writes=True),
        [_NUMBER, _IF_MATCH],
        requestBody=_body(_values(fields, [each.name for each in fields if each.name in required])),
    )  # fmt: skip


def _values(fields: Iterable[Field], required: list[str]) -> Schema:
    """Return the schema of values that are brought."""
    found: Schema = {"type": "object", "additionalProperties": False, "properties": {}}
    for each in fields:
        schema = {**_TYPES[each.type], "title": f"{each.title.zh} · {each.title.en}"}
        if each.choices:
            values = [choice.value for choice in each.choices]
            if schema["type"] == "array":
                schema["items"] = {**_TEXT, "enum": values}
            else:
                schema["enum"] = values
        if each.basis:
            schema["description"] = each.basis
        found["properties"][each.name] = schema
    return {**found, "required": required} if required else found
