"""What residents read and hear again: no account, no session, and nothing that needs a script."""

from fastapi import APIRouter

from broadcaster.web.context import Context
from broadcaster.web.residents.announcement import announcement_routes
from broadcaster.web.residents.feeds import feed_routes
from broadcaster.web.residents.kept import Shelf
from broadcaster.web.residents.village import village_routes


def residents_routes(context: Context) -> APIRouter:
    """Everything of theirs."""
    router, shelf = APIRouter(include_in_schema=False), Shelf(context.database, context.now)
    for routes in (announcement_routes, village_routes, feed_routes):
        router.routes.extend(routes(context, shelf).routes)
    return router
