"""Stores, a module each: those with an extra are imported by name."""
