"""Alerts with their correction and all-clear, and drills, which are another place."""
