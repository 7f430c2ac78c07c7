"""What is demanded of an officer before anything is written in their name: by the house, and by each role they have."""

from typing import TYPE_CHECKING, Final

from engine.errors import RefusedError
from engine.journal.house_events import LedgerRestored, LedgerUpgraded, LoggedIn, LoggedOut, OriginBegun
from engine.language import Text
from engine.store import house_rows as house
from engine.workflow.proofs import PROOFS, Proof

if TYPE_CHECKING:
    from engine.operations.ledger.ledger import Ledger

EXEMPT: Final = frozenset({LoggedIn.kind, LoggedOut.kind, LedgerRestored.kind, LedgerUpgraded.kind, OriginBegun.kind})
"""Kinds of rows that may be written without the proof that is demanded: what shows it, and what comes before it."""


def least_in(ledger: "Ledger") -> Proof:
    """Return by what officers must at least be known as soon as there are two; a rehearsal takes a typed name."""
    if ledger.is_rehearsal:
        return Proof.ASSERTED
    return PROOFS.get(str(ledger.settings.get("proof") or ""), Proof.ASSERTED)


def signed_in_person(ledger: "Ledger") -> bool:
    """Say whether a signature is given by its officer: where a name is no longer just typed, nor is a signature."""
    return least_in(ledger) > Proof.ASSERTED and _several(ledger)


def demanded_of(ledger: "Ledger", code: str) -> Proof:
    """Return by what an officer must be known, by the word of the house and of each role they have."""
    if ledger.is_rehearsal:
        return Proof.ASSERTED
    given = house.roles_of(ledger.store, code)
    if given is None:  # the program itself, or one whom other rules refuse
        return Proof.ASSERTED
    least = least_in(ledger)
    if least and not _several(ledger):
        least = Proof.ASSERTED
    declared = ledger.workflows.declared_roles()
    return max([least, *(declared[role].proof for role, _ in given if role in declared)])


def shown_by(ledger: "Ledger", code: str) -> Proof:
    """Return by what an officer is known in this run."""
    evidence = ledger.evidence
    return evidence.proof if evidence is not None and evidence.officer == code else Proof.ASSERTED


def refuse_unproven(ledger: "Ledger", code: str) -> None:
    """Refuse an officer who is known by less than is demanded.

    Raises:
        RefusedError: If so; it says what to do.
    """
    wanted, shown = demanded_of(ledger, code), shown_by(ledger, code)
    if shown < wanted:
        raise unproven(code, wanted, shown)


def refuse_company(ledger: "Ledger", code: str) -> None:
    """Refuse an officer who registers another, and could then not act any more.

    Raises:
        RefusedError: If two would have to be known by more than this one is.
    """
    least = least_in(ledger)
    if shown_by(ledger, code) < least:
        raise RefusedError(
            Text(
                "{by} is known by a typed name, and two officers must be known by more; first set a password: qingling"
                " credential password, then log in: qingling login {by}",
                "{by} 目前仅填写姓名；有两名以上人员时须验证身份。请先设口令：qingling credential password，"
                "再登录：qingling login {by}",
            ).format(by=code)
        )


def unproven(code: str, wanted: Proof, shown: Proof) -> RefusedError:
    """Return the refusal of an officer who is known by less than is demanded."""
    way = _WAYS[wanted].format(by=code)
    return RefusedError(
        Text(
            "{by} is known by {shown}, and at least {wanted} is demanded here; {way_en}",
            "{by} 目前的身份凭据为{shown}，此处至少须为{wanted}；{way_zh}",
        ).format(by=code, shown=shown.title, wanted=wanted.title, way_en=way.en, way_zh=way.zh)
    )


def _several(ledger: "Ledger") -> bool:
    """Say whether more than one officer acts."""
    return sum(each.left_at is None for each in house.officers(ledger.store)) > 1


_LOG_IN: Final = Text("log in: qingling login {by}", "请先登录：qingling login {by}")
_WAYS: Final = {
    Proof.ASSERTED: _LOG_IN,
    Proof.OS_ACCOUNT: _LOG_IN,
    Proof.SESSION: _LOG_IN,
    Proof.CONFIRMED: _LOG_IN,
    Proof.SIGNATURE: Text(
        "name the file of your key: set QINGLING_SIGNING_KEY", "请指明签名密钥文件：设置 QINGLING_SIGNING_KEY"
    ),
}
"""What to do to be known by each."""
