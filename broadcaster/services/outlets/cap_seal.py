"""Signatures on CAP messages: ours on what we publish, and others' on what comes in (XML-DSig, enveloped)."""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from broadcaster.domain.cap.reading import tree
from broadcaster.domain.cap.refusal import Refusal, Refused

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


@dataclass(frozen=True, slots=True)
class Seal:
    """The key by which our messages are known, and its certificate, both as PEM."""

    key_pem: bytes = field(repr=False)
    certificate_pem: bytes

    def sign(self, document: bytes) -> bytes:
        """The document with its signature as the last child of its root."""
        signer = XMLSigner(
            method=SignatureConstructionMethod.enveloped,
            signature_algorithm=SignatureMethod.ECDSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=EXCLUSIVE,
        )
        signed = signer.sign(
            etree.fromstring(document, _parser()), key=self.key_pem, cert=self.certificate_pem.decode()
        )
        return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


def verified(raw: bytes, certificate_pem: str, *, now: datetime) -> bytes:
    """What exactly was signed by the holder of this certificate: nothing else of the document may be read.

    Raises Refused for a document that is unsafe to read, unsigned, signed otherwise, or signed only in part.
    """
    tree(raw)
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Refused(Refusal.UNSIGNED, "certificate")
        root = etree.fromstring(raw, _parser())
        # The signature stands at the root itself and covers one thing, which is the whole document.
        config = SignatureConfiguration(location="./", expect_references=1)
        result = XMLVerifier().verify(root, x509_cert=certificate, expect_config=config, validate_schema=True)
    except (SignXMLException, InvalidSignature, etree.LxmlError, ValueError, TypeError) as error:
        raise Refused(Refusal.UNSIGNED, str(error)[:120]) from None
    assert not isinstance(result, list)
    signed = result.signed_xml
    if signed is None or signed.tag != root.tag or signed.getparent() is not None:
        raise Refused(Refusal.UNSIGNED, "part")
    return etree.tostring(signed)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
