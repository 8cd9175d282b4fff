"""Our name towards push services (RFC 8292): one key, made once, which every subscription is bound to."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from joserfc import jwt
from joserfc.jwk import ECKey

LIFE = timedelta(hours=12)
"""Of one token; services take none that lives longer than a day."""


@dataclass(frozen=True)
class Vapid:
    """The key, and the address under which the service is found by whoever runs a push service."""

    pem: bytes = field(repr=False)
    contact: str
    private: bool = False
    """Whether browsers may be told by http and through this machine's network: for stand-ins."""

    @cached_property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        key = load_pem_private_key(self.pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the key for push messages is none on the curve P-256")
        return key

    @cached_property
    def public(self) -> str:
        """What a browser is given to subscribe with: the uncompressed point, base64url without padding."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def check(self) -> None:
        """Raise ValueError where the key is none of its kind."""
        self._key.public_key()

    def authorization(self, endpoint: str, *, now: datetime) -> str:
        """The header that proves to one service, for half a day, that the message is ours."""
        parts = urlsplit(endpoint)
        claims: dict[str, object] = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + LIFE).timestamp()),
        }
        # Some services refuse a token without a contact, and all refuse one that is neither https nor mail.
        claims |= {"sub": self.contact} if self.contact.startswith("https:") else {}
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, ECKey.import_key(self.pem))
        return f"vapid t={token}, k={self.public}"


def new_pem() -> bytes:
    """A new key, as it is kept."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
