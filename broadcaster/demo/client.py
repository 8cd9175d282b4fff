"""One person's way into the public API, as any program would use it."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import httpx


class Refused(Exception):
    """The API said no; the message is its problem, in words."""

    code = "refused"


class Client:
    """Calls /api/v1 with a bearer token; every write carries an Idempotency-Key."""

    def __init__(self, url: str, token: str, language: str = "vi") -> None:
        self._http = httpx.Client(
            base_url=f"{url}/api/v1",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": language},
            timeout=120.0,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """The JSON at a path. Raises Refused."""
        found: dict[str, Any] = _read(self._http.get(path, params=query)).json()
        return found

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write something. Raises Refused."""
        answer = self._http.post(path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
        found: dict[str, Any] = _read(answer).json()
        return found

    def fetch(self, path: str, target: Path) -> int:
        """Bring a file; its length in bytes. Raises Refused."""
        content = _read(self._http.get(path)).content
        target.write_bytes(content)
        return len(content)


def moment(text: str) -> datetime:
    """A time as the API writes it."""
    return datetime.fromisoformat(text)


def _read(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        try:
            problem = answer.json()
            raise Refused(f"{problem['code']}: {problem['title']} {problem.get('detail', '')}".strip())
        except (ValueError, KeyError):
            raise Refused(f"HTTP {answer.status_code}") from None
    return answer
