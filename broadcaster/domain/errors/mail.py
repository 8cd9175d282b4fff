"""Announcements by mail."""

from broadcaster.domain.errors.base import UNCHANGED, LoaError


class ReaderLinkGone(LoaError):
    """This link belongs to no mailing list."""

    code, status, kept = "reader_link_gone", 404, UNCHANGED
    todo = "Open the link from the newest mail, or ask the commune to take your address off the list."
