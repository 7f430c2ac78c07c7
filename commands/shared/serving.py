"""How the desk is opened: where it may listen, and by which clock and ledger it goes."""

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

from commands.console.context import AppContext, known_files_folder
from commands.console.environment import LISTEN_FDS, LISTEN_PID, variable
from commands.console.output import talk
from commands.shared.custody import known_key_path
from commands.shared.desk_tools import house_tools
from commands.shared.journal_notes import known_journal_key
from commands.shared.watching import Watchman
from engine.errors import BadFileError, BadValueError, RefusedError, system_reason
from engine.language import Text, language, t
from engine.workflow.frozen_struct import FrozenStruct

if TYPE_CHECKING:
    from desk.desk_settings import DeskSettings, SignOn

HERE: Final = "127.0.0.1:8080"
"""Where a desk for one PC listens."""
SWEEPS: Final = timedelta(minutes=5)
"""Between two sweeps of a watch that the desk keeps."""
BACKUPS: Final = 30
"""How many of its daily backups are kept."""
_FIRST_HANDED: Final = 3
"""The number of the first descriptor that systemd hands on."""


class DeskAsked(FrozenStruct, frozen=True, kw_only=True):
    """What was asked for, as it was typed."""

    listen: str = HERE
    certificate: Path | None = None
    certificate_key: Path | None = None
    proxy: str | None = None
    names: tuple[str, ...] = ()
    sign_on: Path | None = None
    """The file of the house's single sign-on."""
    with_run: bool = False
    """Keep the watch as well."""
    folder: Path | None = None
    """Where the watch backs up daily."""


def open_desk(app: AppContext, asked: DeskAsked) -> None:
    """Serve the desk until it is stopped.

    Raises:
        BadValueError: If passwords would go over a network in clear.
        RefusedError: If the clock is set by hand, and the ledger is not for rehearsal.
    """
    from desk.server import Listening, serve

    handed = _handed_on()
    host, port = _place(asked.listen) if handed is None else handed.getsockname()[:2]
    _refuse_open_doors(asked, host)
    settings = _settings(app, asked)
    listening_at = handed or _bound(asked.listen, host, port)
    shown = asked.names[0] if asked.names else "localhost"  # a passkey hangs on a name, which an address is not
    talk(
        t(
            "the desk is open: {scheme}://{place}/ - stop with Ctrl-C",
            "已启动，请在浏览器打开 {scheme}://{place}/，按 Ctrl-C 停止",
            scheme="https" if settings.is_secure else "http",
            place=shown if asked.proxy else f"{shown}:{port}",
        )
    )
    listening = Listening(
        socket=listening_at,
        certificate=asked.certificate,
        certificate_key=asked.certificate_key,
        proxy=asked.proxy,
    )
    with _watch_kept(app, asked):
        serve(settings, listening)


@contextmanager
def _watch_kept(app: AppContext, asked: DeskAsked) -> Iterator[None]:
    """Keep the watch while the block lasts, if that is asked for."""
    if not asked.with_run:
        yield
        return
    from engine.operations.ledger.need_to_know import refuse_unless_all_seen

    refuse_unless_all_seen(app.ledger)
    watch = Watchman(app, folder=asked.folder, keep=BACKUPS)
    thread = Thread(target=watch.keep, kwargs={"every": SWEEPS}, name="watch")
    thread.start()
    try:
        yield
    finally:
        watch.stopping.set()
        thread.join()


def _handed_on() -> socket.socket | None:
    """Return the socket that systemd holds for the desk, so that nobody is refused while one gives way to the next.

    Raises:
        BadValueError: If it is none that browsers reach, or there are several.
    """
    if variable(LISTEN_PID) != str(os.getpid()):
        return None
    found = socket.socket(fileno=_FIRST_HANDED) if variable(LISTEN_FDS) == "1" else None
    if found is None or found.family not in (socket.AF_INET, socket.AF_INET6):
        raise BadValueError(
            Text(
                "the .socket unit must hand on one socket, of an address and a port: ListenStream=127.0.0.1:8080",
                ".socket 单元须只传递一个地址加端口的套接字：ListenStream=127.0.0.1:8080",
            )
        )
    return found


