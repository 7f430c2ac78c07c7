"""The officer's own password and log-ins: the one is changed, the others are seen and ended."""

from collections.abc import Mapping

from desk.answers import GoTo
from desk.ceremonies import PATIENCE
from desk.door import LONGEST_PASSWORD
from desk.signing import refuse_unsigned, ways_to_sign
from desk.visit import Visit, whole_number
from engine.errors import BadValueError, RefusedError
from engine.journal.assertions import passkey_kept
from engine.language import Text, t
from engine.operations.house.directory import names_known
from engine.operations.identity.credentials import credentials, set_password
from engine.operations.identity.logging_in import (
    begin_log_in,
    end_other_log_ins,
    end_own_log_in,
    log_ins,
    logged_in_at,
    shown_by_session,
)
from engine.operations.identity.passphrases import refuse_guessable
from engine.operations.identity.ways import PASSKEY
from engine.working_days.instants import microseconds
from presentation.case_view import when
from presentation.house_words import WAYS

DONE: Mapping[str, Text] = {
    "password": Text(
        "Your password is changed; you stay logged in here, and nowhere else.",
        "口令已更改；本处保持登录，其他登录均已结束。",
    ),
    "ended": Text("Ended.", "已结束。"),
}
"""What is said of what was done, by how the address calls it."""


def refuse_long_open(visit: Visit) -> None:
    """Refuse a session that was not begun just now, where no password could be typed again.

    Raises:
        RefusedError: If so.
    """
    evidence = visit.ledger.evidence
    begun = None if evidence is None else logged_in_at(visit.ledger, evidence.seq)
    if begun is None or visit.settings.real_now() - begun > PATIENCE:
        raise RefusedError(
            Text(
                "log out, log in again, and do this within five minutes",
                "请退出后重新登录，并在五分钟内办理",
            )
        )


def change_password(visit: Visit) -> GoTo:
    """Set a new password once the old one was typed; all else by which somebody is in as the officer ends.

    Raises:
        RefusedError: If the old one is wrong or must wait, or nothing shows who asks.
        BadValueError: If the new one is too short or too long, too easily guessed, or was not typed twice alike.
    """
    ledger, asked, now = visit.ledger, visit.asked, visit.settings.real_now()
    if ledger.is_rehearsal:
        raise RefusedError(Text("nobody has a password in a rehearsal", "演练台账不设口令"))
    new, again = ((asked.form.get(each) or ("",))[0] for each in ("_new", "_again"))  # not stripped
    if ways_to_sign(visit).password:
        refuse_unsigned(visit)
    else:
        refuse_long_open(visit)
    if len(new) > LONGEST_PASSWORD:
        raise BadValueError(
            Text(
                f"a password has at most {LONGEST_PASSWORD} characters; choose a shorter one",
                f"口令最多 {LONGEST_PASSWORD} 个字符，请另设较短的口令",
            )
        )
    if new != again:
        raise BadValueError(Text("type the new password twice, the same", "两次输入的新口令不一致"))
    refuse_guessable(new, names_known(ledger))
    made = set_password(visit.acting, visit.officer, new, keeps_tokens=asked.one("_keep_tokens") == "yes")
    held, _ = begin_log_in(ledger, visit.officer, made, now)
    return GoTo(to="/keys?done=password", session=held)


def end_log_ins(visit: Visit) -> GoTo:
    """End one of the officer's log-ins, or all but this one.

    Raises:
        NotFoundError: If there is no such log-in.
        BadValueError: If what was sent is no number.
    """
    which, now = visit.asked.one("_end"), visit.settings.real_now()
    if which == "others":
        end_other_log_ins(visit.acting, _own(visit), now=now)
    else:
        end_own_log_in(visit.acting, whole_number(which, least=1, most=999_999_999), now=now)
    return GoTo(to="/keys?done=ended")


def log_ins_shown(visit: Visit) -> list[Mapping[str, object]]:
    """Return the officer's log-ins as they are shown, this one first."""
    ledger, own = visit.ledger, _own(visit)
    known = {each.seq: each for each in credentials(ledger, visit.officer)}
    found: list[Mapping[str, object]] = []
    for each in log_ins(ledger, visit.officer, now=visit.settings.real_now()):
        by = known[each.credential]
        name = passkey_kept(by.kept).name if by.way == PASSKEY else ""
        since = logged_in_at(ledger, each.seq)
        found.append(
            {
                "number": each.seq,
                "by": str(WAYS[by.way]) + (t(" ({name})", "（{name}）", name=name) if name else ""),
                "since": "" if since is None else when(ledger, microseconds(since)),
                "seen": when(ledger, each.seen_at),
                "is_this": each.seq == own,
            }
        )
    return sorted(found, key=lambda each: not each["is_this"])


def _own(visit: Visit) -> int | None:
    """Return the row that tells of the log-in by which this request came; None in a rehearsal."""
    found = shown_by_session(visit.ledger, visit.asked.held, now=visit.settings.real_now())
    return None if found is None else found.seq
