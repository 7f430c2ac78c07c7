"""Signatures on a case, in words and as JSON; asks nothing, changes nothing."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from engine.journal.case_events import CaseVoided, DeadlineExtended, StepTaken
from engine.journal.chain import JournalEntry
from engine.journal.event import Values
from engine.journal.events import legible
from engine.journal.signature_events import (
    SignatureAsked,
    SignatureDeclined,
    SignatureGiven,
    SignatureReminded,
    SignatureVoid,
    extension_field,
)
from engine.language import Text, t
from engine.rules.naming import DEED_PARTS, Naming, is_deed, signature_called, step_called
from engine.rules.values import shown
from engine.workflow.deed_words import VOIDING
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.lengths import length_said
from engine.workflow.model import Workflow
from engine.workflow.proofs import PROOFS, Proof

if TYPE_CHECKING:
    from engine.operations.cases.signatures import StandingSignature

SIGNATURE_KINDS: Final = {
    SignatureAsked.kind: Text("signature of {of} asked for", "提请 {of} 签字"),
    SignatureGiven.kind: Text("signed by {of}", "{of} 签字"),
    SignatureDeclined.kind: Text("signature declined", "未予签字"),
    SignatureVoid.kind: Text("signature void", "签字失效"),
    SignatureReminded.kind: Text("reminded to sign", "催请签字"),
}
"""What a journal row about a signature says."""
SIGNATURE_CALLED: Final[Mapping[str, Mapping[str, str]]] = {
    SignatureAsked.kind: {"of": "officer"},
    SignatureGiven.kind: {"of": "officer"},
}
"""Which parts of such a row are codes, and of what."""

_STANDS: Final = {
    "asked": Text("asked for on {day}, not given yet", "{day} 提请，尚未签字"),
    "given": Text("given in person on {day}", "{day} 本人签字"),
    "paper": Text("on paper of {day}; page {page}", "{day} 纸质签字；签字页 {page}"),
    "declined": Text("declined on {day}", "{day} 未予签字"),
    "void": Text("void since {day}", "{day} 失效"),
}


_SHOWN: Final = frozenset({Proof.CONFIRMED.word, Proof.SIGNATURE.word})
"""Proofs that are shown beside a signature; that one was logged in goes without saying."""


class SeenSignature(FrozenStruct, frozen=True, kw_only=True):
    """How a signature stands, by the journal of its case."""

    field: str
    of: str
    step: str
    covers: Values
    stands: str
    """asked, given, paper, declined or void."""
    on: str
    """The local day on which it came to stand so, or that stands on the paper."""
    page: str | None = None
    """SHA-256 of the page that it stands on."""
    proof: str | None = None
    """How it is known who gave it in person."""
    used: bool = False
    """Its step was taken."""
    reason: str | None = None


def signatures_of(timeline: Iterable[JournalEntry], day: Mapping[int, str]) -> tuple[SeenSignature, ...]:
    """Return the signatures on a case, each field as it stands by now, in the order in which they were asked.

    Args:
        timeline: The journal of the case, oldest first.
        day: Of each row, its local day, YYYY-MM-DD.
    """
    found: dict[str, SeenSignature] = {}
    for entry in timeline:
        event, on = legible(entry.kind, entry.body), day[entry.seq]
        match event:
            case SignatureAsked():
                # Taken out first, or it would keep the place at which it was asked for the first time.
                found.pop(event.field, None)
                found[event.field] = SeenSignature(
                    field=event.field, of=event.of, step=event.step, covers=event.covers, stands="asked", on=on
                )
            case SignatureGiven() if event.field in found:
                how = "given" if event.page is None else "paper"
                found[event.field] = found[event.field].replace(
                    stands=how, on=event.on or on, page=event.page, proof=event.proof and event.proof[0]
                )
            case SignatureDeclined() if event.field in found:
                found[event.field] = found[event.field].replace(stands="declined", on=on, reason=event.reason)
            case SignatureVoid() if event.field in found:
                found[event.field] = found[event.field].replace(stands="void", on=on)
            case StepTaken():
                for name in event.signed:
                    found[name] = found[name].replace(used=True)
            case DeadlineExtended(signed=int()):
                field = extension_field(event.deadline)
                found[field] = found[field].replace(used=True)
            case CaseVoided(signed=int()):
                found[VOIDING] = found[VOIDING].replace(used=True)
    return tuple(found.values())


def signature_pairs(workflow: Workflow, signatures: Iterable[SeenSignature], naming: Naming) -> list[tuple[str, str]]:
    """Return what signatures are, each with who signs which step and how it stands."""
    found = []
    for each in signatures:
        stands = _STANDS[each.stands].format(day=each.on, page=(each.page or "")[:16])
        if each.stands == "given" and each.proof in _SHOWN:
            how = PROOFS[each.proof].title
            stands = Text("{stands} ({how})", "{stands}（{how}）").format(stands=stands, how=how)
        why = f" ({naming.veiled(each.reason)})" if each.reason else ""
        step = step_called(workflow, each.step)
        found.append((str(signature_called(workflow, each.field)), f"{naming.officer(each.of)}  {step}  {stands}{why}"))
    return found


def covered_pairs(workflow: Workflow, asked: SignatureAsked, naming: Naming) -> list[tuple[str, str]]:
    """Return what is signed, with titles: the fields that a step brings, or what an extension or a voiding says.

    A field may be called like a part of a deed (`amount`), so what is signed decides which of the two is meant. What
    is said stands first, in the order of the declaration; what stays empty is signed too, and stands last.
    """
    if is_deed(asked.step):
        return [(title, naming.veiled(words)) for title, words in _deed_pairs(workflow, asked.covers)]
    place = {name: at for at, name in enumerate(workflow.fields)}
    covered = sorted(asked.covers.items(), key=lambda each: (each[1] is None, place.get(each[0], len(place))))
    return [
        (
            str(workflow.fields[name].title) if name in workflow.fields else name,
            t("(empty)", "（空）")
            if value is None
            else naming.veiled(shown(workflow.fields[name], value, naming) if name in workflow.fields else str(value)),
        )
        for name, value in covered
    ]


def _deed_pairs(workflow: Workflow, covers: Values) -> list[tuple[str, str]]:
    """Return the parts of an extension or a voiding; a length is one part, its number with its unit."""
    length = covers.get("amount"), covers.get("unit")
    return [
        (str(DEED_PARTS.get(name, name)), _deed_value(workflow, name, value, length))
        for name, value in covers.items()
        if not (name == "unit" and length[0] is not None)
    ]


def _deed_value(workflow: Workflow, name: str, value: object, length: tuple[object, object]) -> str:
    """Return a part of an extension or a voiding in words."""
    amount, unit = length
    if name == "amount" and isinstance(amount, int) and isinstance(unit, str):
        return str(length_said(amount, unit))
    if name == "deadline" and value in workflow.deadlines:
        return str(workflow.deadlines[str(value)].title)
    if value is None:
        return t("(empty)", "（空）")
    return t("yes", "是") if value is True else t("no", "否") if value is False else str(value)


def signature_json(each: SeenSignature, naming: Naming) -> dict[str, object]:
    """Return a signature for scripts."""
    return {
        "field": each.field,
        "of": each.of,
        "step": each.step,
        "stands": each.stands,
        "on": each.on,
        "page": each.page,
        "proof": each.proof,
        "used": each.used,
        "reason": each.reason and naming.veiled(each.reason),
        "covers": {
            name: naming.veiled(value) if isinstance(value, str) else value for name, value in each.covers.items()
        },
    }


def standing_json(number: str, each: "StandingSignature") -> dict[str, object]:
    """Return a signature that stands, for scripts."""
    return {
        "case": number,
        "field": each.row.field,
        "of": each.row.officer,
        "step": each.asked.step,
        "asked_by": each.by,
        "covers": dict(each.asked.covers),
    }
