"""Who is asking, and whether they may."""

from broadcaster.domain.errors.base import UNCHANGED, LoaError


class BadToken(LoaError):
    """This token is not known here, has expired or was revoked."""

    code, status, kept = "bad_token", 401, UNCHANGED
    todo = "Make a new token with “loa token create” and send it as “Authorization: Bearer …”."


class NotSignedIn(LoaError):
    """You are not signed in, or your session has ended."""

    code, status, kept = "not_signed_in", 401, UNCHANGED
    todo = "Sign in and do it again."


class LinkSpent(LoaError):
    """This sign-in link was used already, has expired or is not ours."""

    code, status, kept = "link_spent", 401, UNCHANGED
    todo = "Ask for a new link."


class BadForm(LoaError):
    """This page did not come from your own session."""

    code, status, kept = "bad_form", 403, UNCHANGED
    todo = "Reload the page and do it again."


class NotAllowed(LoaError):
    """You may not do this here ({action})."""

    code, status, kept = "not_allowed", 403, UNCHANGED
    todo = "Ask someone who has the role for this unit, or ask for the role."


class OwnAnnouncement(LoaError):
    """Whoever wrote an announcement cannot approve it."""

    code, status = "own_announcement", 403
    kept = "The announcement still waits for approval."
    todo = "Ask another approver to read and hear it."


class LastOwner(LoaError):
    """The commune would be left without an owner."""

    code, status, kept = "last_owner", 409, UNCHANGED
    todo = "Give the role to somebody else first."
