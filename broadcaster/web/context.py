"""What every request may use; put together once by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from audio.render import Studio
from broadcaster.services.outlets.trying import Outlets
from broadcaster.services.people.vault import Vault
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.database import Database
from broadcaster.web.live import LiveHub
from firmware_config.pki import Authority


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How this console is reached."""

    public_url: str
    """Without a slash at its end."""
    secure_cookies: bool = False
    """True wherever people come by https; cookies are then never sent otherwise."""
    language: str = "vi"
    developer_pages: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """The database, the studio, the keys and the vault, the open pages and the clock."""

    database: Database
    studio: Studio
    clips: Path
    signing: Signing
    vault: Vault
    authority: Authority
    """Issues certificates to new loudspeakers."""
    live: LiveHub
    settings: WebSettings
    now: Callable[[], datetime]
    received: Mapping[str, int] = field(default_factory=dict)
    outlets: Outlets
    """The kinds of chat groups, to be filled in and tried."""
    """How many messages of speakers were taken in, and how many refused, by code; counted while we run."""
