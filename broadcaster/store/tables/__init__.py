"""Every table, by noun."""

from broadcaster.store.base import Base
from broadcaster.store.tables.airings import Airing, Delivery, Schedule
from broadcaster.store.tables.announcements import (
    Announcement,
    Approval,
    AudienceEntry,
    Clip,
    SignedDocument,
    Version,
)
from broadcaster.store.tables.books import AuditEntry, AuditHead, IdempotencyRecord, Meta, OutboxEntry
from broadcaster.store.tables.mirrors import Channel, MirrorCopy
from broadcaster.store.tables.people import Grant, Person, SignInLink, Token, WebSession
from broadcaster.store.tables.places import Group, GroupMember, Speaker, Unit
from broadcaster.store.tables.speaking import ReceiptBatch, SpeakerManifest, StoredReceipt

__all__ = [
    "Airing",
    "Announcement",
    "Approval",
    "AudienceEntry",
    "AuditEntry",
    "AuditHead",
    "Base",
    "Channel",
    "Clip",
    "Delivery",
    "Grant",
    "Group",
    "GroupMember",
    "IdempotencyRecord",
    "Meta",
    "MirrorCopy",
    "OutboxEntry",
    "Person",
    "ReceiptBatch",
    "Schedule",
    "SignInLink",
    "SignedDocument",
    "Speaker",
    "SpeakerManifest",
    "StoredReceipt",
    "Token",
    "Unit",
    "Version",
    "WebSession",
]
