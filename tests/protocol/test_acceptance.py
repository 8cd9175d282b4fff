"""Acceptance in the written order: each step has its own refusal, and the earliest failing step answers."""

from dataclasses import replace
from itertools import pairwise

import pytest

from firmware_config.protocol import (
    ClipRef,
    Command,
    Document,
    Exempt,
    Have,
    Item,
    KeyRing,
    Kind,
    Klass,
    Manifest,
    Places,
    PlayNow,
    Pointer,
    Refusal,
    Refused,
    Resynced,
    SelfTest,
    Signer,
    Stop,
    accept_command,
    accept_manifest,
    reference,
    seal,
    seal_document,
)
from firmware_config.protocol.announcement import MAX_CLIP_BYTES, MAX_CLIP_MS
from firmware_config.protocol.manifest import MAX_HORIZON
from tests.protocol import cast
from tests.protocol.cast import (
    ANNOUNCEMENT,
    BATCH,
    COMMAND,
    CONTENT,
    DAY,
    DIRECTOR,
    DRILL,
    HOUR,
    ITEM,
    KEYS,
    MANIFEST,
    ME,
    NOW,
    OTHER_SPEAKER,
    POINTER,
    RING,
    ROOT,
    RULES,
    SPEAKER,
)

pytestmark = pytest.mark.pure


def code_of(accept: object, *arguments: object, **named: object) -> Refusal | None:
    try:
        accept(*arguments, **named)  # type: ignore[operator]
    except Refused as refused:
        return refused.code
    return None


def manifest(document: Document, *, have: Have | None = None, now: int | None = NOW) -> Refusal | None:
    return code_of(cast.take_manifest, seal_document(document, DIRECTOR), have, now)


def having(version: int, raw: bytes = b"", epoch: int = 2) -> Have:
    return Have(epoch, version, reference(raw).removeprefix("sha256:"))


def test_a_manifest_must_not_be_older() -> None:
    raw = seal_document(MANIFEST, DIRECTOR)
    assert manifest(MANIFEST, have=having(16)) is None
    assert manifest(MANIFEST, have=having(99, epoch=1)) is None
    assert manifest(MANIFEST, have=having(18)) is Refusal.OLDER
    assert manifest(MANIFEST, have=having(1, epoch=3)) is Refusal.OLDER
    assert manifest(MANIFEST, have=having(17, raw)) is None
    assert manifest(MANIFEST, have=having(17, b"other")) is Refusal.CONFLICT


def test_a_pointer_must_not_be_older_and_names_the_bytes_it_points_at() -> None:
    assert manifest(POINTER, have=having(18)) is Refusal.OLDER
    assert manifest(POINTER, have=Have(2, 17, POINTER.sha256)) is None
    assert manifest(POINTER, have=having(17, b"other")) is Refusal.CONFLICT
    assert manifest(replace(POINTER, size=262_145)) is Refusal.POLICY
    assert manifest(replace(POINTER, size=0)) is Refusal.POLICY


def test_a_manifest_ends() -> None:
    assert manifest(MANIFEST, now=MANIFEST.valid_until - 1) is None
    assert manifest(MANIFEST, now=MANIFEST.valid_until) is Refusal.EXPIRED
    assert manifest(MANIFEST, now=None) is None


