"""Faults made on purpose, against real processes, each with the criterion it is judged by."""
