"""A process that asks for an account's token when it is told to: `url account now live|die`.

With `die` it is gone the moment Zalo has answered, before anything of it can be kept.
"""

import os
import sys
from datetime import datetime

import httpx

from broadcaster.mirrors.official_tokens import OfficialTokens
from broadcaster.store.database import Database
from tests.vault import VAULT


class Dying(httpx.HTTPTransport):
    """Like a power cut between the provider's answer and our commit."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        super().handle_request(request).read()
        os._exit(9)


def main() -> None:
    """Ask once, and print the token."""
    url, account, now, how = sys.argv[1:]
    transport = Dying() if how == "die" else httpx.HTTPTransport()
    database, client = Database(url, vault=VAULT), httpx.Client(transport=transport)
    tokens = OfficialTokens(database, client, lambda: datetime.fromisoformat(now))
    print("ready", flush=True)
    sys.stdin.readline()
    print(tokens.token(account), flush=True)


if __name__ == "__main__":
    main()
