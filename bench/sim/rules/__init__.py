"""Whole chains by chance: rules, schedules, edits and clocks, the real planner, real manifests, real speaker cores."""
