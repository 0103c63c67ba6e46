"""The front door: command line, run pipeline, run record; composes the rooms, has no science."""
