"""Doors to other libraries, a module each: imported by name."""
