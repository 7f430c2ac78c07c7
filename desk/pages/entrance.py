"""The entrance: logging in and out, and the language that is spoken."""

from dataclasses import replace
from datetime import datetime
from hmac import compare_digest
from secrets import token_bytes
from urllib.parse import quote

from desk.answers import Answer, DataGiven, GoTo, PageShown, is_ours
from desk.ceremonies import LogInBegun
from desk.desk_settings import DeskSettings
from desk.door import Door
from desk.guard import form_token
from desk.passkeys import answer_of
from desk.visit import PageRequest
from engine.errors import NotFoundError, RefusedError
from engine.journal.assertions import Passkey, base64url, is_answer
from engine.language import LANGUAGES, Text
from engine.operations.house.directory import acting_officers, roles_given
from engine.operations.identity.passkeys import log_in_by_sign_on
from engine.operations.ledger.ledger import Ledger

HOME = "/"


def to_log_in(asked: PageRequest, *, can_show: bool) -> GoTo:
    """Return the way to the entrance, from which one comes back to what was asked.

    Args:
        can_show: Whether what was asked for can be shown; else one comes back to the case that it is about.
    """
    back = asked.address if can_show else ""
    if not can_show and "number" in asked.path:
        back = f"/case/{quote(asked.path['number'], safe='')}"
    if not is_ours(back) or back == HOME:
        back = ""
    return GoTo(to="/login" + (f"?to={quote(back, safe='')}" if back else ""))


def entrance(asked: PageRequest, ledger: Ledger, _door: Door, settings: DeskSettings) -> Answer:
    """Show the form of the entrance."""
    return _form(asked, ledger, settings, status=200, wrong="")


def enter(asked: PageRequest, ledger: Ledger, door: Door, settings: DeskSettings) -> Answer:
    """Let an officer in; the session is a new one, whatever the browser held, and what it held ends."""
    now = settings.real_now()
    if asked.one("_begin"):
        begun = LogInBegun(challenge=token_bytes(32), origin=asked.origin)
        secret = door.ceremonies.begin(begun, now=now)
        return DataGiven(
            values={"nonce": secret, "challenge": base64url(begun.challenge), "host": asked.host, "keys": []}
        )
    try:
        if asked.one("chosen"):
            held = door.choose(ledger, asked.one("chosen"))
        elif asked.one("_nonce"):
            held = _by_passkey(asked, ledger, door, now)
        else:
            password = (asked.form.get("password") or ("",))[0]  # not stripped: a password may begin with a blank
            held = door.log_in(ledger, asked.one("officer"), password, source=asked.source, now=now)
    except RefusedError as refused:
        return _form(asked, ledger, settings, status=422, wrong=str(refused.sentence))
    door.log_out(ledger, asked.held, now=now)
    return _gone_on(asked, ledger, door, held, now)


def _by_passkey(asked: PageRequest, ledger: Ledger, door: Door, now: datetime) -> str:
    """Log an officer in who has shown a passkey.

    Raises:
        RefusedError: If it is none of an officer here, or it took too long.
    """
    begun = door.ceremonies.end(asked.one("_nonce"), LogInBegun, now=now)
    if begun is None:
        raise RefusedError(Text("that took too long; try again", "已超时，请重试"))
    found = answer_of(asked.form)

    def is_by(passkey: Passkey) -> bool:
        return is_answer(passkey, begun.challenge, found, origin=begun.origin)

    return door.log_in_by_passkey(ledger, asked.one("_id"), is_by, source=asked.source, now=now)


def _gone_on(asked: PageRequest, ledger: Ledger, door: Door, held: str, now: datetime) -> Answer:
    """Return the way on for who is in by now: to what they wanted, or to the form that they had filled in."""
    kept = door.forms.opened(asked.one("_kept"), now=now) if asked.one("_kept") else None
    if kept is not None and kept.officer in {"", door.who(ledger, held, now=now)}:
        values = {"to": kept.address, "kept": asked.one("_kept"), "token": form_token(held)}
        return PageShown(template="go_on.html", values=values, session=held)
    back = asked.one("to")
    return GoTo(to=back if is_ours(back) else HOME, session=held)


