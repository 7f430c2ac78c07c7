"""What a clerk in a hurry types is answered in their words, with what can be typed back."""

from pathlib import Path

from houses import House, built_house, house

__all__ = ["built_house", "house"]


def test_who_is_to_log_in_is_named_and_whom_it_replaces(house: House) -> None:
    """A password set for another, and a log-in on a machine where somebody is logged in, say whose they are."""
    Path("password.txt").write_text("雨打铁皮屋顶，一夜无眠到天明\n", "utf-8")
    set_up = ("credential", "password", "--password-file", "password.txt")
    assert house.run(*set_up, "li", lang="zh").stderr.endswith("登录：qingling 登录 li\n")
    house.done(*set_up)
    assert house.run("login", "wang", "--password-file", "password.txt", lang="zh").stderr == "wang 已登录\n"
    said = house.run("login", "李某", "--password-file", "password.txt", lang="zh").stderr
    assert said.splitlines() == ["li 已登录", "wang 在本机的登录已被替换：本机同一系统账户同时只有一人登录"]
