"""Where second factors and the secrets of channels are kept: sealed under a key that lies beside the database."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken

from broadcaster.domain.errors import FactorUnreadable


@dataclass(frozen=True, slots=True)
class Vault:
    """The key of what is sealed, and the address people come by, to which passkeys are bound."""

    key: bytes = field(repr=False)
    url: str
    """The public address of the console."""

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a browser writes them."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """The relying party of passkeys."""
        return urlsplit(self.url).hostname or ""

    def seal(self, secret: str) -> bytes:
        """What is stored of a secret."""
        return Fernet(self.key).encrypt(secret.encode())

    def unseal(self, sealed: bytes) -> str:
        """The secret again. Raises FactorUnreadable when the key is another one."""
        try:
            return Fernet(self.key).decrypt(sealed).decode()
        except InvalidToken as error:
            raise FactorUnreadable from error
