"""The broadcaster, but it dies as by kill -9 at a chosen point of its relay, once a file says so.

The point stands in FAULT_POINT, the file in FAULT_ARMED.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from broadcaster.app import serve
from broadcaster.settings import load


def main() -> int:
    """Serve until the point is reached while the file is there."""
    point, armed = os.environ["FAULT_POINT"], Path(os.environ["FAULT_ARMED"])

    def fault(here: str) -> None:
        if here == point and armed.exists():
            armed.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    return serve(load(), fault=fault)


if __name__ == "__main__":
    sys.exit(main())
