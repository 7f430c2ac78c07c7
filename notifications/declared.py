"""A YAML file read key by key, every problem noted with its line, no secret ever repeated."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import yaml

from engine.language import Text
from notifications.channels import Secret, Timeouts, trust
from notifications.posting import Route

Place = tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class Reading:
    """One reading of the file: its lines, and the problems found so far."""

    path: Path
    environment: Mapping[str, str]
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Text] = field(default_factory=list)
    missing: list[Text] = field(default_factory=list)
    """Secrets that are not there: no fault of the file, and no reason to hold up other channels."""

    def complain(self, place: Place, sentence: Text) -> None:
        """Note what is wrong at *place*."""
        self.problems.append(self._placed(place, sentence))

    def miss(self, place: Place, sentence: Text) -> None:
        """Note that the secret at *place* is not there."""
        self.missing.append(self._placed(place, sentence))

    def _placed(self, place: Place, sentence: Text) -> Text:
        """Return *sentence* with where it holds."""
        known = next((self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines), 1)
        where = f"{self.path}:{known}: {'.'.join(place)}" if place else f"{self.path}:{known}"
        return Text(f"{where}: {sentence.en}", f"{where}：{sentence.zh}")

    def mapping(self, given: object, place: Place) -> dict[str, object]:
        """Return *given* as a mapping with text keys; an empty one if it is none."""
        if isinstance(given, dict) and all(isinstance(key, str) for key in given):
            return cast("dict[str, object]", given)
        if given is not None:
            self.complain(place, Text("must be a mapping `name: value`", "应为“名称: 值”的映射"))
        return {}

    def secret(self, given: object, place: Place) -> Secret | None:
        """Return the secret that *given* points to; what was written there is never repeated."""
        match given:
            case {"env": str(name), **rest} if not rest:
                word = self.environment.get(name, "")
                if not word:
                    sentence = Text("the environment has no {name}; set it", "环境变量 {name} 未设置；请设置")
                    self.miss(place, sentence.format(name=name))
                    return None
                return Secret(word)
            case {"file": str(name), **rest} if not rest:
                return self._secret_in(self.path.parent / name, place)
            case _:
                sentence = Text("a secret does not stand in this file; write {how}", "密钥不得写在本文件中；请写 {how}")
                self.complain(place, sentence.format(how="{env: NAME} / {file: path}"))
                return None

    def _secret_in(self, file: Path, place: Place) -> Secret | None:
        """Return the secret in *file*, if nobody but its owner can read it."""
        try:
            # Looked at after opening, so that what is checked is what is read.
            with file.open(encoding="utf-8") as stream:
                mode = os.fstat(stream.fileno()).st_mode
                word = stream.read().strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "UTF-8"
            sentence = Text("{file} cannot be read ({why})", "{file} 无法读取（{why}）")
            self.miss(place, sentence.format(file=file, why=why))
            return None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            sentence = Text(
                "{file} can be read by others; run chmod 600 {file}",
                "{file} 可被他人读取；请运行 chmod 600 {file}",
            )
            self.complain(place, sentence.format(file=file))
            return None
        if not word:
            self.miss(place, Text("{file} is empty", "{file} 为空").format(file=file))
            return None
        return Secret(word)

    def note_lines(self, node: yaml.Node, place: Place) -> None:
        """Note where each place stands, and complain of names that are given twice."""
        self.lines.setdefault(place, node.start_mark.line + 1)
        if not isinstance(node, yaml.MappingNode):
            return
        seen: set[str] = set()
        for key, value in node.value:
            within = (*place, str(key.value))
            if str(key.value) in seen:
                self.lines[within] = key.start_mark.line + 1
                self.complain(within, Text("given twice", "重复声明"))
            seen.add(str(key.value))
            self.lines.setdefault(within, key.start_mark.line + 1)
            self.note_lines(value, within)


@dataclass(slots=True)
class CheckedMapping:
    """One mapping of the file, read key by key; what nobody asked for is refused."""

    reading: Reading
    place: Place
    given: dict[str, object]
    asked: set[str] = field(default_factory=set)

    def take(self, key: str, *, needed: bool = False) -> object:
        """Return what stands under *key*; None if nothing does."""
        self.asked.add(key)
        if needed and self.given.get(key) is None:
            self.complain(key, Text("is missing", "缺失"))
        return self.given.get(key)

    def complain(self, key: str, sentence: Text) -> None:
        """Note what is wrong under *key*."""
        self.reading.complain((*self.place, key), sentence)

    def text(self, key: str, *, needed: bool = False) -> str | None:
        """Return a text of one line."""
        found = self.take(key, needed=needed)
        if found is None:
            return None
        if isinstance(found, str) and found.strip() and found.isprintable():
            return found.strip()
        self.complain(key, Text("must be one line of text", "应为一行文本"))
        return None

    def choice(
        self, key: str, choices: tuple[str, ...], *, needed: bool = False, default: str | None = None
    ) -> str | None:
        """Return one of *choices*."""
        found = self.take(key, needed=needed)
        if found is None:
            return default
        if isinstance(found, str) and found in choices:
            return found
        listed = " | ".join(choices)
        self.complain(key, Text("must be {listed}", "应为 {listed}").format(listed=listed))
        return default

    def flag(self, key: str) -> bool:
        """Return yes or no."""
        found = self.take(key)
        if found is None or isinstance(found, bool):
            return bool(found)
        self.complain(key, Text("must be true or false", "应为 true 或 false"))
        return False

    def whole(self, key: str, least: int, most: int, default: int) -> int:
        """Return a whole number within limits."""
        found = self.take(key)
        if found is None:
            return default
        if isinstance(found, int) and not isinstance(found, bool) and least <= found <= most:
            return found
        sentence = Text("must be a whole number from {least} to {most}", "应为 {least} 至 {most} 的整数")
        self.complain(key, sentence.format(least=least, most=most))
        return default

    def words(self, key: str, *, needed: bool = False) -> tuple[str, ...]:
        """Return one word or several, numbers and yes or no as the text they would be in JSON."""
        found = self.take(key, needed=needed)
        listed = [] if found is None else found if isinstance(found, list) else [found]
        if all(isinstance(word, str | int) for word in listed):
            return tuple(str(word).lower() if isinstance(word, bool) else str(word) for word in listed)
        self.complain(key, Text("must be a word or a list of words", "应为一个词或词的列表"))
        return ()

    def path(self, key: str, *, needed: bool = False) -> Path | None:
        """Return a path, starting from the file's folder."""
        found = self.text(key, needed=needed)
        return None if found is None else self.reading.path.parent / Path(found).expanduser()

    def authorities(self) -> Path | None:
        """Return the file of certificate authorities, if one is named and can be read as that."""
        found = self.path("ca")
        if found is None:
            return None
        try:
            trust(found)
        except OSError:
            sentence = Text("{file} holds no certificate that can be read", "{file} 中没有可读取的证书")
            self.complain("ca", sentence.format(file=found))
            return None
        return found

    def secret(self, key: str, *, needed: bool = False) -> Secret | None:
        """Return a secret."""
        found = self.take(key, needed=needed)
        return None if found is None else self.reading.secret(found, (*self.place, key))

    def timeouts(self) -> Timeouts:
        """Return how long to wait, in seconds."""
        found = self.take("timeouts")
        if found is None:
            return Timeouts()
        table = CheckedMapping(
            self.reading, (*self.place, "timeouts"), self.reading.mapping(found, (*self.place, "timeouts"))
        )
        usual = Timeouts()
        waits = Timeouts(connect=table.seconds("connect", usual.connect), total=table.seconds("total", usual.total))
        table.refuse_the_rest()
        return waits

    def seconds(self, key: str, default: float) -> float:
        """Return a number of seconds, at most a minute: a claim does not hold for longer."""
        found = self.take(key)
        if found is None:
            return default
        if isinstance(found, int | float) and not isinstance(found, bool) and 0 < found <= 60:
            return float(found)
        self.complain(key, Text("must be seconds, above 0 and at most 60", "应为大于 0、不超过 60 的秒数"))
        return default

    def route(self, name: str) -> Route:
        """Return how to reach an HTTP endpoint."""
        found = self.take("proxy")
        openly = isinstance(found, str) and "@" not in found
        proxy = None if found is None else Secret(str(found)) if openly else self.secret("proxy")
        if proxy is not None and urlsplit(proxy.reveal()).scheme not in ("http", "https"):
            self.complain("proxy", Text("must be http://… or https://…", "应为 http://… 或 https://…"))
        return Route(name=name, ca=self.authorities(), proxy=proxy, timeouts=self.timeouts())

    def host(self, default: str) -> str:
        """Return the base address of a bot's service."""
        found = self.text("host") or default
        self.check_address("host", found)
        return found.rstrip("/")

    def address(self, key: str) -> Secret | None:
        """Return the address of an endpoint; it may be a secret, and is treated as one."""
        found = self.take(key, needed=True)
        if found is None:
            return None
        address = Secret(found.strip()) if isinstance(found, str) else self.secret(key)
        self.asked.add("unencrypted")
        if address is not None:
            self.check_address(key, address.reveal())
        return address

    def check_address(self, key: str, address: str) -> None:
        """Complain of an address that is none, or that sends openly without saying so."""
        openly = self.flag("unencrypted")
        try:
            parts = urlsplit(address)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            sound = False
        if not sound or not address.isprintable() or " " in address:
            self.complain(key, Text("must be https://…", "应为 https://…"))
        elif parts.scheme == "http" and not openly:
            sentence = Text(
                "http:// can be read on the way; use https:// or add unencrypted: true",
                "http:// 会在途中泄露内容；请用 https://，或声明 unencrypted: true",
            )
            self.complain(key, sentence)

    def refuse_the_rest(self) -> None:
        """Complain of every key that nobody asked for."""
        for key in self.given:
            if key not in self.asked:
                listed = ", ".join(sorted(self.asked))
                sentence = Text("no such setting; there are {listed}", "没有这个设置；可用：{listed}")
                self.complain(key, sentence.format(listed=listed))
