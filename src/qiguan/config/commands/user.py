"""`qiguan user`: add a log-in with a role in an organ; the password is asked for or printed once."""

from __future__ import annotations

import argparse
import secrets

from qiguan.core.errors import UnusableInput


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name, organ and role."""
    parser.add_argument("username", help="登录名")
    parser.add_argument("--organ", default="", help="单位名称；不写则是全局管理员")
    parser.add_argument(
        "--role",
        default="supervisor",
        help="角色：supervisor、unit_admin、operator、leader、checker、counter、contractor、auditor",
    )
    parser.add_argument("--name", default="", help="显示的称呼")


def run(options: argparse.Namespace) -> int:
    """Add the user and print the first password."""
    from qiguan.config.commands.django_setup import start

    start()
    from qiguan.core.platforms import name_key
    from qiguan.jobs import clock
    from qiguan.people.actions import add_user
    from qiguan.people.models import Role, User
    from qiguan.people.queries import organs_named

    if options.role not in Role.values:
        raise UnusableInput(f"没有“{options.role}”这个角色", place="--role", remedy="可以写：" + "、".join(Role.values))
    if User.objects.filter(username=options.username).exists():
        raise UnusableInput(f"登录名“{options.username}”已有人用", place="USERNAME", remedy="请换一个")
    roles = []
    if options.organ:
        organ = organs_named(name_key(options.organ)).first()
        if organ is None:
            raise UnusableInput(f"没有叫“{options.organ}”的单位", place="--organ", remedy="请先导入登记表，或核对单位名称")
        roles = [(organ, options.role)]
    password = secrets.token_urlsafe(12)
    add_user(
        username=options.username,
        shown_name=options.name,
        password=password,
        roles=roles,
        by=None,
        at=clock.now(),
        is_superuser=not roles,
        is_staff=not roles,
    )
    print(f"已新建{options.username}，初始密码：{password}（只显示这一次）")
    return 0
