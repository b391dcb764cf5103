"""Monitoring, errors, flags."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import ALNUM, HEX, LOWER, URL, UUID

_GRAFANA = "https://grafana.com/docs/grafana/latest/administration/service-accounts/"
_NEWRELIC = "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"
_SENTRY = "https://docs.sentry.io/account/auth-tokens/"
_HONEYCOMB = "https://docs.honeycomb.io/configure/environments/manage-api-keys/"
_AXIOM = "https://axiom.co/docs/reference/tokens"
_LAUNCHDARKLY = "https://launchdarkly.com/docs/home/account/api"

MONITORING = (
    Shape(
        "sentry-org-token",
        "sntrys_",
        r"eyJ[A-Za-z0-9+/=_]{60,}+",
        _SENTRY,
        left="A-Za-z0-9_",
    ),
    Shape(
        "sentry-user-token", ("sntryu_", "sntrya_", "sntryi_"), f"{HEX}{{64}}", _SENTRY
    ),
    Shape(
        "grafana-cloud-token",
        "glc_",
        r"[A-Za-z0-9+/]{32,}+={0,3}",
        "https://grafana.com/docs/grafana-cloud/account-management/authentication-and-permissions/access-policies/",
        left="A-Za-z0-9_",
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
        left="A-Za-z0-9_-",
    ),
    Shape("newrelic-user-key", "NRAK-", f"{ALNUM}{{27,}}+", _NEWRELIC),
    Shape("newrelic-insert-key", ("NRII-", "NRIQ-"), f"{URL}{{32}}", _NEWRELIC),
    Shape("newrelic-browser-key", "NRJS-", f"{HEX}{{19,}}+", _NEWRELIC),
    Shape(
        "newrelic-license-key",
        "NRAL",
        "",
        _NEWRELIC,
        lead=f"{ALNUM}{{36}}",
        lead_width=36,
    ),
    Shape(
        "dynatrace-token",
        ("dt0c01.", "dt0s16.", "dt0s01.", "dt0s02."),
        rf"{ALNUM}{{8,24}}\.{ALNUM}{{64}}",
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
        f"{URL}{{40,60}}",
        "https://posthog.com/docs/api",
    ),
    Shape("launchdarkly-key", ("sdk-", "api-"), UUID, _LAUNCHDARKLY),
    Shape(
        "configcat-key",
        "configcat-sdk-1/",
        f"{URL}{{22}}/{URL}{{22}}",
        "https://configcat.com/docs/advanced/config-v2-migration-guide/",
    ),
    Shape(
        "flagsmith-key",
        "ser.",
        f"(?=[A-Za-z]*[0-9])(?=[a-z0-9]*[A-Z]){ALNUM}{{22}}",
        "https://docs.flagsmith.com/clients/server-side",
    ),
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
    Shape(
        "pagerduty-user-token",
        "u+",
        "(?=[A-Za-z_+-]*[0-9])(?=[a-z0-9_+-]*[A-Z])(?=[A-Z0-9_+-]*[a-z])[A-Za-z0-9_+-]{18}",
        "https://developer.pagerduty.com/docs/authentication",
        left="A-Za-z0-9_+-",
        right="A-Za-z0-9_+-",
    ),
    Shape("checkly-key", "cu_", f"{HEX}{{32}}", "https://www.checklyhq.com/docs/api/"),
    Shape(
        "statsig-secret",
        "secret-",
        f"(?=[A-Za-z]*[0-9]){ALNUM}{{40,46}}",
        "https://docs.statsig.com/sdk-keys/api-keys",
    ),
)
