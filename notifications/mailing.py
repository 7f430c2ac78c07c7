"""E-mail by SMTP: one connection per message, plain, STARTTLS or SSL, with or without a login."""

import base64
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Literal

from engine.language import Text
from notifications.channels import PATIENCE, ConversationLimit, Secret, Timeouts, quoted, said, trust, unreachable
from notifications.messages import Delivered, Delivery, Message, Refused, RetryLater

Security = Literal["none", "starttls", "ssl"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MailChannel:
    """A mail server that takes our messages."""

    name: str
    host: str
    port: int
    security: Security
    sender: str
    """An address, with or without a name before it."""
    user: str | None = None
    password: Secret | None = None
    ca: Path | None = None
    timeouts: Timeouts = PATIENCE

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:
        """Send *message*; a message the server has accepted is delivered, whatever it does afterwards."""
        try:
            letter = letter_of(message, sender=self.sender, address=address, now=now)
        except (ValueError, MessageError):
            sentence = Text("{name}: not an address mail can be sent to", "{name}：这不是可用的邮件地址")
            return Refused(reason=sentence.format(name=self.name))
        with ConversationLimit(self.timeouts.total) as watch:
            try:
                return self._send(letter, watch)
            except smtplib.SMTPException as error:
                # smtplib says of a socket's own time-out that the server has disconnected.
                expired = watch.expired or isinstance(error.__context__, TimeoutError)
                if expired or not isinstance(error, smtplib.SMTPResponseException):
                    return self._broken_off(error, expired=expired)
                return self._answered(error.smtp_code, error.smtp_error, down=error.smtp_code < 0)
            except OSError as error:
                cause = TimeoutError() if watch.expired else error
                return RetryLater(
                    reason=said(unreachable(self._where, cause, self.timeouts), self._secrets),
                    channel_down=True,
                )

    def _send(self, letter: EmailMessage, watch: ConversationLimit) -> Delivery:
        """Go through the conversation; what the server says no to is returned or raised."""
        connection = socket.create_connection((self.host, self.port), timeout=self.timeouts.connect)
        try:
            connection.settimeout(self.timeouts.total)
            watch.over(connection)
            if self.security == "ssl":
                connection = trust(self.ca).wrap_socket(connection, server_hostname=self.host)
            session = _Session(connection, self.host, self.port)
        except BaseException:
            connection.close()
            raise
        try:
            session.ehlo_or_helo_if_needed()
            if self.security == "starttls":
                session.starttls(context=trust(self.ca))
                session.ehlo_or_helo_if_needed()
            if self.user is not None and self.password is not None:
                refusal = self._login(session, self.user, self.password)
                if refusal is not None:
                    return refusal
            return self._hand_over(session, letter)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                session.close()

    def _login(self, session: smtplib.SMTP, user: str, password: Secret) -> RetryLater | None:
        """Log in; a login that fails speaks against the channel and not against the message."""
        word = password.reveal()
        try:
            if f"{user}{word}".isascii():
                session.login(user, word)
            else:
                _login_beyond_ascii(session, user, word)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError):
            sentence = Text(
                "{where}: the login was refused; check user and password",
                "{where}：登录被拒绝；请检查用户名和密码",
            )
            return RetryLater(reason=sentence.format(where=self._where), channel_down=True)
        return None

    def _hand_over(self, session: smtplib.SMTP, letter: EmailMessage) -> Delivery:
        """Hand the letter over; from the server's yes on nothing can undo the delivery."""
        try:
            session.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            return self._answered(code, words, down=False)
        except (smtplib.SMTPNotSupportedError, UnicodeError):
            sentence = Text(
                "{where}: cannot send to an address with such letters",
                "{where}：服务器不支持含此类字符的邮件地址",
            )
            return Refused(reason=sentence.format(where=self._where))
        # A server that hangs at the goodbye must not make us send the message again.
        if session.sock is not None:
            session.sock.settimeout(min(1.0, self.timeouts.connect))
        with suppress(OSError, smtplib.SMTPException):
            session.quit()
        return Delivered(receipt=str(letter["Message-ID"]))

    def _answered(self, code: int, words: bytes | str, *, down: bool) -> Delivery:
        """Return what an SMTP reply means: 5xx is no, anything else is not now."""
        spoken = words.decode(errors="replace") if isinstance(words, bytes) else words
        what = quoted(spoken, self._secrets)
        if 500 <= code <= 599:
            sentence = Text("{where}: refused with {code} {what}", "{where}：拒收，{code} {what}")
            return Refused(reason=sentence.format(where=self._where, code=code, what=what))
        if down or not 400 <= code <= 499:
            sentence = Text("{where}: an answer that is not SMTP", "{where}：应答不符合 SMTP 协议")
            return RetryLater(reason=sentence.format(where=self._where), channel_down=True)
        sentence = Text("{where}: not now, {code} {what}", "{where}：暂时不收，{code} {what}")
        reason = sentence.format(where=self._where, code=code, what=what)
        return RetryLater(reason=reason, channel_down=code == 421)

    def _broken_off(self, error: smtplib.SMTPException, *, expired: bool) -> RetryLater:
        """Return what to say of a conversation that ended too early."""
        if expired:
            reason = unreachable(self._where, TimeoutError(), self.timeouts)
        elif isinstance(error, smtplib.SMTPNotSupportedError):
            sentence = Text(
                "{where}: offers no STARTTLS; check port and security",
                "{where}：服务器不支持 STARTTLS；请检查端口和加密方式",
            )
            reason = sentence.format(where=self._where)
        else:
            sentence = Text("{where}: closed the connection midway", "{where}：对方中途断开连接")
            reason = sentence.format(where=self._where)
        return RetryLater(reason=reason, channel_down=True)

    @property
    def _where(self) -> str:
        """Return the channel and its server, as people know them."""
        return f"{self.name} ({self.host}:{self.port})"

    @property
    def _secrets(self) -> tuple[Secret, ...]:
        """Return what must not be repeated."""
        return () if self.password is None else (self.password,)


