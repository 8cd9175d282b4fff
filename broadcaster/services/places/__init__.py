"""Units, groups and speakers: who hears what, and where each hangs."""
