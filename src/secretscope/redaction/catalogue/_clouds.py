"""Clouds, databases as a service, and what runs on them."""

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

_AWS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
_AZURE = "https://learn.microsoft.com/en-us/purview/sit-defn-all-creds"
_GOOGLE = "https://cloud.google.com/docs/authentication/api-keys"
_OAUTH = "https://developers.google.com/identity/protocols/oauth2"
_BEDROCK = "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html"
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
_YANDEX = "https://yandex.cloud/en/docs/iam/concepts/authorization/"

CLOUDS = (
    Shape("aws-access-key", ("AKIA", "ASIA", "ABIA", "ACCA"), f"{UPPER}{{16}}", _AWS),
    Shape("aws-access-key-legacy", "A3T", f"{UPPER}[A-Z2-7]{{16}}", _AWS),
    Shape(
        "aws-session-token",
        ("IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz"),
        f"{BASE64}{{80,}}+={{0,2}}",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html",
        left="A-Za-z0-9+/",
    ),
    Shape(
        "aws-bedrock-key",
        "ABSK",
        f"{BASE64}{{100,270}}={{0,2}}",
        _BEDROCK,
        left="A-Za-z0-9+/",
    ),
    Shape(
        "aws-bedrock-session-key",
        "bedrock-api-key-",
        r"[A-Za-z0-9+/]{28}[A-Za-z0-9+/&=_%-]*+",
        _BEDROCK,
    ),
    Shape(
        "aws-mws-token",
        "amzn.mws.",
        UUID,
        "https://developer-docs.amazon.com/sp-api/docs/amazon-mws-migration",
    ),
    Shape("google-api-key", "AIza", f"{URL}{{35}}", _GOOGLE, left="A-Za-z0-9_"),
    Shape(
        "gemini-key",
        "AQ.Ab",
        f"{URL}{{30,}}+",
        "https://ai.google.dev/gemini-api/docs/api-key",
    ),
    Shape("google-oauth-secret", "GOCSPX-", f"{URL}{{28}}", _OAUTH),
    Shape(
        "google-oauth-token",
        "ya29.",
        r"[A-Za-z0-9._-]{20,}+",
        _OAUTH,
        left="A-Za-z0-9._-",
    ),
    Shape("google-refresh-token", "1//0", f"{URL}{{40,}}+", _OAUTH),
    Shape(
        "firebase-server-key",
        ":APA91b",
        f"{URL}{{134,}}+",
        "https://firebase.google.com/docs/cloud-messaging/auth-server",
        lead=f"{URL}{{11}}",
        lead_width=11,
    ),
    Shape(
        "azure-client-secret",
        "Q~",
        r"[A-Za-z0-9_~.-]{31,34}",
        _AZURE,
        lead=r"[A-Za-z0-9_~.-]{3}[0-9]",
        lead_width=4,
        left="A-Za-z0-9_~.-",
        sieve=tuple(rf"{digit}Q\x7e" for digit in range(10)),
        width=4,
        right="A-Za-z0-9_~-",
    ),
    Shape(
        "azure-storage-key",
        "+ASt",
        f"{BASE64}{{6}}==",
        _AZURE,
        lead=f"{BASE64}{{76}}",
        lead_width=76,
        left="A-Za-z0-9+/",
    ),
    Shape(
        "azure-batch-key",
        "+ABa",
        f"{BASE64}{{6}}==",
        _AZURE,
        lead=f"{BASE64}{{76}}",
        lead_width=76,
        left="A-Za-z0-9+/",
    ),
    Shape(
        "azure-cosmos-key",
        "ACDb",
        f"{BASE64}{{6}}==",
        _AZURE,
        lead=f"{BASE64}{{76}}",
        lead_width=76,
        left="A-Za-z0-9+/",
    ),
    Shape(
        "azure-devops-token",
        "AZDO",
        f"{ALNUM}{{4}}",
        _AZURE,
        lead=f"{ALNUM}{{76}}",
        lead_width=76,
    ),
    Shape(
        "azure-search-key",
        "AzSe",
        f"{ALNUM}{{6}}",
        _AZURE,
        lead=f"{ALNUM}{{42}}",
        lead_width=42,
    ),
    Shape(
        "azure-cache-key",
        "AzCa",
        f"{ALNUM}{{6}}=",
        _AZURE,
        lead=f"{ALNUM}{{33}}",
        lead_width=33,
    ),
    Shape(
        "azure-function-key",
        "AzFu",
        f"{URL}{{5}}[AQgw]==",
        _AZURE,
        lead=f"{URL}{{44}}",
        lead_width=44,
    ),
    Shape(
        "azure-service-bus-key",
        ("+ASb", "+AEh", "+ARm"),
        f"{BASE64}{{5,6}}=",
        _AZURE,
        lead=f"{BASE64}{{33}}",
        lead_width=33,
        left="A-Za-z0-9+/",
    ),
    Shape(
        "azure-container-registry-key",
        "+ACR",
        f"{BASE64}{{6}}",
        _AZURE,
        lead=f"{BASE64}{{42}}",
        lead_width=42,
        left="A-Za-z0-9+/",
    ),
    Shape(
        "azure-iot-key",
        "AIoT",
        f"{BASE64}{{5,6}}=",
        _AZURE,
        lead=f"{BASE64}{{33}}",
        lead_width=33,
        left="A-Za-z0-9+/",
    ),
    Shape(
        "azure-common-key",
        "JQQJ99",
        f"{ALNUM}{{26}}",
        _AZURE,
        lead=f"{ALNUM}{{52}}",
        lead_width=52,
    ),
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
        "alibaba-access-key",
        "LTAI",
        f"{ALNUM}{{12,22}}",
        "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
    ),
    Shape(
        "tencent-secret-id",
        "AKID",
        f"{ALNUM}{{32}}",
        "https://www.tencentcloud.com/document/product/598/34228",
    ),
    Shape(
        "volcengine-access-key",
        "AKLT",
        f"{ALNUM}{{32,60}}={{0,2}}",
        "https://www.volcengine.com/docs/6257/64983",
    ),
    Shape("yandex-api-key", "AQVN", f"{URL}{{35,38}}", _YANDEX),
    Shape(
        "yandex-iam-token",
        "t1.",
        rf"{URL}{{20,}}+={{0,2}}\.{URL}{{86}}={{0,2}}",
        _YANDEX,
    ),
    Shape(
        "yandex-oauth-token",
        ("y0_", "y1_", "y2_", "y3_"),
        f"{URL}{{50,70}}",
        "https://yandex.com/dev/id/doc/en/",
    ),
    Shape(
        "scaleway-access-key",
        "SCW",
        f"{UPPER}{{17}}",
        "https://www.scaleway.com/en/docs/iam/concepts/",
    ),
    Shape("databricks-token", "dapi", rf"{HEX}{{32}}(?:-[0-9])?", _DATABRICKS),
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
        "planetscale-token",
        "pscale_tkn_",
        r"[A-Za-z0-9=._-]{32,64}",
        _PLANETSCALE,
        left="A-Za-z0-9_",
        right="A-Za-z0-9_-",
    ),
    Shape(
        "planetscale-oauth-token",
        "pscale_oauth_",
        r"[A-Za-z0-9=._-]{32,64}",
        _PLANETSCALE,
        left="A-Za-z0-9_",
        right="A-Za-z0-9_-",
    ),
    Shape(
        "planetscale-password",
        "pscale_pw_",
        r"[A-Za-z0-9=._-]{32,64}",
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
