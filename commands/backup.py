"""`qingling backup` and `qingling restore`: keep the ledger elsewhere, and bring it back."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.console.bilingual import argument, command, json_option, option, pass_app
from commands.console.context import AppContext, known_files_folder
from commands.console.output import print_json, print_pairs, talk
from commands.presentation.backup_view import (
    backup_name,
    backup_pairs,
    counted_again,
    print_backup,
    put_right,
    refuse_missing,
)
from commands.shared.custody import backup_passphrase, passphrase_option, refuse_taken, write_key
from commands.shared.journal_notes import checkpoint_after, known_journal_key
from commands.shared.reading import may_do
from commands.shared.restoring import judges, who_restores
from engine.errors import BadFileError, BadValueError, system_reason
from engine.language import Text, t
from engine.rules.reading_rights import Deed

if TYPE_CHECKING:
    from engine.operations.house.safekeeping import Identity
    from engine.operations.ledger.acting import Acting


@command(
    "backup",
    en="Write a backup, while others go on working, and prove it by reading it back. It holds all cases and, in a "
    "folder beside it, the attached files; what is sealed stays sealed. The custodian's key is not in it: keep "
    "that apart. With --to-key it is encrypted (age), the attached files too, and only the holder of the key can read "
    "it; with --from-now-on all later backups are, those that run makes as well.",
    zh="备份台账，备份时他人可照常办理；备份后立即读回校验。备份包含全部事项，附件存于同名文件夹；密封内容仍为密文。"
    "保管人密钥不在其中，请另行保管。加 --to-key 则连同附件一并加密（age），持有私钥者方可读取；"
    "加 --from-now-on 则今后的备份（含每日自动备份）均加密。",
    example=Text(
        "qingling backup qingling-20190630.db\n"
        "qingling backup --new-key backup.key --passphrase-file passphrase.txt --from-now-on --reason safekeeping",
        "qingling backup qingling-20190630.db\n"
        "qingling backup --new-key backup.key --passphrase-file passphrase.txt --from-now-on --reason 妥善保管",
    ),
)
@argument(
    "target",
    metavar="FILE",
    required=False,
    type=click.Path(path_type=Path),
    en="New file, or a folder; else a file in this folder, named for the moment.",
    zh="新文件或文件夹；不写则在当前文件夹按时刻命名。",
)
@option(
    "--to-key",
    "keys",
    metavar="KEY",
    multiple=True,
    en="Encrypt it to this public key of age; may be given several times.",
    zh="用此 age 公钥加密；可多次写。",
)
@option(
    "--new-key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Make a key for it, locked by a passphrase, and encrypt to it. Keep the file away from the ledger.",
    zh="新建一把密钥并用它加密；私钥文件以口令锁定，请与台账分开保管。",
)
@passphrase_option
@option(
    "--from-now-on",
    is_flag=True,
    en="Encrypt all later backups to these keys too; takes a role that keeps the ledger.",
    zh="今后的备份均用这些公钥加密；须具有管理台账的角色。",
)
@option(
    "--drop-key",
    metavar="KEY",
    en="Write no backup, but encrypt no later one to this key any more; it still opens those of before.",
    zh="不写备份；今后的备份不再用此公钥加密（此前的备份仍可用其私钥打开）。",
)
@option("--reason", en="Why, with --from-now-on or --drop-key.", zh="原因（与 --from-now-on 或 --drop-key 合用）。")
@json_option
@pass_app
def backup(
    app: AppContext,
    target: Path | None,
    keys: tuple[str, ...],
    new_key: Path | None,
    passphrase_file: str | None,
    from_now_on: bool,
    drop_key: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Write the backup and journal it."""
    from engine.operations.house.safekeeping import back_up_ledger, declare_backup_keys

    may_do(app, Deed.BACKUP)
    acting = app.acting
    if drop_key is not None:
        if target is not None or keys or new_key or from_now_on:
            raise BadValueError(
                Text("--drop-key goes with --reason only", "--drop-key 只与 --reason 合用，不能同时写备份")
            )
        _drop(acting, drop_key, reason or "")
        return
    if new_key is not None:
        keys = (*keys, _made_key(app, new_key, passphrase_file))
    if from_now_on:
        declare_backup_keys(acting, keys, reason=reason or "")
    file = Path() if target is None else target
    file = file / backup_name("backup", acting.now) if file.is_dir() else file
    made = back_up_ledger(acting, file, files=known_files_folder(app.database), keys=keys)
    found = {**_counted(made.counts), "version": made.version, "files": made.files, "missing": list(made.missing)}
    if as_json:
        print_json({"file": str(made.file), "sha256": made.digest, **found})
    else:
        print_backup(made)
        if made.is_encrypted:
            talk(t("encrypted: without the key nobody restores it", "已加密：没有私钥无法恢复"))
        talk(
            t(
                "proved by reading it back; the custodian's key is not in it, keep that apart",
                "已读回校验无误；保管人密钥不在其中，请另行保管",
            )
        )
    checkpoint_after(acting, app.database)
    refuse_missing(made.missing)


