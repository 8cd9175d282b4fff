"""What residents are told on their own devices, and what they say back."""

from tests.web.areas.area import Area
from tests.web.cells import Row

AREA = Area(
    rows={
        # In the house nobody was given a key for push services.
        "GET /push/key": Row("anyone", 404),
        "GET /listen-sw.js": Row("anyone"),
        "POST /push/subscriptions": Row("anyone", 404),
        "POST /push/leave": Row("anyone", 204),
    },
)
