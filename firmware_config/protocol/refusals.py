"""Why bytes from outside were not accepted: one stable code per step of acceptance."""

from enum import StrEnum


class Refusal(StrEnum):
    """The codes, in the order in which the steps are taken; docs/protocol.md explains each."""

    OVERSIZE = "oversize"
    SHAPE = "shape"
    WRONG_TYPE = "wrong_type"
    WRONG_HASH = "wrong_hash"
    UNKNOWN_KEY = "unknown_key"
    WRONG_ROLE = "wrong_role"
    KEY_OUT_OF_DATE = "key_out_of_date"
    BAD_SIGNATURE = "bad_signature"
    BAD_JSON = "bad_json"
    FIELDS = "fields"
    NOT_FOR_ME = "not_for_me"
    OLDER = "older"
    CONFLICT = "conflict"
    REPLAY = "replay"
    EXPIRED = "expired"
    POLICY = "policy"


class Refused(Exception):
    """The bytes were refused; nothing of them was kept."""

    def __init__(self, code: Refusal, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail
