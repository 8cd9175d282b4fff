"""What programs send to the voice banks when nothing else matters."""

import uuid


def bodies() -> dict[str, object]:
    """By the last word of the route; names are new each time."""
    key = f"x-{uuid.uuid4().hex[:12]}"
    return {
        "phrases": {"key": key, "meaning": "Mời bà con."},
        "sentences": {"key": key, "meaning": "Họp", "parts": [{"slot": "time", "kind": "time"}]},
        "assemble": {"pattern": "khong-co", "slots": {}},
        "review": {"accept": True},
    }
