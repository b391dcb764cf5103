"""Credentials of Google Cloud: a service account's key, or what the process has."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import google.auth
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import service_account

from secretscope.backends.gcp._access import GcpAccess
from secretscope.errors import ConfigurationError

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_NONE = (
    "gcp: this process has no credentials of Google Cloud: set gcp.credentials_file or "
    "GOOGLE_APPLICATION_CREDENTIALS, run `gcloud auth application-default login`, or "
    "give the machine a service account"
)


def credentials_of(access: GcpAccess) -> Any:  # noqa: ANN401 - google.auth has many
    """Return the credentials that the settings name, or the process's own.

    Raises:
        ConfigurationError: There are none, or they cannot work.
    """
    if access.credentials_file is not None:
        return _key(_text(Path(access.credentials_file)), "gcp.credentials_file")
    if access.credentials_json is not None:
        return _key(access.credentials_json, "gcp.credentials_json")
    with suppress(GoogleAuthError):
        find: Any = google.auth.default
        return find(scopes=_SCOPES)[0]
    raise ConfigurationError(_NONE)


def _key(text: str, option: str) -> Any:  # noqa: ANN401 - google.auth has many
    with suppress(ValueError, KeyError, TypeError, AttributeError, GoogleAuthError):
        kind: Any = service_account.Credentials
        return kind.from_service_account_info(json.loads(text), scopes=_SCOPES)
    raise ConfigurationError(f"{option}: is no key of a service account, as JSON")


def _text(path: Path) -> str:
    with suppress(OSError, ValueError):
        return path.read_text(encoding="utf-8")
    raise ConfigurationError(f"gcp.credentials_file: {path} can't be read")
