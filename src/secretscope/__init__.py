"""Secrets for dependency-injector applications."""
