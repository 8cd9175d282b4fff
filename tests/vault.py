"""The key under which tests seal secrets: the same in every process that opens one of their databases."""

from base64 import urlsafe_b64encode

from broadcaster.services.people.vault import Vault

VAULT = Vault(urlsafe_b64encode(bytes(range(32))), "http://testserver")
