"""What an announcement must be."""

from broadcaster.domain.errors.base import AS_BEFORE, TYPED, UNCHANGED, LoaError


class TitleEmpty(LoaError):
    """The announcement has no title."""

    code, status, kept, todo = "title_empty", 422, TYPED, "Write a few words that say what it is about."


class TitleTooLong(LoaError):
    """The title is longer than {limit} characters."""

    code, status, kept, todo = "title_too_long", 422, TYPED, "Shorten it; the text may say the rest."


class VersionsMissing(LoaError):
    """The announcement has no version in any language."""

    code, status, kept, todo = "versions_missing", 422, TYPED, "Write it in at least one language."


class VersionEmpty(LoaError):
    """The version in “{language}” has neither text nor recording."""

    code, status, kept, todo = "version_empty", 422, TYPED, "Write a text, record one, or remove this language."


class TextEmpty(LoaError):
    """The text in “{language}” is empty."""

    code, status, kept, todo = "text_empty", 422, TYPED, "Write what should be heard."


class TextTooLong(LoaError):
    """The text in “{language}” has {length} characters; {limit} is the most."""

    code, status, kept, todo = "text_too_long", 422, TYPED, "Shorten it, or make two announcements of it."


class LanguageTwice(LoaError):
    """There are two versions in “{language}”."""

    code, status, kept, todo = "language_twice", 422, TYPED, "Keep one of them."


class EmptyAudience(LoaError):
    """No loudspeaker would play this announcement: its audience is empty."""

    code, status, kept, todo = "empty_audience", 422, TYPED, "Choose at least one unit, group or loudspeaker."


class EditedSince(LoaError):
    """The announcement was changed since you read it."""

    code, status, kept = "edited_since", 409, AS_BEFORE
    todo = "Read and hear it again, then decide."


class IllegalStep(LoaError):
    """“{event}” is not possible while this is “{state}”."""

    code, status, kept, todo = "illegal_step", 409, UNCHANGED, "Reload the page to see how it stands now."


class NotApproved(LoaError):
    """The announcement is not approved, so it cannot be aired."""

    code, status, kept, todo = "not_approved", 409, AS_BEFORE, "Have it approved first."


class ClipMissing(LoaError):
    """The version in “{language}” has not been turned into sound yet."""

    code, status, kept, todo = "clip_missing", 409, AS_BEFORE, "Listen to it first; that makes the sound."
