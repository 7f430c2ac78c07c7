"""The file of channels: read whole, every problem with its line, no secret in it or in a sentence."""

from pathlib import Path

import pytest
from servers import Authority

from engine.errors import BadFileError, InvalidWorkflowError
from notifications.bots import DINGTALK_HOST, DingTalkChannel
from notifications.channels import Secret, Timeouts
from notifications.mailing import MailChannel
from notifications.settings import Settings, read_settings
from notifications.trials import ConsoleChannel
from notifications.webhooks import Acceptance, SmsChannel

ENVIRONMENT = {"SMTP_PASSWORD": "pass-w0rd", "BOT": "t0ken", "SIGN": "s1gn", "HOOK": "https://hook.invalid/x?key=k"}

WHOLE = """
templates: own
channels:
  mail:
    family: mail
    host: smtp.bureau.invalid
    security: starttls
    from: 清零 <ledger@bureau.invalid>
    user: ledger
    password: {file: smtp.secret}
    ca: ca.pem
    timeouts: {connect: 2, total: 9.5}
  wecom: {family: wecom, key: {env: BOT}, style: markdown, host: https://wecom.bureau.invalid/}
  dingtalk: {family: dingtalk, token: {env: BOT}, secret: {env: SIGN}}
  feishu: {family: feishu, token: {env: BOT}}
  hook: {family: webhook, url: {env: HOOK}, secret: {env: SIGN}, accepted: {field: ok, equals: true}}
  sms:
    family: sms
    url: https://sms.invalid/send
    query: {app: {env: BOT}}
    body: {to: "{to}", text: "{subject}", list: ["{to}", 1]}
    accepted: {field: code, equals: [0, "OK"], retry_on: 7}
    proxy: http://proxy.bureau.invalid:3128
  drop: {family: file, folder: out, shape: json}
  screen: {family: console}
"""


def read(folder: Path, words: str) -> Settings:
    """Read *words* as a file of channels."""
    path = folder / "channels.yaml"
    path.write_text(words, encoding="utf-8")
    return read_settings(path, ENVIRONMENT)


