"""What stands on a label is read however it is typed, and names one authority."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from firmware_config import pki
from firmware_config.pki import BrokenCertificate
from firmware_config.protocol.enrolment import BadLabel, Label, fingerprint
from tests.protocol.test_pki import NOW, OURS, THEIRS

pytestmark = pytest.mark.pure

labels = st.builds(Label, st.from_regex(r"[a-z2-7]{8}", fullmatch=True), st.from_regex(r"[a-z2-7]{20}", fullmatch=True))
BETWEEN = st.sampled_from(["", " ", "-", " - ", "\t"])


@given(labels, st.lists(BETWEEN, min_size=28, max_size=28), st.booleans())
def test_a_label_is_read_in_either_case_and_however_it_is_grouped(label: Label, gaps: list[str], loud: bool) -> None:
    letters = str(label).replace("-", "")
    typed = "".join(letter + gap for letter, gap in zip(letters, gaps, strict=True))
    assert Label.parse(typed.upper() if loud else typed) == label
    assert Label.parse(str(label)) == label


@given(labels)
def test_digits_the_alphabet_does_not_have_are_read_as_the_letters_they_look_like(label: Label) -> None:
    looks = str(label).translate(str.maketrans("olb", "018"))
    assert Label.parse(looks) == label


@given(st.text(max_size=60))
def test_anything_else_is_no_label(text: str) -> None:
    try:
        found = Label.parse(text)
    except BadLabel:
        return
    assert len(str(found)) == 34


@given(labels, st.integers(0, 33), st.characters(exclude_characters="-"))
def test_one_letter_more_is_no_label(label: Label, at: int, letter: str) -> None:
    text = str(label)
    if not letter.isspace():
        with pytest.raises(BadLabel):
            Label.parse(text[:at] + letter + text[at:])


def test_an_authority_of_the_same_name_has_another_fingerprint() -> None:
    ours, theirs = (fingerprint(pki_der(one)) for one in (OURS, THEIRS))
    assert ours != theirs
    assert len(ours) == len(theirs) == 20
    assert Label.parse(f"aaaaaaaa{ours}").fingerprint == ours


def pki_der(authority: pki.Authority) -> bytes:
    return authority.certificate.public_bytes(Encoding.DER)


def test_a_key_made_elsewhere_is_certified_under_the_name_we_choose() -> None:
    key = pki.new_tls_key()
    certificate = OURS.certify("loa-1", pki.certificate_request(key), now=NOW)
    issued = pki.Issued(pki.tls_key_pem(key), certificate)
    assert pki.check(issued, ca_pem=OURS.certificate_pem, now=NOW) == "loa-1"


def test_only_whoever_holds_the_key_gets_a_certificate_for_it() -> None:
    request = pki.certificate_request(pki.new_tls_key())
    spoiled = request.replace(b"MI", b"MJ", 1)
    for broken in (b"nonsense", b"", spoiled, pki.public_key_pem(bytes(32))):
        with pytest.raises(BrokenCertificate):
            OURS.certify("loa-1", broken, now=NOW)
    with pytest.raises(BrokenCertificate):
        OURS.certify("broadcaster/#", request, now=NOW)
