"""What residents read and hear again: no account, no session, and nothing that needs a script."""

from fastapi import APIRouter

from broadcaster.web.context import Context
from broadcaster.web.residents.announcement import announcement_routes


def residents_routes(context: Context) -> APIRouter:
    """Everything of theirs."""
    router = APIRouter(include_in_schema=False)
    router.include_router(announcement_routes(context))
    return router
