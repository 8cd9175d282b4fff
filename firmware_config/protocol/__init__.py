"""What server and speaker agree on: documents, signatures, topics, and when to refuse. No I/O, no clock, no chance."""

from firmware_config.protocol import topics
from firmware_config.protocol.announcement import (
    Approval,
    Audience,
    ClipRef,
    SignedAnnouncement,
    SpokenVersion,
    accept_announcement,
    reference,
)
from firmware_config.protocol.codecs import Millis
from firmware_config.protocol.commands import (
    Action,
    Command,
    PlayNow,
    Resync,
    Resynced,
    SelfTest,
    Stop,
    VolumeCap,
    accept_command,
)
from firmware_config.protocol.device_token import accept_token, make_token
from firmware_config.protocol.documents import ClockState, Document, Kind, Klass
from firmware_config.protocol.envelope import (
    KeyRing,
    PublicKey,
    Role,
    Signer,
    pae,
    seal,
    seal_document,
    unseal,
)
from firmware_config.protocol.keys import ROOT_KEYID, KeySet, accept_keys, root_ring
from firmware_config.protocol.live import LivePlay, pack_live, unpack_live
from firmware_config.protocol.manifest import Have, Item, Manifest, Places, Pointer, accept_manifest
from firmware_config.protocol.receipts import (
    GENESIS,
    Batch,
    Event,
    Evidence,
    Receipt,
    accept_batch,
    next_hash,
    verify_chain,
)
from firmware_config.protocol.refusals import Refusal, Refused
from firmware_config.protocol.reports import Presence, ResyncRequest, State
from firmware_config.protocol.rules_of_the_air import Holidays, Hours, Rules, allows, volume_ceiling
from firmware_config.protocol.strict_json import SIZE_LIMIT, JsonValue, dumps, loads
from firmware_config.protocol.topics import Topic, TopicKind, valid_id

__all__ = [
    "GENESIS",
    "ROOT_KEYID",
    "SIZE_LIMIT",
    "Action",
    "Approval",
    "Audience",
    "Batch",
    "ClipRef",
    "ClockState",
    "Command",
    "Document",
    "Event",
    "Evidence",
    "Have",
    "Holidays",
    "Hours",
    "Item",
    "JsonValue",
    "KeyRing",
    "KeySet",
    "Kind",
    "Klass",
    "LivePlay",
    "Manifest",
    "Millis",
    "Places",
    "PlayNow",
    "Pointer",
    "Presence",
    "PublicKey",
    "Receipt",
    "Refusal",
    "Refused",
    "Resync",
    "ResyncRequest",
    "Resynced",
    "Role",
    "Rules",
    "SelfTest",
    "SignedAnnouncement",
    "Signer",
    "SpokenVersion",
    "State",
    "Stop",
    "Topic",
    "TopicKind",
    "VolumeCap",
    "accept_announcement",
    "accept_batch",
    "accept_command",
    "accept_keys",
    "accept_manifest",
    "accept_token",
    "allows",
    "dumps",
    "loads",
    "make_token",
    "next_hash",
    "pack_live",
    "pae",
    "reference",
    "root_ring",
    "seal",
    "seal_document",
    "topics",
    "unpack_live",
    "unseal",
    "valid_id",
    "verify_chain",
    "volume_ceiling",
]
