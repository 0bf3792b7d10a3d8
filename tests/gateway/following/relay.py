"""A line to PostgreSQL that can be cut: connections end, and no new one comes about."""

import secrets
import selectors
import socket
import threading
from contextlib import closing, suppress
from typing import Self

from sqlalchemy.engine import make_url

from index.postgres import PORT, connect


def new_database(url: str) -> str:
    """One of its own on the same server."""
    name = f"t{secrets.token_hex(6)}"
    with closing(connect(url, 30.0)) as line:
        line.autocommit = True
        line.run(f"CREATE DATABASE {name}")
    return make_url(url).set(database=name).render_as_string(hide_password=False)


class Relay:
    """In a `with` statement. `url` leads through it."""

    def __init__(self, url: str) -> None:
        said = make_url(url)
        folder, user = str(said.query["host"]), said.username
        self._server = f"{folder}/.s.PGSQL.{PORT}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = f"postgresql://{user}@127.0.0.1:{port}/{said.database}?sslmode=disable"
        self._open = threading.Event()
        self._open.set()
        self._lines: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def cut(self) -> None:
        self._open.clear()
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._open.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            if not self._open.is_set():
                return
            server.connect(self._server)
            self._lines += (client, server)
            with selectors.DefaultSelector() as ready:
                ready.register(client, selectors.EVENT_READ, server)
                ready.register(server, selectors.EVENT_READ, client)
                while self._move(ready):
                    pass

    def _move(self, ready: selectors.BaseSelector) -> bool:
        for key, _ in ready.select():
            source, target = key.fileobj, key.data
            assert isinstance(source, socket.socket)
            data = source.recv(1 << 16)
            if not data:
                return False
            target.sendall(data)
        return True
