"""Vaults, infrastructure, monitoring: what operations run on."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import (
    ALNUM,
    HEX,
    LOWER,
    UPPER,
    URL,
    UUID,
)

_VAULT = "https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes"
_ONEPASSWORD = "https://developer.1password.com/docs/service-accounts/"
_AGE = "https://github.com/C2SP/C2SP/blob/main/age.md"
_BECH32 = "[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]"
_DOPPLER = "https://docs.doppler.com/reference/auth-token-formats"
_GRAFANA = "https://grafana.com/docs/grafana/latest/administration/service-accounts/"
_NEWRELIC = "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"
_SENTRY = "https://docs.sentry.io/account/auth-tokens/"
_HONEYCOMB = "https://docs.honeycomb.io/configure/environments/manage-api-keys/"
_AXIOM = "https://axiom.co/docs/reference/tokens"
_LAUNCHDARKLY = "https://launchdarkly.com/docs/home/account/api"

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
        left="A-Za-z0-9+/_-",
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
        "sentry-org-token",
        "sntrys_",
        r"eyJ[A-Za-z0-9+/=_]{60,}+",
        _SENTRY,
        left="A-Za-z0-9+/_",
    ),
    Shape(
        "sentry-user-token", ("sntryu_", "sntrya_", "sntryi_"), f"{HEX}{{64}}", _SENTRY
    ),
    Shape(
        "grafana-cloud-token",
        "glc_",
        r"[A-Za-z0-9+/]{32,}+={0,3}",
        "https://grafana.com/docs/grafana-cloud/account-management/authentication-and-permissions/access-policies/",
        left="A-Za-z0-9+/_",
    ),
    Shape(
        "grafana-service-account-token",
        "glsa_",
        rf"{ALNUM}{{32}}_[A-Fa-f0-9]{{8}}",
        _GRAFANA,
    ),
    Shape(
        "grafana-api-key",
        "eyJrIjoi",
        r"[A-Za-z0-9+/_-]{60,}+={0,3}",
        _GRAFANA,
        left="A-Za-z0-9+/_-",
    ),
    Shape("newrelic-user-key", "NRAK-", f"{ALNUM}{{27}}", _NEWRELIC),
    Shape("newrelic-insert-key", ("NRII-", "NRIQ-"), f"{URL}{{32}}", _NEWRELIC),
    Shape("newrelic-browser-key", "NRJS-", f"{HEX}{{19}}", _NEWRELIC),
    Shape(
        "newrelic-license-key",
        "NRAL",
        "",
        _NEWRELIC,
        lead=f"{HEX}{{36}}",
        lead_width=36,
    ),
    Shape(
        "dynatrace-token",
        ("dt0c01.", "dt0s16.", "dt0s01.", "dt0s02."),
        rf"{UPPER}{{8,24}}\.{UPPER}{{64}}",
        "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens",
    ),
    Shape(
        "honeycomb-ingest-key",
        ("hcaik_", "hcbik_", "hcmik_"),
        f"{LOWER}{{50,64}}",
        _HONEYCOMB,
    ),
    Shape("axiom-token", ("xaat-", "xapt-"), UUID, _AXIOM),
    Shape(
        "posthog-key",
        ("phx_", "phs_"),
        f"{ALNUM}{{40,50}}",
        "https://posthog.com/docs/api",
    ),
    Shape("launchdarkly-key", ("sdk-", "api-"), UUID, _LAUNCHDARKLY),
    Shape(
        "datadog-key",
        ("ddapp_", "ddpat_", "ddsak_"),
        f"{ALNUM}{{32,64}}",
        "https://docs.datadoghq.com/account_management/api-app-keys/",
    ),
    Shape(
        "pagerduty-token",
        "pdus+_",
        r"[A-Za-z0-9_+-]{20,80}",
        "https://developer.pagerduty.com/docs/authentication",
        right="A-Za-z0-9_-",
    ),
    Shape("checkly-key", "cu_", f"{HEX}{{32}}", "https://www.checklyhq.com/docs/api/"),
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
