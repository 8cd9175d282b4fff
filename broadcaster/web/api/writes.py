"""One write of the API: its work, the answer and the key under which both are remembered, in one transaction."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.services.idempotency import Answer, repeated, replay_or_run
from broadcaster.web.api.models import Given, ProblemDocument, Shown
from broadcaster.web.asking import Caller, Web

PREFIX = "/api/v1"
REFERRED = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}}}
# Every route may answer so; said once for the description.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"content": REFERRED, "description": meaning}
    for status, meaning in (
        (400, "A request that cannot be read, or a write without Idempotency-Key."),
        (401, "No token, or one that is not known."),
        (403, "This person may not do that here."),
        (404, "There is no such thing within this person's sight."),
        (409, "Not possible as things stand now."),
        (413, "Too large."),
        (422, "Not what it should be; `fields` names where."),
        (503, "The database, the disk or a voice cannot do it just now."),
    )
}


# FastAPI makes a validator for every model a route names, which nothing asks for a problem: eight a route, a thousand
# in all. One route names the model, which brings its schema into the description; the others refer to it.
PROBLEM_DESCRIBED: dict[int | str, dict[str, Any]] = {
    400: {"model": ProblemDocument, "description": PROBLEMS[400]["description"]}
}


@dataclass(frozen=True, slots=True)
class Write:
    """What every write needs to know about its request."""

    request: Request
    context: Web
    caller: Caller
    key: str | None

    def answer(self, body: Given | str, work: Callable[[Session], Shown], status: int = 200) -> Response:
        """Do the work once and answer; the same key and body again get the same answer, and nothing happens twice."""

        def run() -> tuple[int, bytes]:
            return status, _json(work(session))

        with self.context.database.transaction() as session:
            wanted = self._hash(body)
            return _response(replay_or_run(session, self.caller, self.key, wanted, run, now=self.context.now()))

    def answered(self, body: Given | str) -> Response | None:
        """What this very request was answered before: asked by writes whose work is slow, before they begin it."""
        with self.context.database.read() as session:
            given = repeated(session, self.caller, self.key, self._hash(body))
        return _response(given) if given else None

    def _hash(self, body: Given | str) -> str:
        text = body if isinstance(body, str) else body.model_dump_json()
        return hashlib.sha256(f"{self.request.method} {self.request.url.path}\n{text}".encode()).hexdigest()


def _response(given: Answer) -> Response:
    headers = {"idempotency-replayed": "true"} if given.replayed else None
    return Response(given.body, given.status, headers, media_type="application/json")


def _json(model: BaseModel) -> bytes:
    return model.model_dump_json(by_alias=True).encode()


def write_of(
    request: Request,
    context: Web,
    caller: Caller,
    idempotency_key: Annotated[
        str | None,
        Header(description="Required. One key for each thing you want done; the same when you repeat the request."),
    ] = None,
) -> Write:
    """The dependency of every write."""
    return Write(request, context, caller, idempotency_key)


Writes = Annotated[Write, Depends(write_of)]
