"""Nudges: from any thread, each page only what it looks at, and none left open at the end."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from broadcaster.web.live import LiveHub

pytestmark = pytest.mark.pages


def run(scene: Callable[[LiveHub], Awaitable[None]]) -> LiveHub:
    """Play a scene in a loop of its own; nothing in it may wait longer than five seconds."""
    hub = LiveHub()

    async def timed() -> None:
        await asyncio.wait_for(scene(hub), 5)

    asyncio.run(timed())
    return hub


def from_another_thread(act: Callable[[], None]) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def test_a_page_is_told_at_once_and_after_each_change() -> None:
    async def scene(hub: LiveHub) -> None:
        stream = hub.stream("airing-1")
        first = await anext(stream)
        assert (first.event, first.raw_data, first.retry) == ("airing-1", "changed", 3000)
        from_another_thread(lambda: hub.nudge("airing-1"))
        assert (await anext(stream)).event == "airing-1"
        assert hub.open() == 1
        await stream.aclose()

    assert run(scene).open() == 0


def test_many_changes_while_nobody_listened_are_one_nudge() -> None:
    async def scene(hub: LiveHub) -> None:
        stream = hub.stream("airing-1")
        await anext(stream)
        for _ in range(100):
            hub.nudge("airing-1")
        await anext(stream)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0.05)

    run(scene)


def test_another_topic_is_not_heard() -> None:
    async def scene(hub: LiveHub) -> None:
        stream = hub.stream("airing-1")
        await anext(stream)
        hub.nudge("airing-12")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0.05)

    run(scene)


def test_closing_ends_every_stream_and_every_later_one() -> None:
    async def scene(hub: LiveHub) -> None:
        stream = hub.stream("airing-1")
        await anext(stream)
        hub.close()
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        later = hub.stream("airing-1")
        await anext(later)
        with pytest.raises(StopAsyncIteration):
            await anext(later)

    run(scene)


def test_a_page_whose_loop_has_ended_harms_nobody() -> None:
    async def scene(hub: LiveHub) -> None:
        await anext(hub.stream("airing-1"))

    hub = run(scene)
    hub.nudge("airing-1")
    hub.close()
