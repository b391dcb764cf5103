"""Every kind of store that settings can name."""

from __future__ import annotations

from secretscope.providers.settings._aws import AWS, AWS_PARAMETERS
from secretscope.providers.settings._azure import AZURE
from secretscope.providers.settings._backend import Backend
from secretscope.providers.settings._dotenv import DOTENV
from secretscope.providers.settings._embedded import CHAIN, DICT, ENV
from secretscope.providers.settings._files import FILES
from secretscope.providers.settings._gcp import GCP
from secretscope.providers.settings._keyring import KEYRING
from secretscope.providers.settings._vault import VAULT

BACKENDS: dict[str, Backend] = {
    backend.name: backend
    for backend in (
        ENV,
        DICT,
        FILES,
        DOTENV,
        KEYRING,
        AWS,
        AWS_PARAMETERS,
        GCP,
        AZURE,
        CHAIN,
        VAULT,
    )
}
