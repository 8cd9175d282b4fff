"""Units side by side, their reports, what is taken away as a file, and the log book's chain."""

from tests.web.areas.area import Area
from tests.web.cells import Row

ROWS = {
    "GET /province": Row("signed in"),
    "GET /province/wall": Row("signed in"),
    "GET /province/wall/board": Row("signed in"),
}
AREA = Area(rows=ROWS)
