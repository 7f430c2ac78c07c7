"""`qingling desk`: the ledger in a browser, for all who are not at a terminal."""

from pathlib import Path

import click

from commands.console.bilingual import command, option, pass_as
from commands.console.context import AppContext
from commands.shared.serving import HERE, DeskAsked, open_desk


@command(
    "desk",
    en="Serve the ledger to browsers until stopped. On this machine alone it begins at once; on a network only with "
    "a certificate of its own, or behind a proxy that is named and has one.",
    zh="在浏览器中使用台账，直至停止。仅本机使用可直接启动；对网络开放须有证书，或由指明的代理服务器提供证书。",
    example="qingling desk",
)
@option(
    "--listen",
    metavar="ADDRESS",
    default=HERE,
    show_default=True,
    en="Where to listen: address and port.",
    zh="监听的地址和端口。",
)
@option(
    "--certificate",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    en="Certificate with which browsers are served by TLS, with those that vouch for it.",
    zh="TLS 证书文件（含证书链）。",
)
@option(
    "--certificate-key",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    en="Its private key, without a passphrase.",
    zh="证书私钥文件（不带口令）。",
)
@option(
    "--proxy",
    metavar="ADDRESS",
    en="Address of the proxy that serves browsers by TLS and hands on what they ask; only it is believed.",
    zh="对外提供 TLS 的代理服务器地址；只采信来自它的转发信息。",
)
@option(
    "--name",
    "names",
    metavar="NAME",
    multiple=True,
    en="Host name that officers type; needed on a network, may be repeated.",
    zh="人员在浏览器中输入的主机名；对网络开放时必填，可写多个。",
)
@option(
    "--sign-on",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    en="The house's single sign-on (OpenID Connect), as a YAML file: issuer, client_id, client_secret_file, title. It "
    "logs in and never signs.",
    zh="统一登录（OpenID Connect）的 YAML 配置文件，写明 issuer、client_id、client_secret_file、title。"
    "仅用于登录，不能签字。",
)
@option(
    "--with-run",
    is_flag=True,
    en="Keep the watch as well: sweep, send, open returns, as `qingling run` does.",
    zh="同时值守：巡检、发送、生成到期报表，与 `qingling run` 相同。",
)
@option(
    "--backup-to",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    en="With --with-run: back up daily into this folder.",
    zh="与 --with-run 同用：每日备份到此文件夹。",
)
@pass_as(DeskAsked)
def desk(app: AppContext, asked: DeskAsked) -> None:
    """Serve the desk."""
    open_desk(app, asked)
