"""How a new box is taken into service: the label it is given, what it asks with, and what it is answered."""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from firmware_config.protocol.codecs import AtMost, Hex, Ident, Line, Number, Text
from firmware_config.protocol.documents import Document

ID_LETTERS, PRINT_LETTERS = 8, 20
"""A hundred bits of the authority's fingerprint: nobody makes another authority that begins alike."""
CODE = re.compile(r"[0-9]{6}")
_GROUP = 4
_LETTERS = re.compile(rf"[a-z2-7]{{{ID_LETTERS + PRINT_LETTERS}}}")
_LABEL_ID = re.compile(rf"[a-z2-7]{{{ID_LETTERS}}}")
# Digits the alphabet does not have, as people read the letters that look like them.
_MEANT = str.maketrans("018", "olb")
_Pem = Annotated[str, Text(8_000, re.compile(r"[\x20-\x7e\n]+"))]


class BadLabel(ValueError):
    """This is not what stands on a label."""


@dataclass(frozen=True, slots=True)
class Label:
    """Which enrolment it is, and by which authority the server is known."""

    id: str
    fingerprint: str

    def __str__(self) -> str:
        """As it is printed and typed: seven groups of four letters and digits."""
        text = self.id + self.fingerprint
        return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The label someone typed, in either case, with or without what stands between groups. Raises BadLabel."""
        found = re.sub(r"[\s-]", "", text.lower()).translate(_MEANT)
        if not _LETTERS.fullmatch(found):
            raise BadLabel
        return cls(found[:ID_LETTERS], found[ID_LETTERS:])


def fingerprint(certificate: bytes) -> str:
    """The beginning of a certificate's (DER) hash, as labels carry it."""
    return letters(hashlib.sha256(certificate).digest(), PRINT_LETTERS)


def letters(raw: bytes, many: int) -> str:
    """The first of these bits as letters and digits that do not look alike."""
    return base64.b32encode(raw).decode("ascii").lower()[:many]


@dataclass(frozen=True, slots=True)
class EnrolRequest(Document):
    """What a box sends: its label and code, and the public halves of the keys it made."""

    TYPE: ClassVar[str] = "application/vnd.loa.enrol.v1+json"
    LIMIT: ClassVar[int] = 16_384

    label: Annotated[str, Text(ID_LETTERS, _LABEL_ID)]
    code: Annotated[str, Text(6, CODE)]
    public_key: Annotated[bytes, Hex(32)]
    """Ed25519, for its receipts."""
    request: _Pem
    """PKCS#10, for its TLS certificate."""
    proof: Annotated[str, Text(128, re.compile(r"[0-9a-f]{128}"))]
    """The request under the Ed25519 key, in hexadecimal: whoever asks holds both."""


@dataclass(frozen=True, slots=True)
class Enrolled(Document):
    """What the box is told: who it is, whom it may believe, and where the broadcaster is."""

    TYPE: ClassVar[str] = "application/vnd.loa.enrolled.v1+json"

    device: Ident
    name: Annotated[str, Text(200)]
    certificate: _Pem
    root: Annotated[bytes, Hex(32)]
    keys: Annotated[str, Text(64_000)]
    """keys.json in its envelope, signed by the root."""
    brokers: Annotated[tuple[Line, ...], AtMost(16)]
    urls: Annotated[tuple[Line, ...], AtMost(16)]
    lead_ms: Annotated[int, Number(0, 10_000)]
    tail_ms: Annotated[int, Number(0, 10_000)]
