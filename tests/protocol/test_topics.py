"""Topics: one function makes each, one takes them apart, and the broker's rules come from the same place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_config.protocol import Refusal, Refused, Topic, TopicKind, topics
from tests.protocol.strategies import ids

pytestmark = pytest.mark.pure

MAKERS = {
    TopicKind.MANIFEST: topics.manifest,
    TopicKind.COMMAND: topics.command,
    TopicKind.UNIT_NOW: topics.unit_now,
    TopicKind.GROUP_NOW: topics.group_now,
    TopicKind.STATE: topics.state,
    TopicKind.RECEIPTS: topics.receipts,
    TopicKind.PRESENCE: topics.presence,
    TopicKind.RESYNC: topics.resync,
}


def test_every_kind_has_its_maker() -> None:
    assert set(MAKERS) == set(TopicKind)


@given(st.sampled_from(list(TopicKind)), ids)
@settings(database=None)
def test_a_topic_comes_apart_as_it_was_made(kind: TopicKind, name: str) -> None:
    assert topics.parse(MAKERS[kind](name)) == Topic(kind, name)


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["vl", "1", "d", "u", "g", "now", "state", "+", "#", "", "a b"]), max_size=7).map(
        "/".join
    )
)
@settings(database=None)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        topics.parse(text)
    assert refused.value.code is Refusal.SHAPE


@pytest.mark.parametrize("topic", ["vl/1/d/ab/now", "vl/1/u/ab/state", "vl/1/d/ab/unit_now", "vl/2/d/ab/state"])
def test_words_of_other_families_are_refused(topic: str) -> None:
    with pytest.raises(Refused):
        topics.parse(topic)


@pytest.mark.parametrize("text", ["", "a", "-a", "A1", "a+", "a#", "a/b", "a\n", "ab\n", "đông", "a" * 64, "a_b"])
def test_ids_that_could_hurt_are_not_ids(text: str) -> None:
    assert not topics.valid_id(text)


def test_subscriptions_name_the_speaker_s_own_and_the_places_it_stands_in() -> None:
    assert topics.speaker_subscriptions("loa-1", ["ban-1", "xa-1"], ["cho"]) == [
        "vl/1/d/loa-1/manifest",
        "vl/1/d/loa-1/command",
        "vl/1/u/ban-1/now",
        "vl/1/u/xa-1/now",
        "vl/1/g/cho/now",
    ]
    assert "vl/1/d/+/receipts" in topics.broadcaster_subscriptions()
    assert "$SYS/broker/uptime" in topics.broadcaster_subscriptions()


def test_the_broker_s_rules_give_a_speaker_no_more_than_its_own() -> None:
    lines = topics.acl("broadcaster").splitlines()
    patterns = [line for line in lines if line.startswith("pattern")]
    assert all("%u" in line for line in patterns if "/d/" in line)
    assert not [line for line in patterns if " write " in line and "%u" not in line]
    assert lines.index("user broadcaster") > max(map(lines.index, patterns))


def test_the_server_may_clear_what_a_speaker_left_and_forge_nothing_it_sends() -> None:
    lines = topics.acl("broadcaster").splitlines()
    server = lines[lines.index("user broadcaster") + 1 :]
    written = {line.rpartition(" ")[2] for line in server if "write " in line and "/d/" in line}
    assert written == {f"vl/1/d/+/{name}" for name in ("manifest", "command", "state", "presence")}
