"""Languages, and the recordings people make where no machine can speak."""

from broadcaster.domain.errors.base import AS_BEFORE, TYPED, UNCHANGED, LoaError


class UnknownLanguage(LoaError):
    """Nobody has declared a language “{tag}”."""

    code, status, kept, todo = "unknown_language", 422, TYPED, "Choose a language of the list."


class LanguageNotYours(LoaError):
    """Only someone who speaks {language} can record or review it."""

    code, status, kept = "language_not_yours", 403, UNCHANGED
    todo = "If you speak it, say so under your account; or ask someone who does."


class OwnRecording(LoaError):
    """A recording is reviewed by someone other than who made it."""

    code, status, kept = "own_recording", 403, UNCHANGED
    todo = "Ask a second person who speaks the language to listen to it."


class TakeDecided(LoaError):
    """This recording has been reviewed already."""

    code, status, kept = "take_decided", 409, UNCHANGED
    todo = "Record the phrase anew if it should sound different."


class RecordingUnreviewed(LoaError):
    """No second speaker of {language} has listened to this recording and accepted it."""

    code, status, kept = "recording_unreviewed", 409, AS_BEFORE
    todo = "Someone else who speaks the language listens to it on the page of that language; or leave the language out."


class PiecesMissing(LoaError):
    """The voice bank of {language} still lacks: {pieces}."""

    code, status, kept = "pieces_missing", 409, AS_BEFORE
    todo = "Record what is missing and have it reviewed, record the whole announcement, or leave the language out."


class SlotUnfilled(LoaError):
    """“{slot}” is not filled in as it should be: {problem}."""

    code, status, kept, todo = "slot_unfilled", 422, TYPED, "Fill it in and try again."


class PatternWrong(LoaError):
    """The voice bank has no such phrase or kind of value: {part}."""

    code, status, kept, todo = "pattern_wrong", 422, TYPED, "Choose phrases and values of the list."
