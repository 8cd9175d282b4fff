"""Names for new rows, and secrets."""

import hashlib
import secrets
from datetime import datetime

# Without letters and digits that look alike when read aloud or copied by hand.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_id(now: datetime) -> str:
    """32 hexadecimal digits that sort by time (as UUID 7 does) and cannot be guessed."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(10)}"


def public_id() -> str:
    """Ten characters for a link that people may read to each other; they tell nothing about when or how many."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def new_secret() -> str:
    """A secret to be shown once and kept as its hash."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
