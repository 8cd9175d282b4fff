"""A new box as the server meets it: it has keys of its own, and types what stands on a label."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broadcaster.domain.errors import LoaError
from broadcaster.services.places import enrolling
from broadcaster.services.places.enrolling import Claimed, Label
from firmware_config import pki
from firmware_config.protocol.enrolment import EnrolRequest
from tests.cast import VAULT
from tests.speakers.world import CLERK, VILLAGE, World


@dataclass(frozen=True)
class Box:
    """Its keys, which stay on it."""

    tls: EllipticCurvePrivateKey = field(default_factory=pki.new_tls_key)
    signing: Ed25519PrivateKey = field(default_factory=pki.new_signing_key)

    def asks(self, label: str, code: str) -> EnrolRequest:
        """What it sends."""
        request = pki.certificate_request(self.tls)
        public = self.signing.public_key().public_bytes_raw()
        return EnrolRequest(label, code, public, request.decode("ascii"), self.signing.sign(request).hex())


def label_for(world: World, *, name: str = "Loa bản một", unit: str = VILLAGE, replaces: str | None = None) -> Label:
    """A label somebody made."""
    with world.database.transaction() as session:
        return enrolling.begin(session, CLERK, name=name, unit_id=unit, replaces=replaces, vault=VAULT, now=world.now)


def claim(world: World, asked: EnrolRequest) -> Claimed | LoaError:
    """What the server answers a box."""
    with world.database.transaction() as session:
        return enrolling.claim(session, asked, authority=world.authority, vault=VAULT, origin="10.0.0.7", now=world.now)


def enrolled(world: World, *, name: str = "Loa bản một", unit: str = VILLAGE, replaces: str | None = None) -> str:
    """A box in service; its id."""
    made = label_for(world, name=name, unit=unit, replaces=replaces)
    found = claim(world, Box().asks(made.id, made.code))
    assert isinstance(found, Claimed)
    return found.speaker.id
