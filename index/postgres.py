"""A connection to PostgreSQL, by a URL as every other program takes it.

Rules: each single answer of the server is waited for `wait_s` at most. What a URL says that is not understood
is refused, so that no wish about encryption is passed over. Who, with which password and over which socket is
found as PostgreSQL's own programs find it: in the URL, PGUSER, PGHOST, PGPASSWORD, PGPASSFILE.
"""

import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from getpass import getuser
from typing import Any, Final

import pg8000
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from index.passfile import password_for

PORT: Final = 5432
_KNOWN: Final = frozenset(
    {"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey"}
    | {"application_name", "connect_timeout"}
)
_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


class AddressError(ValueError):
    """The URL is none. Never says the password."""


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """`host` with a slash first: the folder of a socket."""

    host: str
    port: int
    user: str
    password: str | None
    database: str
    tls: ssl.SSLContext | bool | None
    name: str

    @classmethod
    def read(cls, url: str, environment: Mapping[str, str] = os.environ) -> "Address":
        try:
            said = make_url(url)
            port = int(_text(said.query, "port") or said.port or PORT)
        except (ArgumentError, ValueError):
            raise AddressError(
                "expected postgresql://user@host:port/database, found something else"
            ) from None
        if foreign := said.query.keys() - _KNOWN:
            raise AddressError(f"expected options such as sslmode and host, found {min(foreign)!r}")
        user = _text(said.query, "user") or said.username or environment.get("PGUSER") or getuser()
        host = _text(said.query, "host") or said.host or environment.get("PGHOST") or "localhost"
        database = _text(said.query, "dbname") or said.database or user
        password = _text(said.query, "password") or said.password or environment.get("PGPASSWORD")
        if not password:
            password = password_for(host, port, database, user, environment)
        name = _text(said.query, "application_name") or "unsay"
        return cls(host, port, user, password, database, _tls(said.query), name)


def connect(url: str, wait_s: float) -> Any:
    """A DB-API connection of pg8000."""
    return connect_with(url, wait_s)[0]


def connect_with(url: str, wait_s: float) -> tuple[Any, socket.socket]:
    """The same, and its socket, for who waits for what the server says by itself."""
    to = Address.read(url)
    line = _socket(to, wait_s)
    try:
        made = pg8000.Connection(
            user=to.user,
            host=to.host,
            database=to.database,
            password=to.password,
            sock=line,
            ssl_context=to.tls,
            application_name=to.name,
        )
    except BaseException:
        line.close()
        raise
    return made, line


def _socket(to: Address, wait_s: float) -> socket.socket:
    if to.host.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(wait_s)
        try:
            line.connect(f"{to.host}/.s.PGSQL.{to.port}")
        except OSError:
            line.close()
            raise
        return line
    line = socket.create_connection((to.host, to.port), wait_s)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _tls(query: Mapping[str, Any]) -> ssl.SSLContext | bool | None:
    """None: encrypted where the server can. False: never."""
    mode = _text(query, "sslmode") or "prefer"
    if mode not in _MODES:
        raise AddressError(f"sslmode: expected one of {', '.join(_MODES)}")
    if mode in ("disable", "allow"):
        return False
    if mode == "prefer":
        return None
    context = ssl.create_default_context(cafile=_text(query, "sslrootcert") or None)
    context.check_hostname = mode == "verify-full"
    if mode == "require":
        context.verify_mode = ssl.CERT_NONE
    if own := _text(query, "sslcert"):
        context.load_cert_chain(own, _text(query, "sslkey") or None)
    return context


def _text(query: Mapping[str, Any], name: str) -> str:
    value = query.get(name, "")
    return value if isinstance(value, str) else ""