def problems(folder: Path, words: str) -> list[str]:
    """Return what is wrong with *words*, without the folder."""
    with pytest.raises(InvalidWorkflowError) as caught:
        read(folder, words)
    return [problem.en.removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_every_family_can_be_declared(tmp_path: Path) -> None:
    """Each family is read with its settings, its usual values and its secrets."""
    (tmp_path / "own").mkdir()
    secret = tmp_path / "smtp.secret"
    secret.write_text("pass-w0rd\n")
    secret.chmod(0o600)
    ca = Authority().file(tmp_path)
    settings = read(tmp_path, WHOLE)
    sms = settings.channels["sms"]
    dingtalk = settings.channels["dingtalk"]

    assert list(settings.channels) == ["mail", "wecom", "dingtalk", "feishu", "hook", "sms", "drop", "screen"]
    assert settings.templates == tmp_path / "own"
    assert settings.channels["mail"] == MailChannel(
        name="mail",
        host="smtp.bureau.invalid",
        port=587,
        security="starttls",
        sender="清零 <ledger@bureau.invalid>",
        user="ledger",
        password=Secret("pass-w0rd"),
        ca=ca,
        timeouts=Timeouts(connect=2, total=9.5),
    )
    assert isinstance(dingtalk, DingTalkChannel)
    assert (dingtalk.host, dingtalk.route.timeouts) == (DINGTALK_HOST, Timeouts(connect=5, total=20))
    assert isinstance(sms, SmsChannel)
    assert sms.accepted == Acceptance(field="code", equals=("0", "OK"), retry_on=("7",))
    assert (sms.query, sms.body) == ({"app": Secret("t0ken")}, {"to": "{to}", "text": "{subject}", "list": ("{to}", 1)})


def test_a_channel_has_any_name(tmp_path: Path) -> None:
    """People name their channels, in their own words."""
    assert list(read(tmp_path, "channels: {企业微信-1: {family: console}}").channels) == ["企业微信-1"]


def test_no_secret_shows_in_the_settings(tmp_path: Path) -> None:
    """The repr of all that was read holds none of the secrets."""
    words = WHOLE.replace("templates: own", "").replace("{file: smtp.secret}", "{env: SMTP_PASSWORD}")
    shown = repr(read(tmp_path, words.replace("    ca: ca.pem\n", "")))

    assert [word for word in (*ENVIRONMENT.values(), "key=k") if word in shown] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param("a: 2019-13-45", ["1: a: no key is called", "1: 'channels' is missing"], id="nothing"),
        pytest.param("channels: [a]", ["1: channels: write keys and values here"], id="channels as a list"),
        pytest.param(
            "channels: {a: {}, b: }", ["channels.a: 'family' is missing", "channels.b: 'family'"], id="no family"
        ),
        pytest.param("channels:\n  a: {family: fax}", ["2: channels.a.family: write one of mail"], id="fax"),
        pytest.param(
            "channels:\n  a:\n    family: console\n    colour: red",
            ["channels.yaml:4: channels.a.colour: no key is called 'colour' here"],
            id="an unknown setting",
        ),
        pytest.param(
            "channels:\n  a: {family: console}\n  a: {family: console}",
            ["channels.yaml:3: channels.a: the key stands here and in line 2"],
            id="twice",
        ),
        pytest.param(
            "channels:\n  m: {family: mail, port: 99999, security: tls, from: me, user: u, timeouts: {total: 0, x: 1}}",
            [
                "channels.m: 'host' is missing",
                "channels.m.security: write one of ssl, starttls, none",
                "channels.m.from: must be an address",
                "channels.m.user: user and password go together",
                "channels.m.port: write a whole number from 1 to 65535",
                "channels.m.timeouts.x: no key is called",
                "channels.m.timeouts.total: write a number from 0.01 to 60",
            ],
            id="all problems of a mail server at once",
        ),
        pytest.param(
            "channels:\n  m: {family: mail, host: h, from: a@b, security: none, user: u, password: {env: BOT}}",
            ["gives the password away"],
            id="a login in clear text",
        ),
        pytest.param(
            "channels:\n  w: {family: wecom, key: {env: BOT}, host: 'http://wecom.invalid'}",
            ["http:// can be read on the way"],
            id="a bot in clear text",
        ),
        pytest.param(
            "channels:\n  w: {family: wecom, key: {env: BOT}, host: 'ftp://x'}", ["must be https://"], id="not http"
        ),
        pytest.param(
            "channels:\n  w: {family: wecom, key: t0ps3cret}", ["does not stand in this file"], id="in the file"
        ),
        pytest.param(
            "channels:\n  w: {family: wecom, key: {env: BOT}, proxy: 'http://u:t0ps3cret@p'}",
            ["does not stand in this file"],
            id="a proxy's password in the file",
        ),
        pytest.param(
            "channels:\n  w: {family: wecom, key: {env: BOT}, ca: channels.yaml}",
            ["channels.yaml holds no certificate"],
            id="no authority",
        ),
        pytest.param(
            "channels:\n  s: {family: sms, url: 'https://s.invalid', body: {a: [1.5]}}",
            ["channels.s: 'accepted' is missing", "s.body.a: must be text", "s.body: {to} must stand somewhere"],
            id="a gateway that does not say where it says yes",
        ),
        pytest.param(
            "templates: gone\nchannels: {a: {family: console}}", ["templates: no such folder"], id="no folder"
        ),
    ],
)
def test_all_problems_are_told_at_once(tmp_path: Path, words: str, told: list[str]) -> None:
    """Each problem is one line with file, line, place and what to do; no secret is repeated."""
    found = problems(tmp_path, words)

    assert [sentence for sentence, part in zip(found, told, strict=True) if part not in sentence] == []
    assert "t0ps3cret" not in "".join(found)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_secret_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A file of secrets is for its owner alone; the refusal says how to make it so."""
    secret = tmp_path / "bot.secret"
    secret.write_text("t0ps3cret")
    secret.chmod(mode)
    (sentence,) = problems(tmp_path, "channels:\n  w: {family: wecom, key: {file: bot.secret}}")

    assert sentence.endswith(f"can be read by others; run chmod 600 {secret}")


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("{family: wecom, key: {env: GONE}}", "the environment has no GONE; set it"),
        ("{family: wecom, key: {file: gone}}", "gone cannot be read (No such file or directory)"),
        ("{family: wecom, key: {file: empty}}", "empty is empty"),
        ("{family: webhook, url: {env: GONE}, secret: {env: BOT}, unencrypted: true}", "no GONE; set it"),
        ("{family: dingtalk, token: {env: BOT}, secret: {env: GONE}}", "no GONE; set it"),
        ("{family: mail, host: h, from: a@b, user: u, password: {env: GONE}}", "no GONE; set it"),
        ("{family: sms, url: {env: GONE}, accepted: {field: ok, equals: 1}}", "no GONE; set it"),
    ],
    ids=str,
)
def test_a_secret_that_is_not_there_stops_its_channel_only(tmp_path: Path, declared: str, told: str) -> None:
    """The channel is down with one sentence that says why; the others are as declared."""
    secret = tmp_path / "empty"
    secret.write_text("\n")
    secret.chmod(0o600)
    settings = read(tmp_path, f"channels:\n  w: {declared}\n  screen: {{family: console}}")
    (sentence,) = settings.absent

    assert sentence.en.startswith(f"w is down: {tmp_path}/channels.yaml:2: channels.w.")
    assert sentence.en.endswith(told)
    assert isinstance(settings.channels["screen"], ConsoleChannel)


@pytest.mark.parametrize(
    "words",
    [
        b"a: [",
        b"a: \xff\xfe",
        b"a: !!python/object:os.system x",
        b"a: &a {b: *a}",
        b"a: " + b"[" * 2000 + b"]" * 2000,
        b"",
        b"- a",
    ],
    ids=["open", "bytes", "tag", "itself", "deep", "nothing", "a list"],
)
def test_what_is_not_yaml_is_refused(tmp_path: Path, words: bytes) -> None:
    """What is not YAML or UTF-8, asks for Python objects, nests without end or holds no keys is refused in one line."""
    path = tmp_path / "channels.yaml"
    path.write_bytes(words)

    with pytest.raises(BadFileError) as caught:
        read_settings(path, {})

    assert "\n" not in caught.value.sentence.zh


def test_no_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is said not to be."""
    with pytest.raises(BadFileError, match=r"channels\.yaml"):
        read_settings(tmp_path / "channels.yaml", {})
