"""Hosting, databases as a service, networks."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import (
    ALNUM,
    BASE64,
    HEX,
    LOWER,
    UPPER,
    URL,
    UUID,
)

_CLOUDFLARE = (
    "https://developers.cloudflare.com/fundamentals/api/get-started/token-formats"
)
_DIGITALOCEAN = (
    "https://docs.digitalocean.com/reference/api/create-personal-access-token/"
)
_DATABRICKS = "https://docs.databricks.com/en/dev-tools/auth/pat.html"
_HEROKU = "https://devcenter.heroku.com/articles/authentication"
_FLY = "https://fly.io/docs/security/tokens/"
_SUPABASE = "https://supabase.com/docs/guides/api/api-keys"
_PLANETSCALE = "https://planetscale.com/docs/concepts/service-tokens"
_NETLIFY = "https://docs.netlify.com/api/get-started/"

HOSTING = (
    Shape(
        "digitalocean-token",
        ("dop_v1_", "doo_v1_", "dor_v1_"),
        f"{HEX}{{64}}",
        _DIGITALOCEAN,
    ),
    Shape(
        "digitalocean-spaces-key",
        "DO00",
        f"{UPPER}{{16}}",
        "https://docs.digitalocean.com/products/spaces/how-to/manage-access/",
    ),
    Shape(
        "cloudflare-token",
        ("cfk_", "cfut_", "cfat_"),
        f"{ALNUM}{{40}}[A-Za-z0-9]{{4,12}}",
        _CLOUDFLARE,
    ),
    Shape(
        "cloudflare-origin-ca-key",
        "v1.0-",
        f"{HEX}{{24}}-{HEX}{{146}}",
        "https://developers.cloudflare.com/fundamentals/api/get-started/ca-keys/",
    ),
    Shape(
        "scaleway-access-key",
        "SCW",
        f"{UPPER}{{17}}",
        "https://www.scaleway.com/en/docs/iam/concepts/",
    ),
    Shape(
        "exoscale-key",
        "EXO",
        "(?=[A-Za-z]*[0-9])[A-Za-z0-9]{24,30}",
        "https://community.exoscale.com/product/iam/how-to/iam-users-roles-key-policies/",
    ),
    Shape(
        "databricks-token",
        ("dapi", "dsapi"),
        rf"{HEX}{{32}}(?:-[0-9])?",
        _DATABRICKS,
    ),
    Shape(
        "heroku-key", "HRKU-", f"(?:AA{URL}{{58}}|{UUID})", _HEROKU, right="A-Za-z0-9_-"
    ),
    Shape(
        "fly-token",
        ("fm1r_", "fm1a_", "fm2_", "fo1_"),
        f"{URL}{{40,}}+",
        _FLY,
        right="",
    ),
    Shape(
        "fly-macaroon",
        ("fm1r_", "fm1a_", "fm2_"),
        f"{BASE64}{{40,}}+={{0,3}}",
        _FLY,
        right="",
    ),
    Shape("supabase-token", "sbp_", f"(?:v0_|oauth_)?{HEX}{{40}}", _SUPABASE),
    Shape("supabase-secret-key", "sb_secret_", f"{URL}{{31}}", _SUPABASE),
    Shape(
        "upcloud-token",
        "ucat_",
        f"{ALNUM}{{24,32}}",
        "https://upcloud.com/docs/guides/getting-started-upcloud-api/",
    ),
    Shape("render-key", "rnd_", f"{ALNUM}{{32}}", "https://render.com/docs/api"),
    Shape(
        "netlify-token",
        ("nfp_", "nfo_", "nfc_", "nfu_", "nfb_"),
        "[A-Za-z0-9_]{36}",
        _NETLIFY,
    ),
    Shape(
        "neon-key",
        "napi_",
        f"{LOWER}{{60,70}}",
        "https://neon.com/docs/manage/api-keys",
    ),
    Shape(
        "neon-password",
        "npg_",
        f"{ALNUM}{{12,}}+",
        "https://neon.com/docs/connect/connect-from-any-app",
    ),
    Shape(
        "elastic-cloud-key",
        ("essu_", "esak_"),
        r"[A-Za-z0-9_-]{40,}+={0,2}",
        "https://www.elastic.co/docs/deploy-manage/api-keys/elastic-cloud-api-keys",
    ),
    Shape(
        "planetscale-token",
        "pscale_tkn_",
        r"[A-Za-z0-9=._-]{31,63}[A-Za-z0-9=_-]",
        _PLANETSCALE,
        left="A-Za-z0-9_",
        right="A-Za-z0-9_-",
    ),
    Shape(
        "planetscale-oauth-token",
        "pscale_oauth_",
        r"[A-Za-z0-9=._-]{31,63}[A-Za-z0-9=_-]",
        _PLANETSCALE,
        left="A-Za-z0-9_",
        right="A-Za-z0-9_-",
    ),
    Shape(
        "planetscale-password",
        "pscale_pw_",
        r"[A-Za-z0-9=._-]{31,63}[A-Za-z0-9=_-]",
        _PLANETSCALE,
        left="A-Za-z0-9_",
        right="A-Za-z0-9_-",
    ),
    Shape(
        "mongodb-atlas-secret",
        "mdb_sa_sk_",
        f"{URL}{{40}}",
        "https://www.mongodb.com/docs/atlas/configure-api-access/",
    ),
    Shape(
        "aiven-token",
        "AVNS_",
        f"{URL}{{19}}",
        "https://aiven.io/docs/platform/howto/create_authentication_token",
    ),
    Shape(
        "cockroach-key",
        "CCDB1_",
        f"{ALNUM}{{22}}_{ALNUM}{{40}}",
        "https://www.cockroachlabs.com/docs/cockroachcloud/managing-access",
    ),
    Shape(
        "clickhouse-cloud-secret",
        "4b1d",
        f"{ALNUM}{{38}}",
        "https://clickhouse.com/docs/cloud/manage/openapi",
    ),
    Shape(
        "confluent-secret",
        "cflt",
        f"{BASE64}{{60}}",
        "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html",
        left="A-Za-z0-9+/",
    ),
    Shape(
        "tailscale-key",
        "tskey-",
        r"(?:api|auth|client|scim|webhook|oidc)-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{20,64}",
        "https://tailscale.com/kb/1277/key-prefixes",
    ),
    Shape(
        "defined-networking-key",
        "dnkey-",
        r"[A-Za-z0-9=_-]{26}-[A-Za-z0-9=_-]{52}",
        "https://docs.defined.net/guides/creating-an-api-key/",
    ),
    Shape(
        "scalingo-token",
        ("tk-us-", "tk-eu-"),
        f"{URL}{{48}}",
        "https://developers.scalingo.com/",
    ),
    Shape(
        "akamai-token",
        "akab-",
        rf"{LOWER}{{16}}-{LOWER}{{16}}",
        "https://techdocs.akamai.com/developer/docs/set-up-authentication-credentials",
    ),
    Shape(
        "ubidots-token",
        "BBFF-",
        f"{ALNUM}{{30,35}}",
        "https://docs.ubidots.com/reference/authentication",
    ),
)
