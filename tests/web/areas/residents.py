"""What residents read: open to everybody, the same for everybody."""

from tests.web.areas.area import Area
from tests.web.cells import Row

AREA = Area(rows={"GET /{unit_id}": Row("anyone", thing="unit")})
