"""A stand-in for SMS gateways on loopback: one that takes JSON and answers with a code, and one that takes a form.

It is no gateway and reaches no phone: it was written from the description of the wire format, and its page says so.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import FastAPI, Form, Header
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

API_KEY, SECRET_KEY = "api-key", "secret-key"
JSON_PATH = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"


@dataclass(frozen=True, slots=True)
class Sms:
    """One message as it was taken."""

    phone: str
    text: str
    id: str


@dataclass(slots=True)
class Desk:
    """What the stand-in knows; tests turn its knobs."""

    taken: list[Sms] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    bad: Mapping[str, str] = field(default_factory=dict)
    """phone → the code it is refused with."""
    busy: dict[str, int] = field(default_factory=dict)
    """phone → how many times the gateway is too busy for it."""
    hanging: frozenset[str] = frozenset()
    """Phones whose message is taken, and whose answer never comes."""
    page: bool = False
    leaving: threading.Event = field(default_factory=threading.Event)

    def instead(self, phone: str) -> Response | None:
        """What it does on a bad day."""
        self.asked[phone] += 1
        if self.page:
            return HTMLResponse("<html><title>Đăng nhập Wi-Fi</title></html>")
        if self.busy.get(phone, 0) >= self.asked[phone]:
            return PlainTextResponse("busy", status_code=429, headers={"retry-after": "1"})
        return None


def stand_in(desk: Desk) -> FastAPI:
    """The application around one desk."""
    app = FastAPI(openapi_url=None)

    @app.post(JSON_PATH)
    def as_json(content: dict[str, Any]) -> Response:
        phone = str(content["Phone"])
        other = desk.instead(phone)
        if other:
            return other
        if (content.get("ApiKey"), content.get("SecretKey")) != (API_KEY, SECRET_KEY):
            return JSONResponse({"CodeResult": "101", "ErrorMessage": f"Authorize Failed: {content.get('SecretKey')}"})
        if phone in desk.bad:
            return JSONResponse({"CodeResult": desk.bad[phone], "ErrorMessage": "Invalid phone"})
        desk.taken.append(Sms(phone, content["Content"], str(content.get("RequestId", ""))))
        if phone in desk.hanging:
            desk.leaving.wait(2)
        return JSONResponse({"CodeResult": "100", "SMSID": f"sms-{len(desk.taken)}"})

    @app.post("/form")
    def as_form(
        to: Annotated[str, Form()], text: Annotated[str, Form()], authorization: Annotated[str, Header()] = ""
    ) -> Response:
        if authorization != f"Bearer {SECRET_KEY}":
            return PlainTextResponse("", status_code=401)
        desk.taken.extend(Sms(phone, text, "") for phone in to.split(","))
        return JSONResponse({"results": [{"ok": True}]})

    @app.get("/page")
    def shown() -> HTMLResponse:
        return HTMLResponse(f"<h1>Máy giả lập, không gửi tin nhắn nào</h1><p>{len(desk.taken)}</p>")

    return app
