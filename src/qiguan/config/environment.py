"""Every setting that a person who runs Qiguan can make, in one table: docs/settings.md is written from it."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from qiguan.core.errors import UnusableInput


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, default and meaning in both languages."""

    name: str
    default: str
    zh: str
    en: str

    def get(self) -> str:
        """Read it, stripped; the default where it is absent or empty."""
        return os.environ.get(self.name, "").strip() or self.default


SETTINGS = {
    s.name: s
    for s in (
        Setting("QIGUAN_DATA", "data", "数据目录：数据库、证据、密钥", "Folder of the database, the evidence and the keys"),
        Setting("PORT", "8000", "网页端口", "Port of the pages"),
        Setting("QIGUAN_HOST", "127.0.0.1", "监听地址", "Address to listen on"),
        Setting("QIGUAN_DATABASE_URL", "", "postgresql://… ；不填用内置SQLite", "PostgreSQL address; embedded SQLite without it"),
        Setting(
            "QIGUAN_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]", "允许的域名，逗号分隔", "Host names served, comma separated"
        ),
        Setting(
            "QIGUAN_HTTPS",
            "0",
            "1表示只经HTTPS访问（打开安全cookie与HSTS）",
            "1 when served over HTTPS only: secure cookies, HSTS",
        ),
        Setting("QIGUAN_DEBUG", "0", "1表示开发模式", "1 for development"),
        Setting("QIGUAN_PACK", "national", "默认规则包", "Rule pack where a jurisdiction names none"),
        Setting(
            "QIGUAN_ALLOW_LOOPBACK",
            "0",
            "1表示采集可以访问本机地址（仅演示与测试）",
            "1 lets the collector reach loopback (demonstration and tests only)",
        ),
        Setting(
            "QIGUAN_ALLOW_NETWORKS",
            "",
            "采集可以访问的内网网段，逗号分隔，例如10.0.0.0/8（政务外网）；本机、本地链路和云主机元数据地址永远不行",
            "Networks of your own that the collector may reach, comma separated CIDRs, e.g. 10.0.0.0/8; never loopback, link-local or cloud metadata",
        ),
        Setting("QIGUAN_AGENT_NAME", "Qiguan", "采集时自报的名称", "User agent of the collector"),
        Setting(
            "QIGUAN_CLOCK_OFFSET", "", "业务时钟偏移秒数（仅演示）", "Seconds the business clock is moved by (demonstration only)"
        ),
        Setting(
            "QIGUAN_KEEP_BODIES",
            "failures",
            "采集到的原文留存90天：failures只留读不出的，all还留完整来源每次变化的",
            "Bodies kept for 90 days: failures, or all (each change of a complete source too)",
        ),
        Setting("QIGUAN_MAIL_HOST", "", "邮件服务器；不填就不发邮件", "SMTP server; no mail without it"),
        Setting("QIGUAN_MAIL_PORT", "465", "邮件服务器端口", "Port of the SMTP server"),
        Setting("QIGUAN_MAIL_SECURITY", "ssl", "邮件加密：ssl、starttls或none", "Encryption of mail: ssl, starttls or none"),
        Setting("QIGUAN_MAIL_USER", "", "邮件登录名", "User name at the SMTP server"),
        Setting("QIGUAN_MAIL_FROM", "", "发件地址", "Sender of mails"),
        Setting(
            "QIGUAN_PUBLIC_URL",
            "",
            "外面访问本系统的网址，写在消息里，例如 https://qiguan.example.gov.cn",
            "Address of the product as people reach it, for links in messages",
        ),
        Setting(
            "QIGUAN_NOTICE_NETWORKS",
            "",
            "Webhook可以到达的内网网段，逗号分隔，例如 10.20.0.0/16",
            "Private networks that webhooks may reach, comma separated",
        ),
        Setting("QIGUAN_WARN_AT", "09:00", "工作日早上几点发提醒（12点以前）", "When the morning message goes out (before noon)"),
        Setting(
            "QIGUAN_RECTIFY_DAYS",
            "10",
            "整改期限的工作日数（本系统设定，没有全国标准）",
            "Working days to put a finding right (ours: no national number was found)",
        ),
        Setting(
            "QIGUAN_CLOSING_NOTICE_DAYS",
            "15",
            "注销公告到注销至少隔几天（本系统设定，新媒体没有全国规定）",
            "Days between the notice and the cancellation of an account (ours: none is set for new media)",
        ),
        Setting("QIGUAN_WORKERS", "2", "网页进程数", "Web worker processes"),
    )
}


def value(name: str) -> str:
    """Return a setting's value; an unknown name is a programming error."""
    return SETTINGS[name].get()


def flag(name: str) -> bool:
    """Read a setting as yes or no."""
    return value(name).lower() in {"1", "true", "yes", "on"}


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Read a setting as networks, comma separated. What is no network is refused at start."""
    found = [part.strip() for part in value(name).split(",") if part.strip()]
    try:
        return [ip_network(part) for part in found]
    except ValueError as error:
        raise SystemExit(f"{name}：不是网段，请写成 10.20.0.0/16") from error


def morning(name: str) -> time:
    """Read a setting as a time of the morning."""
    try:
        found = time.fromisoformat(value(name))
    except ValueError:
        found = time(12)
    if not time(5) <= found < time(12) or found.tzinfo is not None:
        raise SystemExit(f"{name}：请写5点到12点之间的时间，例如 09:00")
    return found


def number(name: str, low: int, high: int) -> int:
    """Read a setting as a whole number within its limits."""
    text = value(name)
    found = int(text) if text.isdecimal() and len(text) < 9 else -1
    if not low <= found <= high:
        raise SystemExit(f"{name}：请写{low}到{high}之间的整数")
    return found


def data_folder() -> Path:
    """Return the data folder, made for its owner alone. Raises UnusableInput where it cannot be made or written to."""
    folder = Path(value("QIGUAN_DATA")).expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableInput(f"建不了数据文件夹{folder}", place="QIGUAN_DATA", remedy="请换一个能写的位置") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnusableInput(f"写不进数据文件夹{folder}", place="QIGUAN_DATA", remedy="请核对它的权限，或换一个位置")
    return folder


def kept_secret(name: str) -> str:
    """Return a secret from the environment or from a file in the data folder, made at first use, readable by its owner alone."""
    given = os.environ.get(f"QIGUAN_{name.upper()}", "").strip()
    if given:
        return given
    path = data_folder() / f"{name}.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
