"""What makes the console an installed program: its name and icons, and the page for where there is no network."""

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from starlette.requests import Request

from broadcaster.web.render import language_of, page, translate
from broadcaster.web.wire import STATIC, address

router = APIRouter(include_in_schema=False)
COLOUR, PAPER = "#9d1c16", "#fbfaf8"
ICONS = {
    "icon-192.png": ("192x192", "any"),
    "icon-512.png": ("512x512", "any"),
    "icon-mask.png": ("512x512", "maskable"),
}


@router.get("/manifest.webmanifest")
def manifest(request: Request) -> JSONResponse:
    """What a phone asks for before it puts Loa among its programs."""
    shortcuts = {"/announcements/new": "Write an announcement", "/emergency": "Emergency"}
    icons = [
        {"src": address(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, (sizes, purpose) in ICONS.items()
    ]
    shown = {
        "name": "Loa",
        "short_name": "Loa",
        "lang": language_of(request),
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": COLOUR,
        "background_color": PAPER,
        "icons": icons,
        "shortcuts": [{"name": translate(request, text), "url": url} for url, text in shortcuts.items()],
    }
    return JSONResponse(shown, media_type="application/manifest+json", headers={"cache-control": "no-cache"})


@router.get("/sw.js")
def worker() -> FileResponse:
    """The script beside the pages; it must come from above all that it keeps."""
    return FileResponse(STATIC / "sw.js", media_type="text/javascript", headers={"cache-control": "no-cache"})


@router.get("/offline")
def offline(request: Request) -> HTMLResponse:
    """Nobody's page: it stays on the device, so it holds nothing of anybody."""
    return page(request, "offline.html")
