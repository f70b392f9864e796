"""A PostgreSQL of the tests' own: a temporary folder, loopback only, stopped afterwards.

`python -m tests.postgres COMMAND …` runs a command with QIGUAN_DATABASE_URL pointing at it; where the server's
programs are not found it says so and exits 0, so that `make test` needs no service.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


def server_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl: Debian's newest, or the one on PATH."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_server(programs: Path) -> Iterator[str]:
    """Start a server, yield its URL, stop it. PostgreSQL refuses root, so root hands it to `nobody`."""
    folder = Path(tempfile.mkdtemp(prefix="qiguan-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    else:
        as_user = []
    port = _free_port()
    quiet = {"stdout": subprocess.DEVNULL, "check": True, "cwd": folder}
    data = folder / "data"
    subprocess.run(
        [*as_user, programs / "initdb", "-D", data, "-A", "trust", "-U", "qiguan", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        **quiet,
    )
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
    )
    subprocess.run([*as_user, programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"], **quiet)
    try:
        yield f"postgresql://qiguan@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def main(command: list[str]) -> int:
    """Run `command` against a fresh server."""
    programs = server_programs()
    if programs is None:
        print("PostgreSQL: no server programs here (Debian: apt-get install postgresql); its tests are left out.")
        return 0
    with running_server(programs) as url:
        return subprocess.run(command, env={**os.environ, "QIGUAN_DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
