"""A new box with its label: the real program, the real console, and its first manifest; and whom it does not trust."""

import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import uvicorn

from broadcaster.services.places import enrolling
from broadcaster.store.tables import Speaker
from device_agent.https import Server, Tokens
from device_agent.settings import from_config
from firmware_config import pki, protocol
from firmware_config.bundle import SpeakerIdentity, bundle
from firmware_config.device_config import load
from firmware_config.protocol import Manifest
from firmware_config.protocol.enrolment import Label, fingerprint
from tests.browser.conftest import listening
from tests.cast import COMMUNE, NOW, VILLAGES
from tests.databases import Server as DatabaseServer
from tests.web.house import AUTHORITY, House, build

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("enrolling")]
KEYS = {"tls/speaker.key", "signing/speaker.key"}


@pytest.fixture
def served(sqlite_server: DatabaseServer, tmp_path: Path) -> Iterator[tuple[House, str]]:
    with sqlite_server.database() as database:
        house = build(database, tmp_path)
        with listening(house) as url:
            yield house, url


def label_for(house: House) -> enrolling.Label:
    with house.database.transaction() as session:
        return enrolling.begin(
            session, house.cast.technician, name="Loa Nà Pản 2", unit_id=VILLAGES[0], vault=house.context.vault, now=NOW
        )


def box(url: str, made: enrolling.Label, folder: Path, *, authority: pki.Authority = AUTHORITY) -> tuple[int, str]:
    """What the program said, and its exit status."""
    label = Label(made.id, fingerprint(ssl.PEM_cert_to_DER_cert(authority.certificate_pem.decode())))
    command = [sys.executable, "-m", "device_agent", "enrol", url, str(label), made.code]
    command += ["--to", str(folder), "--sink", "silent", "--data", str(folder / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_box_comes_into_service_and_is_told_what_to_play(served: tuple[House, str], tmp_path: Path) -> None:
    house, url = served
    folder = tmp_path / "box"
    status, said = box(url, label_for(house), folder)
    assert (status, "XONG" in said) == (0, True), said
    settings = from_config(load(folder / "config.toml"), {})
    key = pki.load_signing_key(settings.signing_key.read_bytes())
    server = Server((url,), None, Tokens(settings.device, key, lambda: int(NOW.timestamp() * 1000)))
    raw = server.ask("GET", "/device/v1/manifest").body
    server.close()
    root = pki.load_public_key(settings.root_key.read_bytes())
    keys = protocol.accept_keys(settings.bundled_keys.read_bytes(), root=root, have_version=0, now=None)
    found = protocol.accept_manifest(raw, me=settings.device, keys=keys.ring(), have=None, now=None)
    assert isinstance(found, Manifest)
    assert COMMUNE in found.places.units
    with house.database.read() as session:
        assert session.get_one(Speaker, settings.device).name == "Loa Nà Pản 2"
    again, words = box(url, label_for(house), folder)
    assert (again, "đã là một chiếc loa" in words) == (1, True)


def test_it_writes_the_files_of_a_bundle_and_its_keys_are_its_own(served: tuple[House, str], tmp_path: Path) -> None:
    house, url = served
    folder = tmp_path / "box"
    assert box(url, label_for(house), folder)[0] == 0
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    identity = pki.new_signing_key()
    issued = AUTHORITY.issue("loa-1", now=NOW)
    usual = SpeakerIdentity("loa-1", "Loa", issued, pki.signing_key_pem(identity))
    found = bundle(usual, ca=b"", root=house.context.signing.root, brokers=(), urls=(), keys=b"")
    assert written == set(found)
    assert {name for name in written if (folder / name).stat().st_mode & 0o077 == 0} == KEYS


def test_a_wrong_code_is_told_in_words_and_the_same_box_tries_again(served: tuple[House, str], tmp_path: Path) -> None:
    house, url = served
    made = label_for(house)
    wrong = replace(made, code=f"{(int(made.code) + 1) % 1_000_000:06}")
    status, said = box(url, wrong, tmp_path / "box")
    assert (status, "label_code_wrong" in said) == (1, True), said
    before = {name: (tmp_path / "box" / name).read_bytes() for name in KEYS}
    assert box(url, made, tmp_path / "box")[0] == 0
    assert {name: (tmp_path / "box" / name).read_bytes() for name in KEYS} == before


@contextmanager
def by_https(house: House, folder: Path) -> Iterator[str]:
    """The console itself, under a certificate of its own authority."""
    certificate, key = written(AUTHORITY, folder, "server")
    tls = {"ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
    config = uvicorn.Config(house.app, host="127.0.0.1", port=0, log_level="error", **tls)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="console-tls")
    thread.start()
    while not server.started:
        thread.join(0.02)
    try:
        yield f"https://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def written(authority: pki.Authority, folder: Path, name: str) -> tuple[Path, Path]:
    """A server's certificate and key, as files."""
    issued = authority.issue("server", server_names=("127.0.0.1",), now=NOW)
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(issued.certificate_pem)
    key.write_bytes(issued.key_pem)
    return certificate, key


def test_by_https_the_authority_on_the_label_is_all_the_trust_it_needs(
    served: tuple[House, str], tmp_path: Path
) -> None:
    house, _ = served
    with by_https(house, tmp_path) as url:
        status, said = box(url, label_for(house), tmp_path / "box")
    assert (status, "XONG" in said) == (0, True), said
    assert (tmp_path / "box/tls/ca.pem").read_bytes() == AUTHORITY.certificate_pem


@contextmanager
def impostor(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """By https, with a certificate of nobody's; it hands out our authority's, which everybody may know."""
    heard: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.requestline)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(AUTHORITY.certificate_pem)

        def do_POST(self) -> None:
            heard.append(self.requestline)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    certificate, key = written(pki.create_authority("Loa", now=NOW), folder, "false")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_whoever_is_not_the_server_on_the_label_gets_no_code(served: tuple[House, str], tmp_path: Path) -> None:
    house, url = served
    made = label_for(house)
    with impostor(tmp_path) as (false, heard):
        status, said = box(false, made, tmp_path / "box")
    assert (status, "DỪNG" in said) == (1, True), said
    assert [line.split()[0] for line in heard] == ["GET"]
    other = pki.create_authority("Loa", now=NOW)
    assert "DỪNG" in box(url, made, tmp_path / "box", authority=other)[1]
    assert "https://" in box("http://loa.example", made, tmp_path / "box")[1]
    with house.database.read() as session:
        assert [one.id for one in enrolling.waiting(session, frozenset(VILLAGES), now=NOW)] == [made.id]
