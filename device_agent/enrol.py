"""Takes this box into service with the label it was given: its keys are made here and never leave it."""

import http.client
import json
import ssl
import sys
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from device_agent.tls import Context
from firmware_config import pki, protocol
from firmware_config.bundle import SpeakerIdentity, bundle, write_folder
from firmware_config.device_config import Sound
from firmware_config.protocol import Refused
from firmware_config.protocol.enrolment import CODE, BadLabel, Enrolled, EnrolRequest, Label, fingerprint

TIMEOUT_S = 20.0
LIMIT = 300_000
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""Where nobody can listen in between, so that http will do."""
CONFIG = "config.toml"
TLS_KEY, SIGNING_KEY = Path("tls/speaker.key"), Path("signing/speaker.key")
FAILED = 1


class CannotEnrol(Exception):
    """The box is not in service; `code` names a sentence of enrol.toml, unless the server said it in words."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}")
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Wish:
    """What the technician typed."""

    server: str
    label: str
    code: str
    folder: Path
    sink: str
    data: Path
    language: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The box's own private keys, PEM."""

    tls: bytes
    signing: bytes


def enrol(wish: Wish) -> int:
    """Carry it out; the exit status says whether the box is in service."""
    try:
        device = take_into_service(wish)
    except CannotEnrol as failure:
        print(f"loa-agent: {_words(wish.language, failure.code)} {failure.detail}".rstrip(), file=sys.stderr)
        return FAILED
    except OSError as failure:
        print(f"loa-agent: {_words(wish.language, 'disk')} {failure}", file=sys.stderr)
        return FAILED
    print(_words(wish.language, "done").format(device=device, folder=wish.folder))
    return 0


def take_into_service(wish: Wish) -> str:
    """Make keys, ask, and write everything a bundle holds; the device's id. Raises CannotEnrol, OSError."""
    label, base = _label(wish), _address(wish.server)
    if (wish.folder / CONFIG).exists():
        raise CannotEnrol("in_service", str(wish.folder / CONFIG))
    ca = _authority(base, label)
    keys = _own_keys(wish.folder)
    answer = _ask(base, ca, _request(label, wish.code, keys), wish.language)
    _check(answer, keys, ca)
    identity = SpeakerIdentity(
        answer.device, answer.name, pki.Issued(keys.tls, answer.certificate.encode("ascii")), keys.signing
    )
    found = bundle(
        identity,
        ca=ca,
        root=answer.root,
        brokers=answer.brokers,
        urls=answer.urls,
        keys=answer.keys.encode("utf-8"),
        sound=Sound(sink=wish.sink, lead_ms=answer.lead_ms, tail_ms=answer.tail_ms),
        data=wish.data,
    )
    # The settings last: with them the box counts as being in service.
    write_folder({path: found[path] for path in found if path != CONFIG}, wish.folder)
    write_folder({CONFIG: found[CONFIG]}, wish.folder)
    return answer.device


def _label(wish: Wish) -> Label:
    try:
        label = Label.parse(wish.label)
    except BadLabel:
        raise CannotEnrol("label") from None
    if not CODE.fullmatch(wish.code):
        raise CannotEnrol("code")
    return label


def _address(server: str) -> SplitResult:
    """Where to ask; without https only on this very machine."""
    base = urlsplit(server if "://" in server else f"https://{server}")
    safe = base.scheme == "https" or (base.scheme == "http" and base.hostname in HERE)
    if not safe or not base.hostname:
        raise CannotEnrol("address", server)
    return base


def _authority(base: SplitResult, label: Label) -> bytes:
    """The authority the label names (PEM), whoever handed it over: that is checked before anything of ours is sent."""
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    status, pem = _http(base, blind, "/device/v1/authority")
    try:
        der = ssl.PEM_cert_to_DER_cert(pem.decode("ascii"))
    except ValueError:
        raise CannotEnrol("no_server", f"HTTP {status}") from None
    if status != http.client.OK or fingerprint(der) != label.fingerprint:
        raise CannotEnrol("other_server")
    return ssl.DER_cert_to_PEM_cert(der).encode("ascii")


