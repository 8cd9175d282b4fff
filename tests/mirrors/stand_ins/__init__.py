"""Servers that speak as providers do, where the real ones cannot run; each says that it is a stand-in."""