def go_out(asked: PageRequest, ledger: Ledger, door: Door, settings: DeskSettings) -> Answer:
    """Send a browser to the house's single sign-on."""
    from desk.single_sign_on import sent_out

    if settings.sign_on is None:
        raise NotFoundError(Text("there is no single sign-on here", "本系统未启用统一登录"))
    back = asked.one("to") if is_ours(asked.one("to")) else HOME
    try:
        return sent_out(settings.sign_on, door.ceremonies, origin=asked.origin, to=back, now=settings.real_now())
    except RefusedError as refused:
        return _form(asked, ledger, settings, status=422, wrong=str(refused.sentence))


def come_back(asked: PageRequest, ledger: Ledger, door: Door, settings: DeskSettings) -> Answer:
    """Let in who comes back from the house's single sign-on, if it is an officer's account."""
    from desk.single_sign_on import subject_of

    sign_on, now = settings.sign_on, settings.real_now()
    if sign_on is None:
        raise NotFoundError(Text("there is no single sign-on here", "本系统未启用统一登录"))
    try:
        subject, back = subject_of(
            sign_on,
            door.ceremonies,
            origin=asked.origin,
            state=asked.one("state"),
            kept=asked.going_out,
            code=asked.one("code"),
            now=now,
        )
        held = log_in_by_sign_on(ledger, sign_on.issuer, subject, now=now)
    except RefusedError as refused:
        return _form(replace(asked, query={}), ledger, settings, status=422, wrong=str(refused.sentence))
    door.log_out(ledger, asked.held, now=now)
    return GoTo(to=back, session=held)


def log_in_again(asked: PageRequest, ledger: Ledger, door: Door, settings: DeskSettings, *, is_part: bool) -> Answer:
    """Show the entrance to who sent a form when their session had ended; the form goes along, locked.

    Args:
        is_part: A script asked, for a part of a page.
    """
    officer = door.once(ledger, asked.held)
    own = compare_digest(asked.one("_token").encode(), form_token(asked.held).encode())
    if officer is None or not own or not is_ours(asked.address):  # it comes from no page of that session
        return to_log_in(asked, can_show=False)
    if is_part:
        words = Text(
            "your log-in has ended; press the button all the same and log in again: nothing typed is lost",
            "登录已失效；请照常提交并重新登录，已填内容不会丢失",
        )
        return PageShown(template="check.html", values={"understood": [], "wrong": [words]}, status=401)
    locked = door.forms.locked(officer, asked.address, asked.form, now=settings.real_now())
    lost = bool(asked.files) or not locked
    again = replace(asked, form={"_kept": (locked,), "officer": (officer,)}, query={})
    return _form(again, ledger, settings, status=401, wrong="", has_ended=True, lost=lost)


def leave(asked: PageRequest, ledger: Ledger, door: Door, settings: DeskSettings) -> Answer:
    """Let an officer out."""
    door.log_out(ledger, asked.held, now=settings.real_now())
    return GoTo(to="/login", session="")


def speak(asked: PageRequest, _ledger: Ledger, _door: Door, _settings: DeskSettings) -> Answer:
    """Speak another language from now on."""
    wanted = next((each for each in LANGUAGES if each == asked.one("language")), asked.language)
    back = asked.one("to")
    return GoTo(to=back if is_ours(back) else HOME, language=wanted)


def _form(
    asked: PageRequest,
    ledger: Ledger,
    settings: DeskSettings,
    *,
    status: int,
    wrong: str,
    has_ended: bool = False,
    lost: bool = False,
) -> PageShown:
    """Return the form, with what was typed but for the password.

    Args:
        has_ended: A session has ended under a form that was sent.
        lost: Files that came with it, or all of it, must be given again.
    """
    chosen = []
    if ledger.is_rehearsal:
        titles, given = ledger.workflows.roles(), roles_given(ledger)
        for each in acting_officers(ledger):
            roles = [str(titles.get(role, role)) for role, _ in given.get(each.code, ())]
            chosen.append((each.code, each.name, list(dict.fromkeys(roles))))
    values = {
        "wrong": wrong,
        "officer": asked.one("officer"),
        "to": asked.one("to") if is_ours(asked.one("to")) else "",
        "chosen": chosen,
        "kept": asked.one("_kept"),
        "has_ended": has_ended or bool(asked.one("_kept")),
        "lost": lost,
        "sign_on": None if settings.sign_on is None else settings.sign_on.title,
    }
    return PageShown(template="entrance.html", values=values, status=status)