def letter_of(message: Message, *, sender: str, address: str, now: datetime) -> EmailMessage:
    """Return *message* as a letter from *sender* to *address*, dated *now*.

    Raises:
        ValueError: An address is none.
    """
    letter = EmailMessage(policy=SMTP)
    name, sending = parseaddr(sender)
    letter["From"] = _address(name, sending)
    letter["To"] = _address(message.to, address)
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = f"<{message.message_id}@{sending.rpartition('@')[2]}>"
    # Absence notes and bounces must not answer a reminder, or two programs talk for ever.
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    letter["Content-Language"] = message.language
    letter.set_content(message.text, charset="utf-8")
    if message.html is not None:
        letter.add_alternative(message.html, subtype="html", charset="utf-8")
    for attachment in message.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        letter.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=attachment.name)
    return letter


def _address(name: str, address: str) -> Address:
    """Return one address with its name; refuses anything that could smuggle in a second one."""
    if not address.isprintable() or address.count("@") != 1 or any(sign in address for sign in ' ,;<>"'):
        raise ValueError
    user, _, domain = address.partition("@")
    if not user or not domain:
        raise ValueError
    return Address(display_name=" ".join(name.split()), username=user, domain=domain)


def _login_beyond_ascii(session: smtplib.SMTP, user: str, word: str) -> None:
    """Log in with letters that smtplib's own login cannot say: AUTH PLAIN in UTF-8 (RFC 4616)."""
    response = base64.b64encode(f"\0{user}\0{word}".encode()).decode()
    code, words = session.docmd("AUTH", f"PLAIN {response}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, words)


class _Session(smtplib.SMTP):
    """An SMTP conversation over a connection that is already there and watched."""

    def __init__(self, connection: socket.socket | ssl.SSLSocket, host: str, port: int) -> None:
        self._given = connection
        super().__init__(host, port, local_hostname="qingling")

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - smtplib's
        return self._given
