"""Checks everything that came from outside, puts what is accepted on disk, and tells the core."""

import base64
import hashlib
import logging
from dataclasses import dataclass
from typing import TypeVar

from device_agent import events
from device_agent.clips import ClipRefused, ClipStore
from device_agent.courier import Courier, FetchKeys
from device_agent.effects import Record
from device_agent.journal import Journal
from device_agent.senses import Senses
from device_agent.timekeeper import Timekeeper
from firmware_config.protocol import (
    Action,
    Command,
    Event,
    Have,
    Item,
    KeyRing,
    KeySet,
    Klass,
    LivePlay,
    Manifest,
    PlayNow,
    Pointer,
    Refusal,
    Refused,
    Resynced,
    SignedAnnouncement,
    Stop,
    VolumeCap,
    accept_announcement,
    accept_command,
    accept_keys,
    accept_manifest,
    loads,
    unpack_live,
)

_log = logging.getLogger(__name__)

_BY_THE_CLOCK = {Refusal.EXPIRED, Refusal.KEY_OUT_OF_DATE}
_TRULY_SIGNED = {Refusal.BAD_JSON, Refusal.FIELDS, Refusal.CONFLICT, Refusal.EXPIRED, Refusal.POLICY}
_KEYS_MISSING = {Refusal.UNKNOWN_KEY, Refusal.KEY_OUT_OF_DATE}
Kept = TypeVar("Kept", Manifest, SignedAnnouncement)

_HELD_MS = 60_000
_HELD_MOST = 8
_KEYS_MS = 60_000
"""How long the key set is not asked for again where the last answer brought no other one."""


@dataclass(frozen=True, slots=True)
class Held:
    """A live command that waits for keys, or for proof that it is fresh."""

    raw: bytes
    since: int


@dataclass(frozen=True, slots=True)
class Asked:
    """An accepted command that is none of the core's business: self-test, resync, or the answer that we are behind."""

    action: Action


Found = events.Incoming | Asked | Record


