"""From words and recordings to clips; the voice bank."""
