"""Logins that tests make, and the requests that they look for."""

from secretscope.backends.vault import (
    AppRole,
    Cluster,
    VaultSource,
)
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double

LOGIN, RENEW = "POST auth/approle/login", "POST auth/token/renew-self"
LOOKUP, REVOKE = "GET auth/token/lookup-self", "POST auth/token/revoke-self"


def role(double: Double, admin: Admin, **options: object) -> AppRole:
    admin.login("approle", "approle")
    policy = admin.policy({"secret/data/*": ["read", "create", "update"]})
    role_id = admin.approle("approle", "app", "default", policy, **options)
    admin.write("secret", "key", value="v-1")
    admin.write("secret", "other", value="v-2")
    auth = AppRole(role_id, admin.secret_id("approle", "app"))
    double.seen.clear()
    return auth


def cluster(source: VaultSource) -> Cluster:
    return source._reach.cluster
