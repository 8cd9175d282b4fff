"""The rights on loudspeakers, their labels and the borders they hang within."""

from tests.web.areas.area import Area
from tests.web.cells import Row

AREA = Area(
    rows={
        "GET /device/v1/authority": Row("anyone"),
        "POST /device/v1/enrol": Row("anyone", 422),
    },
)
