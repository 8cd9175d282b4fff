"""Every channel, by the name it has in the database; what communes have comes first."""

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.apprise_channel import AppriseChannel
from broadcaster.mirrors.base import Channel, Means
from broadcaster.mirrors.email import EmailChannel
from broadcaster.mirrors.facebook_page import FacebookPageChannel
from broadcaster.mirrors.matrix import MatrixChannel
from broadcaster.mirrors.share_pack import SharePack
from broadcaster.mirrors.sms_gateway import SmsGatewayChannel
from broadcaster.mirrors.telegram import TelegramChannel
from broadcaster.mirrors.webhook import WebhookChannel
from broadcaster.mirrors.zalo_bot import ZaloBotChannel
from broadcaster.mirrors.zalo_oa import ZaloOaChannel
from broadcaster.services.outlets.unreadable import SHUT, WORDS
from broadcaster.store.sealed import lost

CHANNELS: Mapping[str, type[Channel]] = MappingProxyType(
    {
        "zalo_bot": ZaloBotChannel,
        "zalo_oa": ZaloOaChannel,
        "share_pack": SharePack,
        "facebook_page": FacebookPageChannel,
        "email": EmailChannel,
        "sms_gateway": SmsGatewayChannel,
        "telegram": TelegramChannel,
        "matrix": MatrixChannel,
        "webhook": WebhookChannel,
        "apprise": AppriseChannel,
    }
)

OFF: Mapping[str, str] = MappingProxyType(
    {
        "telegram": "Telegram was ordered blocked in Viet Nam in May 2025, and not every network lets it through "
        "since. A new group is therefore switched off until you switch it on.",
    }
)
"""Kinds of which a new channel is off, and why."""


class BadChannel(ValueError):
    """A channel cannot be made of these settings."""

    @property
    def outcome(self) -> Outcome:
        """What comes of a copy for it."""
        return Outcome(CopyState.FAILED, permanent=True, provider_code="bad_channel", detail=str(self))


class SecretLost(BadChannel):
    """The secret is there, and the key that opens it is not."""

    @property
    def outcome(self) -> Outcome:
        """The copy waits until somebody has entered the secret again."""
        return SHUT


def build(kind: str, settings: Mapping[str, str], means: Means, *, secret: str | None = None) -> Channel:
    """The channel of one kind with its settings, defaults filled in; raises BadChannel with one sentence.

    `secret` is the value of the setting that is declared secret, where it is kept apart.
    """
    if kind not in CHANNELS:
        raise BadChannel(f"there is no channel {kind!r}{_near(kind, CHANNELS)}")
    if lost(secret):
        raise SecretLost(WORDS)
    channel = CHANNELS[kind]
    apart = {setting.name: secret for setting in channel.settings if setting.secret and secret}
    try:
        return channel.build(complete(channel, {**settings, **apart}), means)
    except BadChannel:
        raise
    except ValueError as error:
        raise BadChannel(f"{kind}: {error}") from error


def complete(channel: type[Channel], settings: Mapping[str, str]) -> dict[str, str]:
    """Settings with their defaults, also empty ones; raises BadChannel for one that is missing or unknown."""
    known = {setting.name: setting.default for setting in channel.settings}
    for name in settings:
        if name not in known:
            raise BadChannel(f"{channel.kind} has no setting {name!r}{_near(name, known)}")
    values = {name: settings.get(name) or default for name, default in known.items()}
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise BadChannel(f"{channel.kind} needs {', '.join(missing)}")
    return {name: value for name, value in values.items() if value is not None}


def _near(name: str, known: Mapping[str, object]) -> str:
    found = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {found[0]!r}?" if found else ""
