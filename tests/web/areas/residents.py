"""What residents read: open to everybody, the same for everybody."""

from tests.web.areas.area import Area
from tests.web.cells import Row

PAGES = ("", "/feed.atom", "/feed.rss", "/podcast.rss", "/feed.json", "/calendar.ics")
AREA = Area(
    rows={f"GET /{{unit_id}}{page}": Row("anyone", thing="unit") for page in PAGES}
    | {"GET /n/{public_id}/{sha256}.mp3": Row("anyone", 404)}
)
