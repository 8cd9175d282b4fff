"""What a library may not do while it sends for us."""

import socket
import subprocess
import syslog
import threading
from collections.abc import Callable

import pytest

from broadcaster.mirrors.fence import Fenced, fenced

pytestmark = pytest.mark.database


@pytest.fixture
def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_a_private_address_is_not_called_and_the_reason_is_kept(listener: socket.socket) -> None:
    with listener, fenced() as fence:
        with pytest.raises(Fenced):
            socket.create_connection(listener.getsockname(), timeout=1)
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert fence.refused == "the address is not on the open internet"


def datagram(address: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", address)


def named() -> None:
    with socket.socket() as caller:
        caller.connect(("localhost", 9))


def of_the_file_system() -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect("/run/loa-nobody")


@pytest.mark.parametrize(
    "act",
    [
        lambda: datagram(("169.254.169.254", 80)),
        lambda: datagram(("10.0.0.1", 53)),
        named,
        of_the_file_system,
        lambda: subprocess.run(["true"], check=True),
        lambda: syslog.syslog("x"),
    ],
)
def test_nothing_else_gets_out_either(act: Callable[[], object]) -> None:
    with fenced() as fence, pytest.raises(Fenced):
        act()
    assert fence.refused


def test_a_public_address_is_let_through() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, fenced() as fence:
        # To connect a datagram socket sends nothing.
        try:
            sender.connect(("1.1.1.1", 9))
        except Fenced:
            raise
        except OSError:
            pass
    assert fence.refused == ""


def test_it_stands_in_its_own_thread_and_for_its_own_time(listener: socket.socket) -> None:
    called: list[bool] = []
    inside, done = threading.Event(), threading.Event()

    def other() -> None:
        inside.wait(5)
        socket.create_connection(listener.getsockname(), timeout=1).close()
        called.append(True)
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with listener:
        with fenced():
            inside.set()
            assert done.wait(5)
        thread.join()
        socket.create_connection(listener.getsockname(), timeout=1).close()
    assert called == [True]
