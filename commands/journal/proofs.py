"""What proves the journal to others: checkpoints over its tree, proofs of entries, a witness and its signature."""

from pathlib import Path

import click

from commands.console.bilingual import argument, json_option, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.names import CASE
from commands.console.output import print_json, print_pairs, say, talk
from commands.console.wall_clock import real_now
from commands.journal.command import journal
from commands.shared.journal_notes import journal_key, read_note, refuse_no_place, write_note
from commands.shared.reading import case_read
from engine.language import t
from engine.rules.reading_rights import Deed

__all__ = ["journal"]


@verb(
    journal,
    "checkpoint",
    en="Bring all entries into the tree and sign a checkpoint over them, to be kept where nobody who holds the ledger "
    "can change it. With --request write what a witness is asked to co-sign.",
    zh="将全部日志纳入哈希树并签署检查点；检查点应保存在台账持有人无法更改之处。加 --request 则生成见证请求。",
    example="qingling journal checkpoint -o checkpoint.txt\nqingling journal checkpoint --request request.txt",
)
@option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), en="Write it into a file.", zh="写入文件。")
@option(
    "--request",
    "request_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Write a request for a witness into a file.",
    zh="将见证请求写入文件。",
)
@option(
    "--since",
    metavar="SIZE",
    type=click.IntRange(0),
    en="The size that the witness holds; else that of the last checkpoint which came back co-signed.",
    zh="见证方所持检查点的行数；不写则为上次收到见证签名的检查点。",
)
@json_option
@pass_app
def checkpoint(
    app: AppContext, output: Path | None, request_file: Path | None, since: int | None, as_json: bool
) -> None:
    """Make a checkpoint."""
    from engine.operations.house.checkpoints import make_checkpoint, public_key, request

    refuse_no_place(output, request_file)
    made = make_checkpoint(app.acting, journal_key(app.database), held=since or 0)
    if output is not None:
        write_note(output, str(made))
    if request_file is not None:
        write_note(request_file, str(request(app.ledger, since=since)))
    key = str(public_key(app.ledger))
    if as_json:
        print_json({"origin": made.origin, "size": made.size, "code": made.short_code, "key": key, "note": str(made)})
        return
    print_pairs(
        [
            (t("origin", "日志标识"), made.origin),
            (t("entries", "行数"), str(made.size)),
            (t("short code", "短码"), made.short_code),
            (t("public key", "公钥"), key),
        ]
    )


@verb(
    journal,
    "prove",
    en="Write the proof that an entry stands in the journal, as the newest checkpoint says, or with --code that of a "
    "paper. tools/check_proof.py checks it without this program, with the code as well.",
    zh="写出某行日志确在日志中的证明（以最新检查点为准，加 --code 则以文书所载检查点为准）。"
    "用 tools/check_proof.py 即可独立核验（可附核验码），无需本程序。",
    example="qingling journal prove 0101-XS-2019-0001 -o proof.txt",
)
@argument("number", type=CASE, en="Number of a case.", zh="事项编号。")
@option(
    "--entry", "seq", metavar="SEQ", type=click.IntRange(1), en="Which row; else the newest.", zh="第几行；默认最新。"
)
@option("--code", metavar="CODE", en="By the checkpoint with this short code.", zh="以此核验码的检查点为准。")
@option(
    "-o", "--output", metavar="FILE", required=True, type=click.Path(path_type=Path), en="The new file.", zh="新文件。"
)
@json_option
@pass_app
def prove(app: AppContext, number: str, seq: int | None, code: str | None, output: Path, as_json: bool) -> None:
    """Write a proof."""
    from engine.operations.house.checkpoints import prove as operation
    from engine.operations.house.checkpoints import public_key

    entry, covering, text = operation(case_read(app, Deed.JOURNAL, number, proof=True), number, seq, code)
    write_note(output, text)
    key = str(public_key(app.ledger))
    if as_json:
        print_json(
            {
                "file": str(output),
                "case": entry.case,
                "seq": entry.seq,
                "origin": covering.origin,
                "size": covering.size,
                "code": covering.short_code,
                "key": key,
            }
        )
        return
    print_pairs(
        [
            (t("proof", "证明"), str(output)),
            (t("entry", "日志行"), f"{entry.case} {entry.seq}"),
            (t("checkpoint", "检查点"), f"{covering.short_code} ({covering.size})"),
            (t("public key", "公钥"), key),
        ]
    )


