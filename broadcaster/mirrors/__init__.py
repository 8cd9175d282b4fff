"""Copies of announcements in chat groups and feeds: one file and one registry line per channel."""
