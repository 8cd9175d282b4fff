"""Every table, by noun."""

from broadcaster.store.base import Base
from broadcaster.store.tables.airings import Airing, Delivery, Schedule, Silence
from broadcaster.store.tables.announcements import (
    Acknowledgement,
    Announcement,
    Approval,
    Assertion,
    AudienceEntry,
    Clip,
    SignedDocument,
    Version,
)
from broadcaster.store.tables.books import AuditEntry, AuditHead, IdempotencyRecord, Meta, OutboxEntry
from broadcaster.store.tables.mirrors import Channel, MirrorCopy
from broadcaster.store.tables.people import (
    Challenge,
    Deputy,
    Factor,
    Grant,
    Identity,
    Person,
    SignInLink,
    SignInRequest,
    Token,
    WebSession,
)
from broadcaster.store.tables.places import (
    Enrolment,
    Group,
    GroupMember,
    Override,
    RuleSet,
    Site,
    Speaker,
    Unit,
    UnitChange,
)
from broadcaster.store.tables.speaking import LogRequest, ReceiptBatch, SpeakerManifest, StoredReceipt
from broadcaster.store.tables.stand_ins import StandIn, StandInLink, StandInMessage
from broadcaster.store.tables.voice_bank import ClipReview, Pattern, Phrase, Take
from broadcaster.store.tables.writing import DictionaryEntry, Template

__all__ = [
    "Acknowledgement",
    "Airing",
    "Announcement",
    "Approval",
    "Assertion",
    "AudienceEntry",
    "AuditEntry",
    "AuditHead",
    "Base",
    "Challenge",
    "Channel",
    "Clip",
    "ClipReview",
    "Delivery",
    "Deputy",
    "DictionaryEntry",
    "Enrolment",
    "Factor",
    "Grant",
    "Group",
    "GroupMember",
    "IdempotencyRecord",
    "Identity",
    "LogRequest",
    "Meta",
    "MirrorCopy",
    "OutboxEntry",
    "Override",
    "Pattern",
    "Person",
    "Phrase",
    "ReceiptBatch",
    "RuleSet",
    "Schedule",
    "SignInLink",
    "SignInRequest",
    "SignedDocument",
    "Silence",
    "Site",
    "Speaker",
    "SpeakerManifest",
    "StandIn",
    "StandInLink",
    "StandInMessage",
    "StoredReceipt",
    "Take",
    "Template",
    "Token",
    "Unit",
    "UnitChange",
    "Version",
    "WebSession",
]
