"""How PostgreSQL is reached: what a URL may say, whose password counts, and that no wait is long."""

import os
import signal
import ssl
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from index.database import postgres_engine
from index.passfile import password_for
from index.postgres import Address, AddressError, connect


def test_a_url_says_who_where_and_how() -> None:
    to = Address.read("postgresql://ann:pw@db.local:6000/ledger?sslmode=disable&application_name=one", {})
    assert (to.user, to.password, to.host, to.port, to.database) == ("ann", "pw", "db.local", 6000, "ledger")
    assert (to.tls, to.name) == (False, "one")


def test_a_folder_of_a_socket_is_a_host() -> None:
    to = Address.read("postgresql://ann@/ledger?host=/var/run/postgresql", {})
    assert (to.host, to.port) == ("/var/run/postgresql", 5432)


def test_what_is_not_understood_is_refused() -> None:
    with pytest.raises(AddressError, match="gssencmode"):
        Address.read("postgresql://ann@db/ledger?gssencmode=require", {})
    with pytest.raises(AddressError, match="sslmode: expected one of"):
        Address.read("postgresql://ann@db/ledger?sslmode=always", {})
    with pytest.raises(AddressError, match="expected postgresql://"):
        Address.read("ledger.sqlite", {})


@pytest.mark.parametrize(
    ("mode", "checked", "named"),
    [("require", False, False), ("verify-ca", True, False), ("verify-full", True, True)],
)
def test_certificates_are_checked_as_asked(mode: str, checked: bool, named: bool) -> None:
    context = Address.read(f"postgresql://ann@db/ledger?sslmode={mode}", {}).tls
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode is ssl.CERT_REQUIRED, context.check_hostname) == (checked, named)


def test_the_environment_gives_a_password(tmp_path: Path) -> None:
    file = tmp_path / "pgpass"
    file.write_text("other:*:*:*:no\n# none\ndb:5432:led\\:ger:ann:p\\:w\\\\\n*:*:*:*:any\n")
    file.chmod(0o600)
    known = {"PGPASSFILE": str(file)}
    assert Address.read("postgresql://ann@db/ledger", {"PGPASSWORD": "secret"}).password == "secret"
    assert password_for("db", 5432, "led:ger", "ann", known) == "p:w\\"
    assert password_for("db", 5432, "ledger", "bob", known) == "any"
    file.chmod(0o640)
    assert password_for("db", 5432, "ledger", "bob", known) is None


def test_a_server_that_stands_still_is_not_waited_for(postgres_url: str) -> None:
    """Neither for an answer nor for a new connection; and it is asked anew when it goes on."""
    engine = postgres_engine(postgres_url, 1.5)
    with engine.connect() as line:
        server = int(line.execute(text("SELECT pg_backend_pid()")).scalar_one())
        os.kill(server, signal.SIGSTOP)
        try:
            with pytest.raises((SQLAlchemyError, OSError)):
                line.execute(text("SELECT 1"))
        finally:
            os.kill(server, signal.SIGCONT)
    with engine.connect() as line:
        assert line.execute(text("SELECT 2")).scalar_one() == 2
    engine.dispose()


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match="refused"):
        connect("postgresql://ann@127.0.0.1:1/ledger", 1.0)
