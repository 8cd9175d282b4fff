"""Boxes taken into service by their label, moved, and the borders they hang within."""

from broadcaster.domain.errors.base import TYPED, UNCHANGED, LoaError


class LabelUnknown(LoaError):
    """There is no such label."""

    code, status, kept = "label_unknown", 404, UNCHANGED
    todo = "Type the label once more as it is printed, or print a new one on the loudspeakers' page."


class LabelCodeWrong(LoaError):
    """This is not the code on the label; {left} more tries."""

    code, status, kept = "label_code_wrong", 403, UNCHANGED
    todo = "Type the six digits as they stand on the label; after the last try a new label is needed."


class LabelBlocked(LoaError):
    """A wrong code was given too often for this label."""

    code, status, kept = "label_blocked", 403, UNCHANGED
    todo = "Print the label once more, with a new code, on the loudspeakers' page."


class LabelUsed(LoaError):
    """Another box was taken into service with this label."""

    code, status, kept = "label_used", 409, UNCHANGED
    todo = "Make a label for this box; if nobody of yours used this one, take that loudspeaker out of service."


class LabelOver(LoaError):
    """This label was cancelled, or its time is over."""

    code, status, kept = "label_over", 410, UNCHANGED
    todo = "Print the label once more, with a new code, on the loudspeakers' page."


class BoxKeysBroken(LoaError):
    """The keys the box sent cannot be used: {problem}."""

    code, status, kept = "box_keys_broken", 422, UNCHANGED
    todo = "Install the box's program anew and enrol it again."


class NameTypedWrong(LoaError):
    """The name typed is not “{name}”."""

    code, status, kept = "name_typed_wrong", 422, UNCHANGED
    todo = "Type the name of the loudspeaker as it is written there, if it is really meant."


class HangsThere(LoaError):
    """The loudspeaker hangs there already."""

    code, status, kept = "hangs_there", 409, UNCHANGED
    todo = "Choose another place."


class BorderUnreadable(LoaError):
    """This is no border on a map: {problem}."""

    code, status, kept = "border_unreadable", 422, TYPED
    todo = "Ask for the border as GeoJSON (WGS 84, a Polygon or MultiPolygon) and upload that file."
