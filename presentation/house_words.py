"""What belongs to the house, in words: kinds of messages and how each stands, and by what officers are known."""

from engine.language import Text

MESSAGES = {
    "digest": Text("digest", "每日提醒"),
    "notice": Text("notice", "通知"),
    "test": Text("test", "测试"),
    "calendar_missing": Text("calendar_missing", "日历未公布"),
    "key_replaced": Text("key_replaced", "密钥更换"),
    "return_due": Text("return_due", "报表待报"),
    "returns_due": Text("returns_due", "报表待报"),
    "to_sign": Text("to_sign", "待签字"),
    "unsigned": Text("unsigned", "久未签字"),
    "undelivered": Text("undelivered", "未送达"),
    "change": Text("change", "变更推送"),
}
"""What the kinds of messages are called; in English by the name that templates have."""

MESSAGE_STATUS = (
    Text("waiting", "待发"),
    Text("sent", "已发"),
    Text("FAILED", "失败"),
    Text("cancelled", "已取消"),
)

WAYS = {
    "password": Text("password", "口令"),
    "os-account": Text("account", "系统账户"),
    "key": Text("signing key", "签名密钥"),
    "passkey": Text("passkey", "通行密钥"),
    "sign-on": Text("single sign-on", "统一登录账户"),
    "token-read": Text("reading token", "只读令牌"),
    "token-write": Text("writing token", "读写令牌"),
    "feed": Text("calendar address", "日历地址"),
}
"""What each way is called."""