def _bound(listen: str, host: str, port: int) -> socket.socket:
    """Return the socket on which to listen.

    Raises:
        BadValueError: If another program has the port, or there is no such address here.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = system_reason(error)
        raise BadValueError(
            Text(
                f"--listen {listen}: cannot listen there ({why.en}); name another port",
                f"--listen {listen}：无法在此监听（{why.zh}）；请换一个端口",
            )
        ) from error


def _settings(app: AppContext, asked: DeskAsked) -> "DeskSettings":
    """Return what the desk is started with.

    Raises:
        RefusedError: If the clock is set by hand, and the ledger is not for rehearsal.
    """
    from desk.desk_settings import LOOPBACK, DeskSettings
    from engine.operations.ledger.access import open_ledger
    from engine.operations.ledger.ledger import Ledger
    from engine.operations.ledger.machine_clock import clock_doubt
    from workflows.adopted_book import AdoptedDeclarations

    ledger, begun = app.ledger, app.clock_now
    ahead = app.now - begun if app.clock_set_by_hand else timedelta(0)
    if app.clock_set_by_hand and not ledger.is_rehearsal:
        raise RefusedError(
            Text(
                "the desk goes by the clock; only that of a rehearsal takes --now",
                "浏览器端按实际时间办理，仅演练台账可用 --now",
            )
        )
    doubt = None if ledger.opened_at is not None or ledger.is_rehearsal else clock_doubt(ledger, begun)
    if doubt is not None:
        talk(doubt)

    def opened() -> Ledger:
        return open_ledger(app.database, AdoptedDeclarations, real_now=None)

    return DeskSettings(
        open_ledger=opened,
        now=lambda: app.clock_now + ahead,
        real_now=lambda: app.clock_now,
        is_hand_clock=app.clock_set_by_hand,
        files=known_files_folder(app.database),
        journal_key=known_journal_key(app.database),
        custodian_key=known_key_path(app.database),
        is_secure=asked.certificate is not None or asked.proxy is not None,
        sign_on=_sign_on(asked.sign_on),
        names=frozenset(each.lower() for each in asked.names) or LOOPBACK,
        language=language(),
        tools=house_tools(app),
    )


def _sign_on(file: Path | None) -> "SignOn | None":
    """Return the house's single sign-on as a file declares it; None if there is none.

    Raises:
        BadFileError: If the file, or the secret that it names, cannot be read, or something is missing in it.
    """
    if file is None:
        return None
    from importlib.util import find_spec

    from yaml import YAMLError, safe_load

    from desk.desk_settings import SignOn

    try:
        said = safe_load(file.read_text("utf-8"))
        secret = (file.parent / str(said["client_secret_file"])).read_text("utf-8").strip()
        found = SignOn(
            issuer=str(said["issuer"]),
            client_id=str(said["client_id"]),
            client_secret=secret,
            title=str(said.get("title", "SSO")),
        )
    except (OSError, UnicodeError, YAMLError, KeyError, TypeError, AttributeError) as error:
        raise BadFileError(
            Text(
                f"--sign-on {file}: a YAML file with issuer, client_id and client_secret_file is needed",
                f"--sign-on {file}：须为写明 issuer、client_id、client_secret_file 的 YAML 文件",
            )
        ) from error
    if find_spec("authlib") is None:
        raise BadFileError(
            Text(
                "--sign-on needs the library authlib: pip install 'qingling[oidc]'",
                "--sign-on 须安装 authlib：pip install 'qingling[oidc]'",
            )
        )
    return found


def _place(listen: str) -> tuple[str, int]:
    """Return host and port that `--listen` names.

    Raises:
        BadValueError: If it names none.
    """
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
        raise BadValueError(
            Text(
                f"--listen {listen}: write an address and a port, such as {HERE}",
                f"--listen {listen}：请写地址和端口，如 {HERE}",
            )
        )
    return host.strip("[]"), int(port)


def _refuse_open_doors(asked: DeskAsked, host: str) -> None:
    """Refuse to let passwords go over a network in clear.

    Raises:
        BadValueError: If so, or a certificate has no key, or browsers would not be known by a name.
    """
    if (asked.certificate is None) != (asked.certificate_key is None):
        raise BadValueError(
            Text("--certificate and --certificate-key go together", "--certificate 与 --certificate-key 须同时给出")
        )
    if asked.certificate is None and asked.proxy is None:
        if is_loopback(host):
            return
        raise BadValueError(
            Text(
                f"--listen {asked.listen} is open to a network, where passwords would go in clear: add --certificate"
                " and --certificate-key, or name the proxy that has one (--proxy)",
                f"--listen {asked.listen} 对网络开放，口令会以明文传输：请加 --certificate 和 --certificate-key，"
                "或用 --proxy 指明提供证书的代理服务器",
            )
        )
    if not asked.names:
        raise BadValueError(
            Text("say under which name browsers come: --name HOST", "请写明浏览器访问所用的主机名：--name 主机名")
        )
    _refuse_certificate(asked)


def _refuse_certificate(asked: DeskAsked) -> None:
    """Refuse a certificate with which browsers could not be served.

    Raises:
        BadFileError: If it or its key cannot be read, is none, or they do not belong together.
    """
    certificate, key = asked.certificate, asked.certificate_key
    if certificate is None or key is None:
        return
    try:
        # An empty passphrase, else the person who starts the desk would be asked for one.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except ssl.SSLError:
        raise BadFileError(
            Text(
                f"{certificate} is no certificate (PEM), or {key} is not its private key without a passphrase",
                f"{certificate} 不是 PEM 格式的证书，或 {key} 不是与其配对、未加口令的私钥",
            )
        ) from None
    except OSError as error:
        reason = system_reason(error)
        raise BadFileError(
            Text(
                f"{certificate} or {key} cannot be read ({reason.en})",
                f"{certificate} 或 {key} 无法读取（{reason.zh}）",
            )
        ) from None


def is_loopback(host: str) -> bool:
    """Say whether only this machine itself reaches a host."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
