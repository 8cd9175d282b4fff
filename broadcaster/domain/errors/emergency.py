"""Alerts and drills."""

from broadcaster.domain.errors.base import AS_BEFORE, TYPED, UNCHANGED, LoaError


class SlotEmpty(LoaError):
    """The template needs “{slot}”, and it is empty ({language})."""

    code, status, kept = "slot_empty", 422, TYPED
    todo = "Fill it in; every word of it is heard."


class UnknownHazard(LoaError):
    """There is no template “{id}”."""

    code, status, kept, todo = "unknown_hazard", 404, TYPED, "Choose one of the list."


class UseEmergency(LoaError):
    """A real emergency leaves only from its own page."""

    code, status, kept = "use_emergency", 409, AS_BEFORE
    todo = "Open its page under “Emergency” and send it there."


class UseDrill(LoaError):
    """A drill is held only from its own page."""

    code, status, kept = "use_drill", 409, AS_BEFORE
    todo = "Open its page under “Drill” and start it there."


class WrittenFromTemplate(LoaError):
    """This was written from a template, and its words belong together."""

    code, status, kept = "written_from_template", 409, AS_BEFORE
    todo = "Change it on its own page, under “Emergency” or “Drill”."


class NotAnEmergency(LoaError):
    """This is not a real emergency, so it cannot be sent as one."""

    code, status, kept = "not_an_emergency", 409, AS_BEFORE
    todo = "Write the alert under “Emergency”. A drill never becomes one."


class NotADrill(LoaError):
    """This is not a drill, so it cannot be held as one."""

    code, status, kept = "not_a_drill", 409, AS_BEFORE
    todo = "Write the drill under “Drill”. An alert never becomes one."


class NotReady(LoaError):
    """The correction and the all-clear are on {stored} of {reachable} connected loudspeakers only."""

    code, status, kept = "not_ready", 409, "Nothing was sent."
    todo = "Wait a few seconds and send it again; after 15 seconds it may leave all the same."


class WrongPlace(LoaError):
    """“{typed}” is not the name of the place where this is heard."""

    code, status, kept = "wrong_place", 422, "Nothing was sent."
    todo = "Read once more where it is heard, and type that name."


class AlreadySent(LoaError):
    """This alert was sent at {when}; nothing is sent twice."""

    code, status, kept = "already_sent", 409, "It sounds, and repeats, as it was sent."
    todo = "Follow it on its page; for another alert, write a new one."


class NotSent(LoaError):
    """This alert was not sent, so there is nothing to correct or to end."""

    code, status, kept = "not_sent", 409, UNCHANGED
    todo = "Withdraw it if it must not be sent."
