"""A copy as a mail to one reader."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from broadcaster.domain.mirror import Copy
from broadcaster.domain.mirror_wording import LEAD, LIMITS, compose, plain
from broadcaster.mirrors.base import Reader

WHY = "Thư này được gửi cho những người có tên trong danh sách nhận thông báo của {place}."
LEAVE = "Không muốn nhận nữa, xin mở: {link}"
SMALL = 400_000
"""Bytes of all sounds of a mail together: two minutes of speech in one language."""
MOST_REFERENCES = 5


@dataclass(frozen=True, slots=True)
class Sound:
    """The words in one language, to be heard."""

    language: str
    content: bytes


def mail(copy: Copy, reader: Reader, *, sender: str, sounds: Sequence[Sound], at: datetime) -> bytes:
    """What goes over the wire; the same Message-ID for everybody, so that an inbox can drop a double."""
    text = compose(replace(copy, repeated=reader.again), limit=LIMITS["email"])
    place = plain(copy.place).replace("\n", " ")
    made = EmailMessage(policy=SMTP)
    made["Subject"] = text.partition("\n")[0].removeprefix(LEAD)
    made["From"] = Address(place, addr_spec=sender)
    made["To"] = Address(addr_spec=reader.address)
    made["Date"] = format_datetime(at)
    foot = [WHY.format(place=place)] + [LEAVE.format(link=reader.leave)] * bool(reader.leave)
    made.set_content("\n".join([text, "", "-- ", *foot, ""]), cte="quoted-printable")
    for sound in sounds:
        file = f"{copy.announcement}-{sound.language}.ogg"
        made.add_attachment(sound.content, maintype="audio", subtype="ogg", filename=file)
    return _whole(_names(copy, reader, sender)) + made.as_bytes()


def _names(copy: Copy, reader: Reader, sender: str) -> dict[str, str]:
    # So that nobody's holiday answers.
    fields = {"Message-ID": f"<{name(copy.id, sender)}>", "Auto-Submitted": "auto-generated"}
    if copy.earlier:
        fields["In-Reply-To"] = f"<{copy.earlier[-1]}>"
        fields["References"] = " ".join(f"<{each}>" for each in copy.earlier[-MOST_REFERENCES:])
    if reader.leave:
        fields["List-Unsubscribe"] = f"<{reader.leave}>"
        fields["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return fields


def _whole(fields: dict[str, str]) -> bytes:
    # The library would encode what is too long for a line, and no program finds the link in that.
    return "".join(f"{field}: {value}\r\n" for field, value in fields.items()).encode()


def name(copy: str, sender: str) -> str:
    """What the mail of a copy is called."""
    return f"{copy}@{sender.rpartition('@')[2]}"