@verb(
    journal,
    "witness",
    en="For a second party, who needs no ledger: co-sign a checkpoint if it continues the last one that was signed "
    "here; a journal that was cut or rewritten is refused. Without a request print the witness's public key.",
    zh="供见证方使用（无需台账）：检查点若延续此前所签，则加签；日志被截短或改写的不予签名。不给请求则输出见证公钥。",
    example="qingling journal witness --folder witness --name discipline-committee\n"
    "qingling journal witness request.txt --folder witness --trust KEY -o answer.txt",
)
@argument(
    "request_file",
    metavar="REQUEST",
    required=False,
    type=click.Path(path_type=Path),
    en="What was written by: journal checkpoint --request.",
    zh="由 journal checkpoint --request 生成的文件。",
)
@option(
    "--folder",
    metavar="FOLDER",
    required=True,
    type=click.Path(path_type=Path),
    en="Keeps the witness's key, and what was signed.",
    zh="存放见证密钥及签名记录的文件夹。",
)
@option("--name", metavar="NAME", en="Who the witness is, the first time.", zh="见证方名称（首次使用时）。")
@option("--trust", metavar="KEY", en="Public key of a ledger that is new here.", zh="首次见证的台账的公钥。")
@option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), en="Write the answer here.", zh="答复写入文件。"
)
def witness(request_file: Path | None, folder: Path, name: str | None, trust: str | None, output: Path | None) -> None:
    """Answer a request."""
    from engine.journal.checkpoint import key_given, request_in
    from engine.operations.house.witnessing import witness as operation
    from engine.operations.house.witnessing import witness_key

    refuse_no_place(output)
    asked = None if request_file is None else request_in(read_note(request_file))
    key = witness_key(folder, name)  # a new one is made only for who asks as it should be asked
    if asked is None:
        say(str(key))
        return
    seconds = int(real_now().timestamp())
    answer = operation(folder, asked, trusted=key_given(trust) if trust else None, seconds=seconds)
    if output is None:
        say(answer.removesuffix("\n"))
    else:
        write_note(output, answer)
    talk(
        t(
            "co-signed: {origin} with {size} entries, short code {code}",
            "已见证：{origin}，{size} 行，短码 {code}",
            origin=asked.checkpoint.origin,
            size=asked.checkpoint.size,
            code=asked.checkpoint.short_code,
        )
    )


@verb(
    journal,
    "cosign",
    en="Take in a witness's answer: its signature is kept beneath the checkpoint.",
    zh="录入见证方的答复：其签名附于检查点之下。",
    example="qingling journal cosign answer.txt --witness KEY",
)
@argument("answer", metavar="ANSWER", type=click.Path(path_type=Path), en="The answer.", zh="答复文件。")
@option("--witness", "key", metavar="KEY", required=True, en="The witness's public key.", zh="见证方公钥。")
@pass_app
def cosign(app: AppContext, answer: Path, key: str) -> None:
    """Keep a witness's signature."""
    from engine.journal.checkpoint import key_given
    from engine.operations.house.checkpoints import take_cosignature

    named = key_given(key)
    kept = take_cosignature(app.ledger, read_note(answer), named)
    talk(
        t(
            "{name} co-signed the checkpoint of {size} entries, short code {code}",
            "{name} 已见证 {size} 行的检查点，短码 {code}",
            name=named.name,
            size=kept.size,
            code=kept.short_code,
        )
    )