@command(
    "restore",
    en="Make the ledger from a backup. Nothing is overwritten: a ledger that is there is refused, and with "
    "--replace it is put aside under another name. It takes a role that may restore, in the ledger that is put "
    "aside, else in the backup. The backup of another house is never put in its place.",
    zh="用备份恢复台账。不覆盖任何内容：已有台账时拒绝；加 --replace 则将原台账改名移开保存。"
    "须具有恢复权限的角色，以被移开的台账为准；没有可读的台账时以备份为准。其他单位的备份不能恢复到现有台账处。",
    example="qingling --database again.db restore qingling-20190630.db",
)
@argument("source", metavar="FILE", type=click.Path(path_type=Path), en="The backup.", zh="备份文件。")
@option("--replace", is_flag=True, en="Put aside the ledger that is there.", zh="将现有台账移开保存。")
@option(
    "--identity",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="File of the key that opens an encrypted backup.",
    zh="加密备份的私钥文件。",
)
@passphrase_option
@option(
    "--password-file",
    metavar="FILE",
    en="Your password in the backup, where only that can say who you are: the first line of a file, - for standard "
    "input; else it is asked for.",
    zh="仅能以备份核对身份时所用的口令：读取文件首行，- 表示标准输入；不写则询问。",
)
@json_option
@pass_app
def restore(
    app: AppContext,
    source: Path,
    replace: bool,
    identity: Path | None,
    passphrase_file: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """Bring the backup back and journal it."""
    from engine.operations.cases.recounting import count_again
    from engine.operations.house.safekeeping import RestoredBy, restore_ledger

    now, clock = app.now, app.clock_now
    app.close()  # a ledger that is put aside is held by nobody, ourselves included
    back = restore_ledger(
        source,
        app.database,
        by=RestoredBy(judges, partial(who_restores, app, clock, password_file), count_again),
        now=now,
        real_now=app.real_now,
        replace=replace,
        files=known_files_folder(app.database),
        key_file=known_journal_key(app.database),
        identity=None if identity is None else _key_in(identity, passphrase_file),
    )
    if as_json:
        print_json(
            {
                "place": back.place,
                "sha256": back.digest,
                **_counted(back.counts),
                "version": back.version,
                "mended": back.mended,
                "recounted": back.recounted,
                "aside": back.aside,
                "put_away": list(back.put_away),
                "files": back.files,
                "missing": list(back.missing),
            }
        )
    else:
        print_pairs(
            [
                (t("ledger", "台账"), back.place),
                *backup_pairs(back.counts, back.files, back.digest),
                (t("before, put aside", "原台账移至"), back.aside or ""),
                *((t("side file, put away", "残留文件移至"), each) for each in back.put_away),
            ]
        )
        if back.mended:
            talk(put_right(back.mended))
        if back.recounted:
            talk(counted_again(back.recounted))
        talk(t("see that the chains hold: qingling journal verify", "请校验日志：qingling journal verify"))
    refuse_missing(back.missing)


def _drop(acting: "Acting", key: str, reason: str) -> None:
    """Take a key from those that backups are encrypted to, and say what that leaves."""
    from engine.operations.house.safekeeping import drop_backup_key

    left = drop_backup_key(acting, key, reason=reason)
    if left:
        talk(t("later backups are encrypted to {keys}", "今后的备份用以下公钥加密：{keys}", keys=", ".join(left)))
    else:
        talk(t("no key is left: later backups are in clear", "已无公钥：今后的备份不加密"))


def _made_key(app: AppContext, place: Path, passphrase_file: str | None) -> str:
    """Write the file of a new key and return its public half.

    Raises:
        BadFileError: If there is a file already, or it cannot be written.
        BadValueError: If there is no passphrase, or it is too easily guessed.
    """
    from engine.operations.house.directory import officers, units
    from engine.operations.house.safekeeping import new_identity

    refuse_taken(place)
    ledger = app.ledger
    known = [
        str(ledger.settings.get("name") or ""),
        *(each.name for each in officers(ledger)),
        *(each.name for each in units(ledger)),
    ]
    public, locked = new_identity(backup_passphrase(passphrase_file, new=True, known=known))
    write_key(place, locked)
    talk(t("key of backups: {key}, its file: {file}", "备份公钥：{key}，私钥文件：{file}", key=public, file=place))
    return public


def _key_in(place: Path, passphrase_file: str | None) -> "Identity":
    """Return the key in an identity file, whose passphrase is asked for if it is locked.

    Raises:
        BadFileError: If it cannot be read.
        RefusedError: If it is not such a file, or the passphrase is wrong.
    """
    from engine.operations.house.safekeeping import identity_in

    try:
        content = place.read_bytes()
    except OSError as error:
        raise BadFileError(
            Text(
                f"{place} cannot be read ({system_reason(error).en})", f"无法读取 {place}（{system_reason(error).zh}）"
            )
        ) from error
    return identity_in(content, lambda: backup_passphrase(passphrase_file))


def _counted(counts: Mapping[str, int]) -> dict[str, Any]:
    """Return how many cases and journal rows there are."""
    return {"cases": counts["cases"], "journal": counts["journal"]}
