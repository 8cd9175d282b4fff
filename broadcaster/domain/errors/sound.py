"""Whether it can be turned into sound."""

from broadcaster.domain.errors.base import AS_BEFORE, TYPED, LoaError


class SoundFailed(LoaError):
    """The sound could not be made ({reason})."""

    code, status, kept, todo = "sound_failed", 503, AS_BEFORE, "Try again; if it stays so, record the announcement."


class NoVoice(LoaError):
    """No voice here can speak “{language}”."""

    code, status, kept = "no_voice", 503, AS_BEFORE
    todo = (
        "Record it, put it together from the voice bank, or leave it out; "
        "where a machine usually reads it, try again later."
    )


class NoFfmpeg(LoaError):
    """A program that makes the sound (ffmpeg) is not installed on the server."""

    code, status, kept = "no_ffmpeg", 503, AS_BEFORE
    todo = "Whoever looks after the server installs it: apt install ffmpeg."


class RecordingRefused(LoaError):
    """The recording cannot be used."""

    code, status, kept, todo = "recording_refused", 422, TYPED, "Record it again."


class RecordingNotSound(RecordingRefused):
    """This file is not a sound recording."""

    code, todo = "recording_not_sound", "Choose another file, or record again."


class RecordingBroken(RecordingRefused):
    """The recording is damaged or was cut off while being sent."""

    code, todo = "recording_broken", "Send it again."


class RecordingSilent(RecordingRefused):
    """Nothing can be heard on the recording."""

    code, todo = "recording_silent", "Check the microphone and record again."


class RecordingTooLong(RecordingRefused):
    """The recording is longer than ten minutes."""

    code, todo = "recording_too_long", "Make it shorter, or make two announcements of it."


class RecordingTooShort(RecordingRefused):
    """The recording is too short to be an announcement."""

    code, todo = "recording_too_short", "Record again, and speak until the end before you stop."


class RecordingTooLarge(RecordingRefused):
    """The recording's file is larger than we take."""

    code, status, todo = "recording_too_large", 413, "Make the recording shorter."


class RecordingBomb(RecordingRefused):
    """Unpacking this file takes more than any honest recording would."""

    code = "recording_bomb"
