"""One channel's declaration, read as any other; what is a secret is found where it points, and never repeated."""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import unreadable
from engine.language import Text
from engine.reading.terms import Part
from engine.workflow.problems import Path as Place
from engine.workflow.problems import Problem, Where
from notifications.channels import Secret, Timeouts, trust
from notifications.posting import Route

ROUTE = ("proxy", "ca", "timeouts")
"""Keys of how an HTTP endpoint is reached."""
_SHORTEST = 0.01
_LONGEST = 60
"""Seconds: a claim does not hold for longer."""


@dataclass(kw_only=True, slots=True)
class SecretSources:
    """Where secrets are looked for, and which were not there."""

    folder: Path
    """Of the file; paths in it start from there."""
    environment: Mapping[str, str]
    missing: list[Problem] = field(default_factory=list)
    """No fault of the file, and no reason to hold up other channels."""


class ChannelPart(Part):
    """One mapping of the file of channels."""

    __slots__ = ("sources",)

    def __init__(
        self, plain: Mapping[str, object], path: Place, problems: list[Problem], where: Where, sources: SecretSources
    ) -> None:
        super().__init__(plain, path, problems, where)
        self.sources = sources

    def below(self, value: Mapping[str, object], *path: str | int) -> "ChannelPart":
        """Return a part of this one."""
        return ChannelPart(value, (*self.path, *path), self._problems, self._where, self.sources)

    def within(self, key: str) -> "ChannelPart | None":
        """Return the mapping under *key*."""
        found = self.part(key)
        return None if found is None else self.below(found.plain, key)

    def text(self, key: str) -> str | None:
        """Return a text of one line."""
        found = self.line(key)
        if found is None or found.isprintable():
            return found
        self.wrong(Text("write one line of text", "请写一行文字"), key)
        return None

    def words(self, key: str) -> tuple[str, ...]:
        """Return one word or several, numbers and truths as the text they would be in JSON."""
        found = self.plain.get(key)
        listed = [] if found is None else found if isinstance(found, list) else [found]
        if all(isinstance(word, str | int) for word in listed):
            return tuple(str(word).lower() if isinstance(word, bool) else str(word) for word in listed)
        self.wrong(Text("write a word or a list of words", "请写一个词或词的列表"), key)
        return ()

    def file(self, key: str) -> Path | None:
        """Return a path, starting from the file's folder."""
        found = self.text(key)
        return None if found is None else self.sources.folder / Path(found).expanduser()

    def authorities(self) -> Path | None:
        """Return the file of certificate authorities, if one is named and can be read as that."""
        found = self.file("ca")
        if found is None:
            return None
        try:
            trust(found)
        except OSError:
            sentence = Text("{file} holds no certificate that can be read", "{file} 中没有可读取的证书")
            self.wrong(sentence.format(file=found), "ca")
            return None
        return found

    def secret(self, key: str) -> Secret | None:
        """Return the secret under *key*."""
        given = self.plain.get(key)
        return None if given is None else self.secret_of(given, key)

    def secret_of(self, given: object, *place: str | int) -> Secret | None:
        """Return the secret that *given* points to; what was written there is never repeated."""
        match given:
            case {"env": str(name), **rest} if not rest:
                word = self.sources.environment.get(name, "")
                if not word:
                    sentence = Text("the environment has no {name}; set it", "环境变量 {name} 未设置；请设置")
                    self._miss(sentence.format(name=name), place)
                    return None
                return Secret(word)
            case {"file": str(name), **rest} if not rest:
                return self._secret_in(self.sources.folder / name, place)
            case _:
                sentence = Text("a secret does not stand in this file; write {how}", "密钥不得写在本文件中；请写 {how}")
                self.wrong(sentence.format(how="{env: NAME} / {file: path}"), *place)
                return None

    def secrets(self, key: str) -> tuple[Secret, ...]:
        """Return the secrets listed under *key*."""
        given = self.plain.get(key)
        if not isinstance(given, list) or not given:
            self.wrong(Text("write a list of secrets", "请写密钥的列表"), key)
            return ()
        found = [self.secret_of(each, key, place) for place, each in enumerate(given)]
        return tuple(each for each in found if each is not None)

    def networks(self, key: str) -> tuple[IPv4Network | IPv6Network, ...]:
        """Return the networks or single addresses listed under *key*."""
        try:
            return tuple(ip_network(each) for each in self.words(key))
        except ValueError:
            self.wrong(
                Text("write addresses such as 10.1.2.3 or 10.1.0.0/16", "请写如 10.1.2.3 或 10.1.0.0/16 的地址"), key
            )
            return ()

    def _secret_in(self, file: Path, place: Place) -> Secret | None:
        """Return the secret in *file*, if nobody but its owner can read it."""
        try:
            # Looked at after opening, so that what is checked is what is read.
            with file.open(encoding="utf-8") as stream:
                mode = os.fstat(stream.fileno()).st_mode
                word = stream.read().strip()
        except (OSError, UnicodeDecodeError) as error:
            self._miss(unreadable(str(file), error).sentence, place)
            return None
        # On Windows a list of names beside the file says who may read it, and these bits say nothing.
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            sentence = Text(
                "{file} can be read by others; run chmod 600 {file}",
                "{file} 可被他人读取；请运行 chmod 600 {file}",
            )
            self.wrong(sentence.format(file=file), *place)
            return None
        if not word:
            self._miss(Text("{file} is empty", "{file} 为空").format(file=file), place)
            return None
        return Secret(word)

    def _miss(self, sentence: Text, place: Iterable[str | int]) -> None:
        """Note that the secret at *place* is not there."""
        self.sources.missing.append(self._where.problem((*self.path, *place), sentence))

    def timeouts(self) -> Timeouts:
        """Return how long to wait, in seconds."""
        found, usual = self.part("timeouts"), Timeouts()
        if found is None:
            return usual
        found.only(("connect", "total"))
        return Timeouts(
            connect=found.number("connect", usual.connect, least=_SHORTEST, most=_LONGEST),
            total=found.number("total", usual.total, least=_SHORTEST, most=_LONGEST),
        )

    def route(self, name: str) -> Route:
        """Return how to reach an HTTP endpoint."""
        found = self.plain.get("proxy")
        openly = isinstance(found, str) and "@" not in found
        proxy = None if found is None else Secret(str(found)) if openly else self.secret("proxy")
        if proxy is not None and urlsplit(proxy.reveal()).scheme not in ("http", "https"):
            self.wrong(Text("must be http://… or https://…", "应为 http://… 或 https://…"), "proxy")
        return Route(name=name, ca=self.authorities(), proxy=proxy, timeouts=self.timeouts())

    def host(self, default: str) -> str:
        """Return the base address of a bot's service."""
        found = self.text("host") or default
        self.check_address("host", found)
        return found.rstrip("/")

    def address(self, key: str) -> Secret | None:
        """Return the address of an endpoint; it may be a secret, and is treated as one."""
        found = self.plain.get(key)
        if found is None:
            return None
        address = Secret(found.strip()) if isinstance(found, str) else self.secret(key)
        if address is not None:
            self.check_address(key, address.reveal())
        return address

    def check_address(self, key: str, address: str) -> None:
        """Complain of an address that is none, or that sends openly without saying so."""
        openly = self.flag("unencrypted", default=False)
        try:
            parts = urlsplit(address)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            sound = False
        if not sound or not address.isprintable() or " " in address:
            self.wrong(Text("must be https://…", "应为 https://…"), key)
        elif parts.scheme == "http" and not openly:
            sentence = Text(
                "http:// can be read on the way; use https:// or add unencrypted: true",
                "http:// 会在途中泄露内容；请用 https://，或声明 unencrypted: true",
            )
            self.wrong(sentence, key)
