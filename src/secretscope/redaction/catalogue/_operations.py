"""Vaults, infrastructure, secrets of operations."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import (
    ALNUM,
    HEX,
    LOWER,
    UPPER,
    URL,
    UUID,
)
from secretscope.redaction.catalogue._drawn import mixed

_VAULT = "https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes"
_ONEPASSWORD = "https://developer.1password.com/docs/service-accounts/"
_AGE = "https://github.com/C2SP/C2SP/blob/main/age.md"
_BECH32 = "[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]"
_DOPPLER = "https://docs.doppler.com/reference/auth-token-formats"

OPERATIONS = (
    Shape("vault-service-token", "hvs.", f"{URL}{{24,}}+", _VAULT),
    Shape("vault-batch-token", "hvb.", f"{URL}{{60,}}+", _VAULT),
    Shape("vault-recovery-token", "hvr.", f"{URL}{{24,}}+", _VAULT),
    Shape(
        "vault-legacy-token",
        (),
        r"[sbr]\.(?=[A-Za-z]*[0-9])[A-Za-z0-9]{24}",
        _VAULT,
        left="A-Za-z0-9._-",
        opt_in=True,
    ),
    Shape(
        "terraform-token",
        ".atlasv1.",
        r"[A-Za-z0-9=_-]{60,80}",
        "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens",
        lead=f"{ALNUM}{{14}}",
        lead_width=14,
    ),
    Shape(
        "pulumi-token",
        "pul-",
        f"{HEX}{{40}}",
        "https://www.pulumi.com/docs/administration/access-identity/access-tokens/",
    ),
    Shape(
        "onepassword-service-token",
        "ops_eyJ",
        r"[A-Za-z0-9+/_-]{200,}+={0,3}",
        _ONEPASSWORD,
        left="A-Za-z0-9_-",
    ),
    Shape(
        "onepassword-secret-key",
        "A3-",
        rf"{UPPER}{{6}}-(?:{UPPER}{{11}}|{UPPER}{{6}}-{UPPER}{{5}})(?:-{UPPER}{{5}}){{3}}",
        "https://support.1password.com/secret-key-security/",
    ),
    Shape("age-secret-key", "AGE-SECRET-KEY-1", f"{_BECH32}{{58}}", _AGE),
    Shape("age-post-quantum-key", "AGE-SECRET-KEY-PQ-1", f"{_BECH32}{{58,}}+", _AGE),
    Shape(
        "doppler-token",
        ("dp.pt.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit.", "dp.said."),
        f"{ALNUM}{{40,44}}",
        _DOPPLER,
    ),
    Shape(
        "doppler-service-token",
        "dp.st.",
        rf"(?:[a-z0-9_-]{{2,35}}\.)?{ALNUM}{{40,44}}",
        _DOPPLER,
    ),
    Shape(
        "infisical-token",
        "st.",
        rf"{HEX}{{24}}\.{HEX}{{32}}\.{HEX}{{32}}",
        "https://infisical.com/docs/documentation/platform/token",
    ),
    Shape(
        "bitwarden-token",
        "0.",
        rf"{UUID}\.{ALNUM}{{30}}:[A-Za-z0-9+/]{{22}}==",
        "https://bitwarden.com/help/access-tokens/",
        sieve=(r"[A-Za-z0-9]{12}:[A-Za-z0-9+\x2f]{22}==",),
        width=100,
    ),
    Shape(
        "openshift-token",
        "sha256~",
        f"{URL}{{43}}",
        "https://docs.openshift.com/container-platform/latest/authentication/understanding-authentication.html",
    ),
    Shape(
        "rancher-token",
        "token-",
        rf"{LOWER}{{5}}:{LOWER}{{54}}",
        "https://ranchermanager.docs.rancher.com/reference-guides/user-settings/api-keys",
    ),
    Shape(
        "stytch-secret",
        ("secret-live-", "secret-test-"),
        r"[A-Za-z0-9=_-]{36}",
        "https://stytch.com/docs/guides/dashboard/api-keys",
        right="A-Za-z0-9_-",
    ),
    Shape(
        "okta-token",
        "SSWS ",
        rf"(?P<secret>00{URL}{{40}})",
        "https://developer.okta.com/docs/guides/create-an-api-token/main/",
    ),
    Shape(
        "prefect-key",
        ("pnu_", "pnb_"),
        f"{ALNUM}{{36}}",
        "https://docs.prefect.io/v3/how-to-guides/cloud/manage-users/api-keys",
    ),
    Shape("infracost-key", "ico-", f"{ALNUM}{{32}}", "https://www.infracost.io/docs/"),
    Shape(
        "trigger-key",
        ("tr_prod_", "tr_dev_", "tr_stg_", "tr_pat_"),
        f"{ALNUM}{{20,48}}",
        "https://trigger.dev/docs/apikeys",
    ),
    Shape(
        "inngest-signing-key",
        ("signkey-prod-", "signkey-test-", "signkey-branch-", "signkey-staging-"),
        f"{HEX}{{32,64}}",
        "https://www.inngest.com/docs/platform/signing-keys",
    ),
    Shape(
        "aikido-secret",
        ("AIK_CI_", "AIK_SECRET_"),
        f"{ALNUM}{{20,64}}",
        "https://apidocs.aikido.dev/reference/authorization",
    ),
    Shape(
        "endorlabs-key",
        "endr+",
        r"[A-Za-z0-9-]{16}",
        "https://docs.endorlabs.com/rest-api/authentication/",
    ),
    Shape(
        "dashlane-token",
        "dls_",
        rf"{UPPER}{{16}}_{ALNUM}{{64}}",
        "https://cli.dashlane.com/business",
    ),
    Shape(
        "ngrok-token",
        "_",
        f"{ALNUM}{{21}}",
        "https://ngrok.com/docs/agent/#authtokens",
        lead=f"[1-9]{ALNUM}{{26}}",
        lead_width=27,
        check=mixed,
        sieve=("[A-Za-z0-9]{26}_[A-Za-z0-9]{21}",),
        width=49,
        opt_in=True,
    ),
    Shape(
        "zuplo-key",
        "zpka_",
        r"[A-Za-z0-9_]{36,80}",
        "https://zuplo.com/docs/articles/api-key-leak-detection",
    ),
    Shape(
        "unkey-root-key",
        "unkey_",
        f"{ALNUM}{{16,40}}",
        "https://www.unkey.com/docs/security/root-keys",
    ),
)
