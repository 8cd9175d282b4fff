"""TLS on a board whose clock is wrong, with certificates whose dates it would refuse."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from device_agent.tls import Context, client_context
from firmware_config import pki

pytestmark = pytest.mark.whole


@pytest.fixture
def authority() -> pki.Authority:
    return pki.create_authority("Loa test")


def issue(folder: Path, name: str, found: pki.Issued) -> tuple[str, str]:
    (folder / f"{name}.pem").write_bytes(found.certificate_pem)
    (folder / f"{name}.key").write_bytes(found.key_pem)
    return str(folder / f"{name}.pem"), str(folder / f"{name}.key")


def connect(folder: Path, context: Context, server: pki.Issued) -> str:
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    there.load_cert_chain(*issue(folder, "server", server))
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as bare:
                try:
                    there.wrap_socket(bare, server_side=True).close()
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            with (
                socket.create_connection(listening.getsockname()) as bare,
                context.wrap_socket(bare, server_hostname="localhost") as secure,
            ):
                return secure.version() or ""
        finally:
            thread.join()


@pytest.fixture
def context(authority: pki.Authority, tmp_path: Path) -> Context:
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
    return client_context(str(tmp_path / "ca.pem"), *issue(tmp_path, "speaker", authority.issue("loa-ban-mot")))


def ended(authority: pki.Authority) -> pki.Issued:
    long_ago = datetime.now(UTC) - timedelta(days=40)
    return authority.issue("mosquitto", server_names=("localhost",), days=30, now=long_ago)


def test_where_the_clock_is_right_the_dates_count(context: Context, authority: pki.Authority, tmp_path: Path) -> None:
    context.clock_is_right = lambda: True
    assert connect(tmp_path, context, authority.issue("mosquitto", server_names=("localhost",))) >= "TLSv1.2"
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        connect(tmp_path, context, ended(authority))


def test_where_it_is_not_they_do_not_and_all_else_does(
    context: Context, authority: pki.Authority, tmp_path: Path
) -> None:
    for right in (None, lambda: False):
        context.clock_is_right = right
        assert connect(tmp_path, context, ended(authority)) >= "TLSv1.2"
        with pytest.raises(ssl.SSLCertVerificationError, match=r"self.signed|unable to get local issuer"):
            connect(tmp_path, context, pki.create_authority("Other").issue("mosquitto", server_names=("localhost",)))
        with pytest.raises(ssl.SSLCertVerificationError, match="purpose"):
            connect(tmp_path, context, authority.issue("loa-ban-hai"))
    context.clock_is_right = lambda: True
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        connect(tmp_path, context, ended(authority))
