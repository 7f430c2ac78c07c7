"""What proves the journal to others: checkpoints over it, a witness's signature, and proofs of single rows."""

from functools import partial
from typing import Final

from desk.affair_forms import AffairForm, asked_input, refuse_missing
from desk.answers import Answer, FileToKeep, GoTo, PageShown
from desk.pages.house import CAUGHT, status_of, tabs
from desk.steps import reasons_of, said
from desk.visit import Visit, whole_number
from engine.errors import BadFileError, BadValueError, NotFoundError, QinglingError, Reason, RefusedError
from engine.journal.checkpoint import key_given
from engine.language import Text
from engine.operations.house.checkpoints import (
    coverage,
    make_checkpoint,
    newest,
    prove,
    public_key,
    request,
    take_cosignature,
)
from engine.operations.ledger.need_to_know import refuse_unless_may
from engine.rules.reading_rights import Deed
from presentation.case_view import when

MOST_NEW: Final = 20_000
"""Rows since the last checkpoint up to which one is made while somebody waits: about a second's work."""
_CAUGHT: Final = (*CAUGHT, BadFileError)
_DONE: Final = {
    "make": Text("The checkpoint is made. Keep its code where nobody can change it.", "检查点已生成，请另处保存短码。"),
    "cosign": Text("The witness's signature is kept beneath the checkpoint.", "见证签名已录入，附于检查点之下。"),
}
_PROOF: Final = "proof"


def checkpoints_page(visit: Visit) -> Answer:
    """Show how far checkpoints cover the journal, or give one, a request for a witness, or a proof as a file."""
    wanted = visit.asked.one("give")
    try:
        if wanted:
            return _given(visit, wanted)
    except _CAUGHT as refused:
        return _page(visit, refused)
    return _page(visit, None)


def change_checkpoints(visit: Visit) -> Answer:
    """Make a checkpoint, or take in what a witness answered."""
    pressed = visit.asked.one("_deed")
    try:
        refuse_unless_may(visit.ledger, visit.reader, Deed.VERIFY)
        if pressed == "make":
            _make(visit)
        elif pressed == "cosign":
            _cosign(visit)
        else:
            raise BadValueError(Text("say what is to be done", "请选择要做的事"))
    except _CAUGHT as refused:
        return _page(visit, refused)
    return GoTo(to=f"/house/checkpoints?done={pressed}")


def _given(visit: Visit, wanted: str) -> FileToKeep:
    """Return what the address asks for as a file.

    Raises:
        BadValueError: If it asks for nothing that there is, or for no case that the officer may read.
        RefusedError: If nothing of the kind was made yet, or the officer may not have it.
    """
    if wanted == _PROOF:
        refuse_missing(visit, ("number", Text("write the number of a case", "请填写事项编号")))
        entry = visit.asked.one("entry")
        row = _row(entry) if entry else None
        try:
            case = visit.case(Deed.JOURNAL, visit.asked.one("number"), proof=True)
        except NotFoundError as error:
            raise BadValueError(error.sentence, [Reason.of(error.sentence, "value", field="number")]) from error
        _, _, text = prove(visit.ledger, case.number, row)
        return FileToKeep(name=f"proof-{case.number}.txt", content=text.encode())
    with visit.viewing(Deed.VERIFY) as view:
        made = newest(view.ledger)
        public_key(view.ledger)
        view.shown()
    if wanted == "request":
        return FileToKeep(name="request.txt", content=str(request(visit.ledger, since=None)).encode())
    if wanted != "note" or made is None:
        raise BadValueError(Text("there is no such file", "没有这份文件"))
    return FileToKeep(name=f"checkpoint-{made.short_code}.txt", content=str(made).encode())


def _row(words: str) -> int:
    """Return which row of a case's journal is meant.

    Raises:
        BadValueError: If it is no number.
    """
    try:
        return whole_number(words, least=1, most=999_999_999)
    except BadValueError as error:
        sentence = Text("write the row's number in the journal of the case, such as 3", "请填写该事项日志的行号，如 3")
        raise BadValueError(sentence, [Reason.of(sentence, "value", field="entry")]) from error


def _make(visit: Visit) -> None:
    """Make a checkpoint over all rows.

    Raises:
        BadFileError: If its key cannot be read.
        RefusedError: If nobody has said where its key lies, or too many rows are new.
    """
    key, stands = visit.settings.journal_key, coverage(visit.ledger)
    if key is None:
        raise RefusedError(Text("nobody has said where the key of checkpoints lies", "尚未指明检查点密钥位置"))
    if stands.entries - stands.covered > MOST_NEW:
        raise RefusedError(
            Text(
                f"more than {MOST_NEW} rows are new; let the watch make it tonight, or make it at the terminal",
                f"新增日志超过 {MOST_NEW} 行，请待值守当晚生成，或在终端生成",
            )
        )
    make_checkpoint(visit.acting, key)


def _cosign(visit: Visit) -> None:
    """Take in what a witness answered.

    Raises:
        BadFileError: If it is no answer of that witness to a checkpoint of this ledger.
        BadValueError: If something is missing.
    """
    sent = visit.asked.files.get("answer", ())
    missing = [
        Reason.of(sentence, "missing", field=name)
        for name, sentence, given in (
            ("answer", Text("choose the witness's answer", "请选择见证答复文件"), sent),
            ("witness", Text("write the witness's public key", "请填写见证方公钥"), visit.asked.one("witness")),
        )
        if not given
    ]
    if missing:
        raise BadValueError(missing[0], missing)
    try:
        answer = sent[0].content.decode()
    except UnicodeDecodeError:
        raise BadFileError(Text("this is no answer of a witness", "该文件不是见证答复")) from None
    try:
        key = key_given(visit.asked.one("witness"))
    except (BadFileError, BadValueError) as error:
        raise BadValueError(error.sentence, [Reason.of(error.sentence, "value", field="witness")]) from error
    take_cosignature(visit.ledger, answer, key)


def _page(visit: Visit, refused: QinglingError | None) -> PageShown:
    """Return the page."""
    ledger = visit.ledger
    with visit.viewing(Deed.VERIFY) as view:
        stands = coverage(ledger)
        key = None if newest(ledger) is None else str(public_key(ledger))
        view.shown()
    reasons = [] if refused is None else list(reasons_of(refused))
    asks = partial(asked_input, visit, reasons)
    witness = asks("witness", Text("The witness's public key", "见证方公钥"))
    proof = AffairForm(
        title=Text("Proof of one row", "单行日志的证明"),
        hints=[
            Text(
                "Shows without the ledger and without this program that a row stands in the journal.",
                "无需台账、无需本程序即可核验某行日志确在日志中。",
            )
        ],
        inputs=[
            asks("number", Text("Number of the case", "事项编号")),
            asked_input(
                visit, reasons, "entry", Text("Which row; else the newest", "第几行（默认最新）"), optional=True
            ),
        ],
    )
    values = {
        "tabs": tabs(visit),
        "said": said(reasons, ["answer", *(each.name for each in (witness, *proof.inputs))]),
        "stands": stands,
        "made": None if stands.made_at is None else when(ledger, stands.made_at),
        "key": key,
        "can_make": visit.settings.journal_key is not None,
        "witness": witness,
        "proof": proof,
        "done": None if refused is not None else _DONE.get(visit.asked.one("done")),
    }
    return PageShown(template="checkpoints.html", values=values, status=status_of(refused))
