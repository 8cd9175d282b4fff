"""What every request may use; put together once by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from audio.render import Studio
from broadcaster.services.outlets.cap_seal import Seal
from broadcaster.services.outlets.official_accounts import Zalo
from broadcaster.services.outlets.trying import Outlets
from broadcaster.services.outlets.vapid import Vapid
from broadcaster.services.people.open_id import Provider
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
    label_days: int = 7
    """How long a box may be enrolled with its label."""
    map_tiles: Path | None = None
    """A folder of z/x/y.png; without one maps show borders alone."""


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
    cap_seal: Seal
    """Signs what other systems read of our emergencies."""
    outlets: Outlets
    """The kinds of chat groups, to be filled in and tried."""
    zalo: Zalo
    """Asked about the Official Accounts."""
    live: LiveHub
    settings: WebSettings
    now: Callable[[], datetime]
    vapid: Vapid | None = None
    """By which browsers of residents are told; none = they are offered nothing."""
    provider: Provider | None = None
    """Whose accounts people may sign in with as well."""
    received: Mapping[str, int] = field(default_factory=dict)
    """How many messages of speakers were taken in, and how many refused, by code; counted while we run."""
