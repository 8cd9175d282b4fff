"""What a page makes a browser fetch with it."""

import re


def first_parts(page: str) -> list[str]:
    """The addresses of its styles, scripts and pictures, as they stand in the page."""
    named = re.findall(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="(/[^"]+)"', page)
    return list(dict.fromkeys(named))
