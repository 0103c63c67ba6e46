"""The front door: command line, run pipeline and run record; composes the rooms, holds no science."""
