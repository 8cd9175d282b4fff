"""A channel is made of its settings, and says which one is wrong."""

import httpx
import pytest

from broadcaster.mirrors.base import Means
from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.registry import CHANNELS, BadChannel, build

pytestmark = pytest.mark.pure

ZALO = {"token": "1:abc", "chat_id": "g-1"}


def means() -> Means:
    client = httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(204)))
    return NOTHING.means(client, private=False)


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_channel_is_registered_by_its_own_name_and_says_what_it_wants(kind: str) -> None:
    channel = CHANNELS[kind]
    assert channel.kind == kind
    assert channel.label
    assert channel.per_minute > 0
    assert sum(setting.secret for setting in channel.settings) <= 1
    assert len({setting.name for setting in channel.settings}) == len(channel.settings)


def test_a_default_is_filled_in() -> None:
    assert build("zalo_bot", ZALO, means()).kind == "zalo_bot"


@pytest.mark.parametrize(
    ("kind", "settings", "sentence"),
    [
        ("zalo-bot", ZALO, "did you mean 'zalo_bot'"),
        ("zalo_bot", {"chat_id": "g-1"}, "needs token"),
        ("zalo_bot", {**ZALO, "token": ""}, "needs token"),
        ("zalo_bot", {**ZALO, "chatid": "x"}, "did you mean 'chat_id'"),
        ("zalo_bot", {**ZALO, "token": "abc"}, "number:secret"),
        ("webhook", {"url": "ftp://x", "secret": "x" * 16}, "https://"),
        ("webhook", {"url": "https://x.example", "secret": "short"}, "16 bytes"),
    ],
)
def test_a_wrong_setting_gets_one_sentence(kind: str, settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadChannel, match=sentence):
        build(kind, settings, means())
