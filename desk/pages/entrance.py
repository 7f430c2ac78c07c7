"""The entrance: logging in and out, and the language that is spoken."""

from urllib.parse import quote

from desk.answers import Answer, GoTo, PageShown, is_ours
from desk.desk_settings import DeskSettings
from desk.door import Door
from desk.visit import PageRequest
from engine.errors import RefusedError
from engine.language import LANGUAGES
from engine.operations.house.directory import acting_officers, roles_given
from engine.operations.ledger.ledger import Ledger

HOME = "/"


def to_log_in(asked: PageRequest) -> GoTo:
    """Return the way to the entrance, from which one comes back to what was asked."""
    back = asked.address if is_ours(asked.address) and asked.address != HOME else ""
    return GoTo(to="/login" + (f"?to={quote(back, safe='')}" if back else ""))


def entrance(asked: PageRequest, ledger: Ledger, _door: Door, _settings: DeskSettings) -> Answer:
    """Show the form of the entrance."""
    return _form(asked, ledger, status=200, wrong="")


def enter(asked: PageRequest, ledger: Ledger, door: Door, settings: DeskSettings) -> Answer:
    """Let an officer in; the session is a new one, whatever the browser held."""
    now = settings.real_now()
    try:
        if asked.one("chosen"):
            held = door.choose(ledger, asked.one("chosen"))
        else:
            password = (asked.form.get("password") or ("",))[0]  # not stripped: a password may begin with a blank
            held = door.log_in(ledger, asked.one("officer"), password, source=asked.source, now=now)
    except RefusedError as refused:
        return _form(asked, ledger, status=422, wrong=str(refused.sentence))
    back = asked.one("to")
    return GoTo(to=back if is_ours(back) else HOME, session=held)


def leave(asked: PageRequest, ledger: Ledger, door: Door, settings: DeskSettings) -> Answer:
    """Let an officer out."""
    door.log_out(ledger, asked.held, now=settings.real_now())
    return GoTo(to="/login", session="")


def speak(asked: PageRequest, _ledger: Ledger, _door: Door, _settings: DeskSettings) -> Answer:
    """Speak another language from now on."""
    wanted = next((each for each in LANGUAGES if each == asked.one("language")), asked.language)
    back = asked.one("to")
    return GoTo(to=back if is_ours(back) else HOME, language=wanted)


def _form(asked: PageRequest, ledger: Ledger, *, status: int, wrong: str) -> PageShown:
    """Return the form, with what was typed but for the password."""
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
    }
    return PageShown(template="entrance.html", values=values, status=status)
