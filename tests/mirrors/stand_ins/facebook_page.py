"""A stand-in for the Graph API of a Facebook page on loopback: posting, editing, its errors and limits.

It is no Facebook: it was written from the description of the wire format, and its page says so.
"""

import threading
from dataclasses import dataclass, field
from html import escape
from typing import Annotated, Literal

from fastapi import FastAPI, Form, Header
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

TOKEN = "EAAstandin"
LONGEST = 63_206

Behaviour = Literal["answer", "take and drop", "page", "fault"]


@dataclass(slots=True)
class Post:
    """What stands on the page."""

    message: str
    link: str | None = None
    edits: int = 0


@dataclass(slots=True)
class Desk:
    """What the stand-in knows; tests turn its knobs."""

    page: str = "1055"
    name: str = "Xã Yên Châu"
    posts: dict[str, Post] = field(default_factory=dict)
    most_posts: int = 25
    """After so many it says that there were too many for this page."""
    behaviour: Behaviour = "answer"
    leaving: threading.Event = field(default_factory=threading.Event)
    hang_seconds: float = 2.0


def no(status: int, code: int, message: str, kind: str = "OAuthException") -> Response:
    """Facebook's way of saying no."""
    content = {"message": message, "type": kind, "code": code, "fbtrace_id": "Astandin"}
    return JSONResponse({"error": content}, status_code=status)


def stand_in(desk: Desk) -> FastAPI:
    """The application around one desk."""
    app = FastAPI(openapi_url=None)

    @app.post("/v25.0/{page}/feed")
    def feed(
        page: str,
        message: Annotated[str, Form()] = "",
        link: Annotated[str | None, Form()] = None,
        access_token: Annotated[str, Form()] = "",
    ) -> Response:
        refused = _refused(desk, page, message, access_token) or _doubled(desk, message)
        if refused:
            return refused
        name = f"{page}_{9000 + len(desk.posts)}"
        desk.posts[name] = Post(message, link)
        if desk.behaviour == "take and drop":
            desk.leaving.wait(desk.hang_seconds)
        return JSONResponse({"id": name})

    @app.post("/v25.0/{post}")
    def edit(post: str, message: Annotated[str, Form()] = "", access_token: Annotated[str, Form()] = "") -> Response:
        refused = _refused(desk, post.partition("_")[0], message, access_token)
        if refused:
            return refused
        if post not in desk.posts:
            return no(400, 100, f"Unsupported post request. Object with ID '{post}' does not exist")
        desk.posts[post].message, desk.posts[post].edits = message, desk.posts[post].edits + 1
        return JSONResponse({"success": True})

    @app.get("/v25.0/{page}")
    def page(page: str, authorization: Annotated[str, Header()] = "") -> Response:
        known = authorization == f"Bearer {TOKEN}"
        return JSONResponse({"name": desk.name, "id": page}) if known else no(400, 190, "Invalid OAuth access token")

    @app.get("/page")
    def shown() -> HTMLResponse:
        lines = "".join(f"<p>{escape(post.message)}</p>" for post in desk.posts.values())
        return HTMLResponse(f"<h1>Máy giả lập, không phải Facebook</h1>{lines}")

    return app


def _doubled(desk: Desk, message: str) -> Response | None:
    twice = any(post.message == message for post in desk.posts.values())
    return no(400, 506, "Duplicate status message") if twice else None


def _refused(desk: Desk, page: str, message: str, token: str) -> Response | None:
    if desk.behaviour == "page":
        return HTMLResponse("<html><title>Đăng nhập Wi-Fi</title></html>")
    if desk.behaviour == "fault":
        return PlainTextResponse("", status_code=503)
    if token != TOKEN:
        return no(400, 190, "Invalid OAuth access token - Cannot parse access token")
    if page != desk.page:
        return no(403, 200, "(#200) Permissions error")
    if not message or len(message) > LONGEST:
        return no(400, 100, "(#100) Invalid parameter", "GraphMethodException")
    if len(desk.posts) >= desk.most_posts:
        return no(400, 32, "(#32) Page request limit reached")
    return None