def with_item(**changes: int) -> Manifest:
    return replace(MANIFEST, items=(replace(ITEM, **changes),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "document",
    [
        with_item(start=ITEM.latest_start + 1),
        with_item(latest_start=ITEM.expires + 1),
        with_item(expires=ITEM.start + 48 * HOUR + 1),
        with_item(
            start=MANIFEST.issued + MAX_HORIZON + 1,
            latest_start=MANIFEST.issued + MAX_HORIZON + HOUR,
            expires=MANIFEST.issued + MAX_HORIZON + 2 * HOUR,
        ),
        with_item(volume=101),
        with_item(max_starts=0),
        with_item(max_starts=7),
        replace(MANIFEST, items=(ITEM, ITEM)),
        replace(MANIFEST, items=tuple(replace(ITEM, airing=f"airing-{n}") for n in range(501))),
        replace(MANIFEST, valid_until=MANIFEST.issued + 42 * DAY + 1),
        replace(MANIFEST, issued=NOW + DAY, valid_until=NOW + HOUR),
        replace(MANIFEST, volume_max=101),
        replace(MANIFEST, volumes=dict.fromkeys(Klass, 101)),
        replace(MANIFEST, lead_ms=10_001),
        replace(MANIFEST, stagger_ms=10_001),
        replace(MANIFEST, exempt=(Exempt("tb-1", NOW, NOW),)),
        replace(MANIFEST, exempt=(Exempt("tb-1", NOW, NOW + 12 * HOUR + 1),)),
        replace(MANIFEST, rules=(RULES, replace(RULES, version=9))),
        replace(MANIFEST, rules=(replace(RULES, zone="Asia/Atlantis"),)),
        replace(MANIFEST, rules=(replace(RULES, zone="posix"),)),
        replace(MANIFEST, rules=(replace(RULES, volume_night=101),)),
    ],
)
def test_a_manifest_outside_policy_is_refused(document: Manifest) -> None:
    assert manifest(document) is Refusal.POLICY


def test_the_limits_themselves_are_inside_policy() -> None:
    late = MANIFEST.issued + MAX_HORIZON
    assert manifest(with_item(start=late, latest_start=late, expires=late + 48 * HOUR)) is None
    assert manifest(with_item(start=ITEM.expires, latest_start=ITEM.expires)) is None
    assert manifest(with_item(volume=100, max_starts=6)) is None
    items = tuple(replace(ITEM, airing=f"airing-{n}") for n in range(400))
    assert manifest(replace(MANIFEST, items=items)) is None


# Each stage spoils the one after it as well, so that only the order decides which code is given.
STAGES: tuple[tuple[Refusal, bytes], ...] = (
    (Refusal.OVERSIZE, b" " * 262_145),
    (Refusal.SHAPE, b" " * 262_144),
    (Refusal.WRONG_TYPE, seal("application/json", b"NaN", CONTENT)),
    (Refusal.UNKNOWN_KEY, seal(Manifest.TYPE, b"NaN", cast.STRANGER)),
    (Refusal.WRONG_ROLE, seal(Manifest.TYPE, b"NaN", CONTENT)),
    (Refusal.BAD_SIGNATURE, seal(Manifest.TYPE, b"NaN", Signer(DIRECTOR.keyid, DIRECTOR.role, CONTENT.key))),
    (Refusal.BAD_JSON, seal(Manifest.TYPE, b'{"device":NaN}', DIRECTOR)),
    (Refusal.FIELDS, seal(Manifest.TYPE, b'{"device":"other"}', DIRECTOR)),
    (Refusal.NOT_FOR_ME, seal_document(replace(with_item(volume=101), device="other", version=1), DIRECTOR)),
    (Refusal.OLDER, seal_document(replace(with_item(volume=101), version=1, valid_until=0), DIRECTOR)),
    (Refusal.CONFLICT, seal_document(replace(with_item(volume=101), valid_until=0), DIRECTOR)),
    (Refusal.EXPIRED, seal_document(replace(with_item(volume=101), version=18, valid_until=0), DIRECTOR)),
    (Refusal.POLICY, seal_document(replace(with_item(volume=101), version=18), DIRECTOR)),
)


@pytest.mark.parametrize(("code", "raw"), STAGES, ids=[code for code, _ in STAGES])
def test_the_earliest_failing_step_answers(code: Refusal, raw: bytes) -> None:
    assert code_of(cast.take_manifest, raw, having(17)) is code


def test_the_codes_are_written_in_the_order_of_the_steps() -> None:
    order = list(Refusal)
    assert all(order.index(one) < order.index(two) for (one, _), (two, _) in pairwise(STAGES))


def test_a_key_out_of_date_is_told_from_an_unknown_one() -> None:
    old = KeyRing({DIRECTOR.keyid: replace(cast.public(DIRECTOR), not_after=NOW - 1)})
    new = KeyRing({DIRECTOR.keyid: replace(cast.public(DIRECTOR), not_before=NOW + 1)})
    raw = seal_document(MANIFEST, DIRECTOR)
    for ring in (old, new):
        named = {"me": ME, "keys": ring, "have": None}
        assert code_of(accept_manifest, raw, now=NOW, **named) is Refusal.KEY_OUT_OF_DATE
        assert code_of(accept_manifest, raw, now=None, **named) is None


def command(document: Command, *, seen: bool = False, now: int | None = NOW) -> Refusal | None:
    return code_of(cast.take_command, seal_document(document, DIRECTOR), seen, now)


def test_a_command_is_for_me_for_my_units_and_for_my_groups() -> None:
    for to in (f"d:{ME}", "u:xa-yen-chau", "u:ban-chieng-dong-1", "g:cho"):
        assert command(replace(COMMAND, to=to)) is None
    for to in ("d:loa-khac", "u:cho", "g:xa-yen-chau", f"u:{ME}"):
        assert command(replace(COMMAND, to=to)) is Refusal.NOT_FOR_ME
    raw = seal_document(replace(COMMAND, to="g:cho"), DIRECTOR)
    named = {"me": ME, "places": None, "keys": RING, "now": NOW, "seen": lambda _id: False}
    assert code_of(accept_command, raw, **named) is Refusal.NOT_FOR_ME
    elsewhere = {**named, "places": Places(("xa-khac",), ())}
    assert code_of(accept_command, raw, **elsewhere) is Refusal.NOT_FOR_ME


def test_a_command_is_carried_out_once_and_soon() -> None:
    assert command(COMMAND, seen=True) is Refusal.REPLAY
    assert command(COMMAND, now=COMMAND.expires) is Refusal.EXPIRED
    assert command(replace(COMMAND, expires=COMMAND.issued + 60_001)) is Refusal.POLICY
    assert command(replace(COMMAND, issued=COMMAND.expires)) is Refusal.POLICY
    bad: Item = replace(ITEM, max_starts=7)
    assert command(replace(COMMAND, action=PlayNow(bad))) is Refusal.POLICY


def test_without_a_trusted_clock_only_an_emergency_and_the_answer_to_a_resync_pass() -> None:
    emergency = PlayNow(replace(ITEM, klass=Klass.EMERGENCY))
    late = replace(COMMAND, issued=NOW - DAY, expires=NOW - DAY + 60_000)
    for action in (emergency, Resynced("n" * 16, NOW, 2, 17)):
        assert command(replace(late, action=action), now=None) is None
    for other in (PlayNow(ITEM), Stop(None), SelfTest(silent=True)):
        assert command(replace(late, action=other), now=None) is Refusal.POLICY


def announcement(document: Document, expected: str | None = None) -> Refusal | None:
    return code_of(cast.take_announcement, seal_document(document, CONTENT), expected)


def test_an_announcement_is_the_one_that_was_named() -> None:
    raw = seal_document(ANNOUNCEMENT, CONTENT)
    assert announcement(ANNOUNCEMENT, reference(raw)) is None
    assert announcement(replace(ANNOUNCEMENT, revision=2), reference(raw)) is Refusal.WRONG_HASH


@pytest.mark.parametrize(
    ("kind", "signers", "refused"),
    [
        (Kind.LIVE, (CONTENT,), None),
        (Kind.DRILL, (DRILL,), None),
        (Kind.TEST, (DRILL,), None),
        (Kind.LIVE, (DRILL,), Refusal.WRONG_ROLE),
        (Kind.DRILL, (CONTENT,), Refusal.WRONG_ROLE),
        (Kind.TEST, (CONTENT,), Refusal.WRONG_ROLE),
        (Kind.LIVE, (DRILL, CONTENT), None),
        (Kind.DRILL, (DRILL, CONTENT), None),
        (Kind.LIVE, (DIRECTOR,), Refusal.WRONG_ROLE),
    ],
)
def test_what_is_meant_and_what_is_not_are_signed_by_keys_of_their_own(
    kind: Kind, signers: tuple[Signer, ...], refused: Refusal | None
) -> None:
    raw = seal_document(replace(ANNOUNCEMENT, kind=kind), *signers)
    assert code_of(cast.take_announcement, raw) is refused


@pytest.mark.parametrize("kind", [Kind.DRILL, Kind.TEST])
@pytest.mark.parametrize("klass", Klass)
def test_what_is_not_meant_is_no_emergency(kind: Kind, klass: Klass) -> None:
    raw = seal_document(replace(ANNOUNCEMENT, kind=kind, klass=klass), DRILL)
    assert code_of(cast.take_announcement, raw) is (Refusal.POLICY if klass is Klass.EMERGENCY else None)


def test_a_forged_word_under_the_drill_keys_name_is_refused() -> None:
    thief = Signer(DRILL.keyid, DRILL.role, CONTENT.key)
    raw = seal_document(replace(ANNOUNCEMENT, kind=Kind.DRILL), thief)
    assert code_of(cast.take_announcement, raw) is Refusal.BAD_SIGNATURE


def test_an_announcement_outside_policy_is_refused() -> None:
    vi, en = ANNOUNCEMENT.versions
    for worse in (
        replace(ANNOUNCEMENT, not_before=ANNOUNCEMENT.expires),
        replace(ANNOUNCEMENT, versions=()),
        replace(ANNOUNCEMENT, versions=(vi, vi)),
        replace(ANNOUNCEMENT, versions=(vi, replace(en, text=""))),
    ):
        assert announcement(worse) is Refusal.POLICY
    assert announcement(replace(ANNOUNCEMENT, expires=NOW)) is Refusal.EXPIRED


def test_a_key_set_must_not_be_older_and_names_each_key_once() -> None:
    raw = seal_document(KEYS, ROOT)
    assert code_of(cast.take_keys, raw, 3) is None
    assert code_of(cast.take_keys, raw, 4) is Refusal.OLDER
    assert code_of(cast.take_keys, raw, 3, KEYS.expires) is Refusal.EXPIRED
    content, *others = KEYS.keys
    for keys in (
        (content, content, *others),
        (cast.public(SPEAKER),),
        (cast.public(ROOT),),
        (replace(content, not_before=content.not_after),),
    ):
        assert code_of(cast.take_keys, seal_document(replace(KEYS, keys=keys), ROOT)) is Refusal.POLICY
    assert code_of(cast.take_keys, seal_document(replace(KEYS, issued=KEYS.expires), ROOT)) is Refusal.POLICY
    assert KEYS.ring().keys["director-1"].key == DIRECTOR.public


def test_receipts_are_taken_from_the_speaker_that_signed_them() -> None:
    assert code_of(cast.take_batch, seal_document(BATCH, OTHER_SPEAKER)) is Refusal.UNKNOWN_KEY
    as_me = Signer(ME, SPEAKER.role, OTHER_SPEAKER.key)
    assert code_of(cast.take_batch, seal_document(BATCH, as_me)) is Refusal.BAD_SIGNATURE


def test_a_pointer_is_not_a_manifest_for_whoever_asks_for_another_type() -> None:
    assert code_of(cast.take_announcement, seal_document(POINTER, CONTENT)) is Refusal.WRONG_TYPE
    assert isinstance(cast.take_manifest(seal_document(POINTER, DIRECTOR)), Pointer)


def test_a_live_item_obeys_the_manifests_horizon() -> None:
    late = replace(ITEM, start=NOW + 81 * HOUR, latest_start=NOW + 81 * HOUR, expires=NOW + 82 * HOUR)
    assert command(replace(COMMAND, action=PlayNow(late))) is Refusal.POLICY


@pytest.mark.parametrize(
    ("clip", "refused"),
    [
        (ClipRef("a" * 64, MAX_CLIP_BYTES, MAX_CLIP_MS), None),
        (ClipRef("a" * 64, 1, MAX_CLIP_MS + 1), Refusal.FIELDS),
        (ClipRef("a" * 64, MAX_CLIP_BYTES + 1, 1), Refusal.FIELDS),
        # Added to any moment this is beyond what a calendar holds.
        (ClipRef("a" * 64, 1, 2**53), Refusal.FIELDS),
    ],
)
def test_a_clip_has_a_length_that_a_speaker_can_reckon_with(clip: ClipRef, refused: Refusal | None) -> None:
    found = replace(ANNOUNCEMENT, versions=(replace(ANNOUNCEMENT.versions[0], clip=clip),))
    assert announcement(found) is refused
