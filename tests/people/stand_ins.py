"""Stand-ins on loopback: an SMTP server (asyncio) and a webhook (HTTP). They keep what they got and misbehave as told."""

from __future__ import annotations

import asyncio
import json
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class SmtpServer:
    """`with SmtpServer() as smtp`. `mood`: "" works · "550" refuses recipients · "451" later · "535"-like codes for DATA as "data550" ·
    "hang" accepts and says nothing · "drop" takes the mail and breaks off before saying so."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.mood = ""
        self.got = threading.Event()  # set whenever a mail has arrived whole

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()

        async def start() -> None:
            self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]
            ready.set()

        def run() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.create_task(start())
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        async def stop() -> None:
            self._server.close()
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.mood == "hang":
                await asyncio.sleep(30)
                return
            writer.write(b"220 stand-in\r\n")
            while line := (await reader.readline()).decode("latin-1").strip():
                word = line[:4].upper()
                if word == "QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                if word == "RCPT" and self.mood in {"550", "451"}:
                    writer.write(f"{self.mood} no\r\n".encode())
                elif word == "DATA":
                    writer.write(b"354 go on\r\n")
                    body = (await reader.readuntil(b"\r\n.\r\n"))[:-5]
                    if self.mood.startswith("data"):
                        writer.write(f"{self.mood[4:]} no\r\n".encode())
                        continue
                    self.mails.append(message_from_bytes(body, policy=policy.default))  # type: ignore[arg-type]
                    self.got.set()
                    if self.mood == "drop":
                        break
                    if self.mood == "hold":
                        await asyncio.sleep(30)
                    writer.write(b"250 taken\r\n")
                else:
                    writer.write(b"250 fine\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class HookServer:
    """`with HookServer() as hook`. `moods[path]`: a status, "hang" (takes it, never answers), "drop" (takes it, breaks off)."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.moods: dict[str, Any] = {}
        self.bodies: dict[str, bytes] = {}
        self.arrived = threading.Event()
        self.release = threading.Event()

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"owner": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def ids(self) -> list[str]:
        return [str(body.get("id", "")) for _, body in self.got]


class _Handler(BaseHTTPRequestHandler):
    owner: HookServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.partition("?")[0]
        mood = self.owner.moods.get(path, 200)
        if not isinstance(mood, int) or mood < 300 or mood == 502:
            self.owner.got.append((self.path, body))
        self.owner.arrived.set()
        if mood == "hang":
            self.owner.release.wait(30)
        if not isinstance(mood, int):
            self.close_connection = True
            return
        answer = self.owner.bodies.get(path, b"")
        extra = b"Location: /elsewhere\r\n" if mood in {301, 302, 307} else b""
        head = f"HTTP/1.1 {mood} X\r\nContent-Length: {len(answer)}\r\nConnection: close\r\n".encode()
        self.wfile.write(head + extra + b"\r\n" + answer)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
