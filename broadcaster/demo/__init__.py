"""The demo commune and the main job, end to end, with real processes."""
