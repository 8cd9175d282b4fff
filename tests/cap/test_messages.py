"""What is written is valid by the schema and reads back as it was; what is not CAP is refused with its reason."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.cap.message import Message
from broadcaster.domain.cap.reading import LARGEST, read
from broadcaster.domain.cap.refusal import Refusal, Refused
from broadcaster.domain.cap.writing import to_xml
from tests.cap.schema import problems
from tests.cap.strategies import MESSAGES

pytestmark = pytest.mark.pure

GOOD = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>kttv-1</identifier>
<sender>kttv@example.vn</sender><sent>2026-11-25T10:00:00+07:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>
<category>Met</category><event>Bão</event><urgency>Immediate</urgency><severity>Severe</severity>
<certainty>Likely</certainty></info></alert>"""
BILLION = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><alert>&c;</alert>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>'


@given(MESSAGES)
@settings(max_examples=60)
def test_a_message_is_valid_and_reads_back_as_it_was(message: Message) -> None:
    document = to_xml(message)
    assert problems(document) == []
    assert read(document) == message


def test_an_ordinary_one_is_read() -> None:
    found = read(GOOD.encode())
    assert (found.identifier, found.infos[0].event, found.infos[0].language) == ("kttv-1", "Bão", "en-US")


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        ("", Refusal.EMPTY),
        ("   \n", Refusal.EMPTY),
        ("not xml", Refusal.NOT_XML),
        ("<!DOCTYPE html><html><body>502</body></html>", Refusal.DOCTYPE),
        ("<html><body>502 Bad Gateway</body></html>", Refusal.NOT_CAP),
        (BILLION, Refusal.DOCTYPE),
        (EXTERNAL, Refusal.DOCTYPE),
        ("<alert/>", Refusal.NOT_CAP),
        (GOOD.replace("cap:1.2", "cap:1.1"), Refusal.NOT_CAP),
        (GOOD.replace("Actual", "Real"), Refusal.BAD_CAP),
        (GOOD.replace("<status>Actual</status>", ""), Refusal.BAD_CAP),
        (GOOD.replace("<status>", "<status>Test</status><status>"), Refusal.BAD_CAP),
        (GOOD.replace("kttv@example.vn", "a b"), Refusal.BAD_CAP),
        (GOOD.replace("+07:00", "Z"), Refusal.BAD_CAP),
        (GOOD.replace("2026-11-25", "2026-13-45"), Refusal.BAD_CAP),
        ("<a>" * 100 + "</a>" * 100, Refusal.NOT_CAP),
        ("<a>" * 101 + "</a>" * 101, Refusal.TOO_LARGE),
        ("<a>" * 5000 + "</a>" * 5000, Refusal.TOO_LARGE),
        (f"<a>{'<b/>' * 25_000}</a>", Refusal.TOO_LARGE),
        (f"<a>{'x' * LARGEST}</a>", Refusal.TOO_LARGE),
    ],
)
def test_what_is_no_alert_is_refused_with_its_reason(document: str, refusal: Refusal) -> None:
    with pytest.raises(Refused) as refused:
        read(document.encode())
    assert refused.value.refusal is refusal


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=100)
def test_nothing_else_ever_comes_out_of_reading(raw: bytes) -> None:
    with pytest.raises(Refused):
        read(raw)


@given(st.integers(0, len(GOOD) - 1), st.sampled_from(["<", ">", "&", "", "\0", "x", '"']))
@settings(max_examples=100)
def test_one_wrong_letter_is_refused_or_harmless(place: int, letter: str) -> None:
    with suppress(Refused):
        assert isinstance(read((GOOD[:place] + letter + GOOD[place + 1 :]).encode()), Message)