class Inbox:
    """What this speaker believes, and why."""

    def __init__(
        self,
        device: str,
        root: bytes,
        *,
        journal: Journal,
        clips: ClipStore,
        courier: Courier,
        time: Timekeeper,
        senses: Senses,
    ) -> None:
        self._device = device
        self._root = root
        self._journal = journal
        self._clips = clips
        self._courier = courier
        self._time = time
        self._mono_ms = senses.mono_ms
        self._keys = KeyRing({})
        self._keys_version = 0
        self._keys_known: int | None = None
        """When the key set came that was here already."""
        self._waiting: bytes | None = None
        self._held: list[Held] = []
        self._unread: dict[str, bytes] = {}
        self._told: set[Refusal] = set()
        self.nonce = ""
        self.asked_mono = 0
        self.have: Have | None = None
        self.manifest: Manifest | None = None
        self.refusals: dict[Refusal, int] = {}

    def load(self, bundled_keys: bytes | None) -> events.Booted:
        """Everything accepted before this boot."""
        for raw in (self._journal.fact("keys"), bundled_keys):
            if raw is not None and not self._keys.keys:
                self._use_keys(raw)
        if not self._keys.keys:
            self._courier.send(FetchKeys())
        raw = self._journal.fact("manifest")
        self.manifest = None if raw is None else _reread(raw, Manifest)
        if raw is not None and self.manifest is not None:
            self.have = Have(self.manifest.epoch, self.manifest.version, hashlib.sha256(raw).hexdigest())
        held = {name: _reread(raw, SignedAnnouncement) for name, raw in self._journal.announcements().items()}
        known = {name: found for name, found in held.items() if found is not None}
        plays = self._journal.plays()
        return events.Booted(self._journal.ledger(), self.manifest, known, self._clips.names(), plays=plays)

    def keys_came(self, raw: bytes) -> list[Found]:
        """A key set; what waited for it is looked at again."""
        before = self._keys_version
        if not self._use_keys(raw):
            return []
        self._keys_known = self._mono_ms() if self._keys_version == before else None
        self._journal.remember("keys", raw)
        found: list[Found] = []
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            found += self.manifest_came(waiting)
        unread, self._unread = self._unread, {}
        for reference, announcement in unread.items():
            found += self.announcement_came(reference, announcement)
        return found + self.again()

    def manifest_came(self, raw: bytes) -> list[Found]:
        """A manifest, or a pointer to one."""
        try:
            found = accept_manifest(raw, me=self._device, keys=self._keys, have=self.have, now=self._time.judged())
        except Refused as refused:
            if self._refuse("manifest", refused):
                self._waiting = raw
            return self._answerable(refused)
        if isinstance(found, Pointer):
            if self.have is None or (found.epoch, found.version) > (self.have.epoch, self.have.version):
                self._courier.send(found)
            return []
        return self._take(found, raw)

    def _take(self, found: Manifest, raw: bytes) -> list[Found]:
        have = Have(found.epoch, found.version, hashlib.sha256(raw).hexdigest())
        known = have == self.have
        # Also what takes an emergency back: on a full disk it could still sound.
        items = (*found.items, *(self.manifest.items if self.manifest else ()))
        urgent = any(item.klass is Klass.EMERGENCY for item in items)
        with self._journal.writing(urgent=urgent):
            self._journal.confirm(found.receipts_through)
            if self.have is not None and found.epoch > self.have.epoch:
                # A restored database may know less than it had confirmed.
                self._journal.take_back(found.receipts_through)
            older = self._journal.head().seq < found.receipts_through
            if older:
                self._journal.begin_chain_at(found.receipts_through)
            if not known:
                self._journal.remember("manifest", raw)
        gap = [Record(Event.GAP, reason="journal_older")] if older else []
        if known:
            return [*gap]
        self.have, self.manifest = have, found
        self._told.clear()
        _log.info("action=manifest epoch=%d version=%d items=%d", found.epoch, found.version, len(found.items))
        if found.keys_version > self._keys_version:
            self._courier.send(FetchKeys())
        return [*gap, events.ManifestAccepted(found)]

    def announcement_came(self, reference: str, raw: bytes) -> list[Found]:
        """The announcement an item names."""
        try:
            found = self._announcement(reference, raw)
        except Refused as refused:
            if self._refuse("announcement", refused):
                self._unread[reference] = raw
                return []
            return [events.AnnouncementRefused(reference, refused.code.value)]
        return [events.AnnouncementStored(reference, found)]

    def live_came(self, raw: bytes) -> list[Found]:
        """A live command with what rides along."""
        try:
            live = unpack_live(raw)
            return self._carry_out(raw, live, self._command(live.command))
        except Refused as refused:
            if self._refuse("live", refused):
                self._hold(raw)
            return self._answerable(refused)

    def _command(self, raw: bytes) -> Command:
        try:
            return self._accepted(raw, self._time.judged())
        except Refused as refused:
            # The answer to our own question is fresh whatever our clock says, and may be what sets it right.
            told = self._answer(raw) if refused.code in _BY_THE_CLOCK else None
            if told is None:
                raise
            return self._accepted(raw, told.now)

    def _answer(self, raw: bytes) -> Resynced | None:
        try:
            action = self._accepted(raw, None).action
        except Refused:
            return None
        return action if isinstance(action, Resynced) and self.nonce and action.nonce == self.nonce else None

    def _accepted(self, raw: bytes, now: int | None) -> Command:
        return accept_command(
            raw,
            me=self._device,
            places=self.manifest.places if self.manifest else None,
            keys=self._keys,
            now=now,
            seen=self._journal.seen,
        )

    def again(self) -> list[Found]:
        """Look once more at live commands that waited for keys or for the time."""
        held, self._held = self._held, []
        young = [one for one in held if self._mono_ms() - one.since < _HELD_MS]
        return [event for one in young for event in self.live_came(one.raw)]

    @property
    def holding(self) -> bool:
        """Whether a live command still waits for proof that it is fresh."""
        return any(self._mono_ms() - one.since < _HELD_MS for one in self._held) and self._time.judged() is None

    def _carry_out(self, raw: bytes, live: LivePlay, command: Command) -> list[Found]:
        action = command.action
        if isinstance(action, Resynced):
            return self._resynced(action)
        if self._time.judged() is None:
            self._hold(raw)
            return []
        if isinstance(action, PlayNow):
            found = self._ridden(action.item, live)
            self._journal.carried_out(command.id, command.expires, self._time.now())
            return [*found, events.LivePlay(action.item)]
        self._journal.carried_out(command.id, command.expires, self._time.now())
        if isinstance(action, Stop):
            return [events.Stop(action.airing)]
        if isinstance(action, VolumeCap):
            return [events.VolumeCapped(action.volume)]
        return [Asked(action)]

    def _ridden(self, item: Item, live: LivePlay) -> list[Found]:
        if live.announcement is None:
            return []
        announcement = self._announcement(item.announcement, live.announcement)
        found: list[Found] = [events.AnnouncementStored(item.announcement, announcement)]
        for clip in announcement.clips:
            data = live.clips.get(clip.sha256)
            if data is None:
                continue
            try:
                self._clips.put(clip, data)
            except (ClipRefused, OSError) as failure:
                _log.warning("action=clip_not_kept detail=%s", failure)
            else:
                found.append(events.ClipStored(clip.sha256))
        return found

    def _announcement(self, reference: str, raw: bytes) -> SignedAnnouncement:
        found = accept_announcement(raw, expected=reference, keys=self._keys, now=self._time.judged())
        with self._journal.writing(urgent=found.klass is Klass.EMERGENCY):
            self._journal.keep_announcement(reference, raw)
        return found

    def _resynced(self, action: Resynced) -> list[Found]:
        if not self.nonce or action.nonce != self.nonce:
            raise Refused(Refusal.REPLAY, "an answer to another question")
        self.nonce = ""
        self._time.heard(action.now, self.asked_mono)
        found: list[Found] = [events.ClockChanged(self._time.read().state), Asked(action)]
        return found + self.again()

    def _use_keys(self, raw: bytes) -> bool:
        try:
            found: KeySet = accept_keys(raw, root=self._root, have_version=self._keys_version, now=self._time.judged())
        except Refused as refused:
            self._refuse("keys", refused)
            return False
        self._keys, self._keys_version = found.ring(), found.version
        return True

    def _hold(self, raw: bytes) -> None:
        _log.info("action=held what=live")
        self._held = [*self._held, Held(raw, self._mono_ms())][-_HELD_MOST:]

    def _answerable(self, refused: Refused) -> list[Found]:
        # Once for each code until a manifest is accepted: a broken server must not fill the journal.
        if refused.code not in _TRULY_SIGNED or refused.code in self._told:
            return []
        self._told.add(refused.code)
        return [Record(Event.REFUSED, reason=refused.code.value)]

    def _refuse(self, what: str, refused: Refused) -> bool:
        """Count a refusal; True when newer keys may change it, and they are sent for."""
        self.refusals[refused.code] = self.refusals.get(refused.code, 0) + 1
        _log.warning("action=refused what=%s code=%s detail=%s", what, refused.code.value, refused.detail)
        if refused.code not in _KEYS_MISSING or what == "keys":
            return False
        self._send_for_keys()
        return True

    def _send_for_keys(self) -> None:
        # Whoever can say things nobody signed could else keep us asking for ever.
        if self._keys_known is None or self._mono_ms() - self._keys_known > _KEYS_MS:
            self._courier.send(FetchKeys())


def _reread(raw: bytes, kind: type[Kept]) -> Kept | None:
    """A document that was verified before it went into the journal; None for one of another version, to be had anew."""
    try:
        outer = loads(raw)
        payload = outer["payload"] if isinstance(outer, dict) else None
        return kind.from_bytes(base64.b64decode(payload if isinstance(payload, str) else ""))
    except Refused as refused:
        _log.warning("action=refused what=journal code=%s detail=%s", refused.code.value, refused.detail)
        return None
