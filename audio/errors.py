"""What can go wrong with sound, each with a stable code and the facts a reader needs."""

from __future__ import annotations

import inspect


class AudioError(Exception):
    """The sound could not be made."""

    code = "audio_error"

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(inspect.getdoc(type(self)) or self.code)


class NoFfmpeg(AudioError):
    """A program needed to work on sound is not installed; nothing was changed."""

    code = "no_ffmpeg"


class FfmpegFailed(AudioError):
    """ffmpeg could not do its work; nothing was changed."""

    code = "ffmpeg_failed"


class OverLimit(AudioError):
    """ffmpeg needed more time, memory or disk than it may have; nothing was changed."""

    code = "audio_over_limit"


class DiskFull(AudioError):
    """The disk is full; the clip was not kept. Free some space and try again."""

    code = "disk_full"


class NoVoice(AudioError):
    """No voice can speak this language now; record the announcement instead."""

    code = "no_voice"


class VoiceFailed(AudioError):
    """This voice did not answer; the next one is asked."""

    code = "voice_failed"


class NothingToSay(AudioError):
    """The text holds nothing that can be spoken."""

    code = "nothing_to_say"


class NoSuchChime(AudioError):
    """There is no chime of this name."""

    code = "no_such_chime"


class NoSuchClip(AudioError):
    """The score asks for a clip that is not on the disk."""

    code = "no_such_clip"


class SlotUnfilled(AudioError):
    """A slot of a sentence is empty, or holds what cannot stand there."""

    code = "slot_unfilled"


class CannotLevel(AudioError):
    """This sound cannot be brought to the loudness every clip has."""

    code = "cannot_level"


class RecordingRefused(AudioError):
    """The recording cannot be used."""

    code = "recording_refused"


class RecordingNotSound(RecordingRefused):
    """This file is not a sound recording; record again or choose another file."""

    code = "recording_not_sound"


class RecordingBroken(RecordingRefused):
    """The recording is damaged or was cut off while being sent; send it again."""

    code = "recording_broken"


class RecordingSilent(RecordingRefused):
    """Nothing can be heard on the recording; check the microphone and record again."""

    code = "recording_silent"


class RecordingTooLong(RecordingRefused):
    """The recording is longer than allowed; make it shorter."""

    code = "recording_too_long"


class RecordingTooShort(RecordingRefused):
    """The recording is too short to be an announcement; record again."""

    code = "recording_too_short"


class RecordingTooLarge(RecordingRefused):
    """The file is larger than allowed; make the recording shorter."""

    code = "recording_too_large"


class RecordingBomb(RecordingRefused):
    """Unpacking this file takes more than any honest recording would; it was refused."""

    code = "recording_bomb"
