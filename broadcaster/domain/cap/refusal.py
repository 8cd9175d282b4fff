"""Why something that came in is no alert for us."""

from enum import StrEnum


class Refusal(StrEnum):
    """The reasons, in the order in which they are looked for."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    DOCTYPE = "doctype"
    NOT_XML = "not_xml"
    NOT_CAP = "not_cap"
    UNSIGNED = "unsigned"
    BAD_CAP = "bad_cap"
    WRONG_SENDER = "wrong_sender"
    NOT_PUBLIC = "not_public"
    IDENTIFIER_USED = "identifier_used"
    FROM_FUTURE = "from_future"
    EXPIRED = "expired"
    TOO_MANY = "too_many"


class Refused(Exception):
    """It is no alert; `refusal` says why."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(f"{refusal}: {detail}" if detail else refusal)
        self.refusal, self.detail = refusal, detail
