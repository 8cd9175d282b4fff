"""Starlette's in-process client, imported past its wish for another HTTP library than the one we ship."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

__all__ = ["TestClient"]