def _own_keys(folder: Path) -> Keys:
    """Made once: when the answer is lost, the same box asks again with the same keys."""
    tls, signing = folder / TLS_KEY, folder / SIGNING_KEY
    if not (tls.exists() and signing.exists()):
        made = {
            str(TLS_KEY): pki.tls_key_pem(pki.new_tls_key()),
            str(SIGNING_KEY): pki.signing_key_pem(pki.new_signing_key()),
        }
        write_folder(made, folder)
    return Keys(tls.read_bytes(), signing.read_bytes())


def _request(label: Label, code: str, keys: Keys) -> EnrolRequest:
    try:
        signing = pki.load_signing_key(keys.signing)
        request = pki.certificate_request(pki.load_tls_key(keys.tls))
    except pki.BrokenCertificate as failure:
        raise CannotEnrol("keys", str(failure)) from failure
    public = signing.public_key().public_bytes_raw()
    return EnrolRequest(label.id, code, public, request.decode("ascii"), signing.sign(request).hex())


def _ask(base: SplitResult, ca: bytes, asked: EnrolRequest, language: str) -> Enrolled:
    status, raw = _trusted(base, ca, asked.to_bytes(), language)
    if status != http.client.OK:
        raise CannotEnrol("refused", _problem(raw, status))
    try:
        return Enrolled.from_bytes(raw)
    except Refused as refused:
        raise CannotEnrol("answer", str(refused)) from refused


def _trusted(base: SplitResult, ca: bytes, body: bytes, language: str) -> tuple[int, bytes]:
    """To a server of the label's authority, or of one this system knows where a proxy stands before it."""
    ours = Context(ssl.PROTOCOL_TLS_CLIENT)
    ours.load_verify_locations(cadata=ca.decode("ascii"))
    known = ssl.create_default_context()
    for context in (ours, known):
        try:
            return _http(base, context, "/device/v1/enrol", body, language=language)
        except ssl.SSLCertVerificationError:
            continue
    raise CannotEnrol("other_server")


def _http(
    base: SplitResult, context: ssl.SSLContext, path: str, body: bytes | None = None, *, language: str = "vi"
) -> tuple[int, bytes]:
    host, port = base.hostname or "", base.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
        if base.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    )
    headers = {"Accept-Language": language} | ({"Content-Type": EnrolRequest.TYPE} if body else {})
    try:
        connection.request("POST" if body else "GET", base.path.rstrip("/") + path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(LIMIT)
    except ssl.SSLCertVerificationError:
        raise
    except (OSError, http.client.HTTPException) as failure:
        raise CannotEnrol("no_server", str(failure)) from failure
    finally:
        connection.close()


def _check(answer: Enrolled, keys: Keys, ca: bytes) -> None:
    """The answer is for the keys of this box, and of the authority on the label; a board's clock may be wrong yet."""
    issued = pki.Issued(keys.tls, answer.certificate.encode("ascii"))
    try:
        begins = pki.load_certificate(issued.certificate_pem).not_valid_before_utc
        name = pki.check(issued, ca_pem=ca, now=begins)
        protocol.accept_keys(answer.keys.encode("utf-8"), root=answer.root, have_version=0, now=None)
    except (pki.BrokenCertificate, Refused) as failure:
        raise CannotEnrol("answer", str(failure)) from failure
    if name != answer.device:
        raise CannotEnrol("answer", name)


def _problem(raw: bytes, status: int) -> str:
    """What the server said, in its own words."""
    try:
        told = json.loads(raw)
        return (
            " ".join(str(told[name]) for name in ("title", "detail", "todo") if told.get(name)) + f" ({told['code']})"
        )
    except (ValueError, KeyError, AttributeError, TypeError):
        return f"HTTP {status}"


def _words(language: str, code: str) -> str:
    told = tomllib.loads((files("device_agent") / "enrol.toml").read_text(encoding="utf-8"))
    return str(told[code][language])
