"""The tools an office runs on."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import ALNUM, HEX, LOWER, URL, UUID

_LINEAR = "https://linear.app/developers/graphql#authentication"
_NOTION = "https://developers.notion.com/docs/authorization"
_AIRTABLE = "https://airtable.com/developers/web/guides/personal-access-tokens"

BUSINESS = (
    Shape("linear-key", "lin_api_", f"{ALNUM}{{40}}", _LINEAR),
    Shape("linear-oauth-token", "lin_oauth_", f"{HEX}{{64}}", _LINEAR),
    Shape("notion-token", "ntn_", f"{ALNUM}{{40,50}}", _NOTION),
    Shape("notion-legacy-token", "secret_", f"{ALNUM}{{43}}", _NOTION),
    Shape(
        "airtable-token",
        ".",
        f"{HEX}{{64}}",
        _AIRTABLE,
        lead=f"pat{ALNUM}{{14}}",
        lead_width=17,
        sieve=(rf"pat{ALNUM}{{14}}\x2e{HEX}{{12}}",),
        width=30,
    ),
    Shape(
        "asana-token",
        ("1/", "2/"),
        rf"[0-9]{{11,20}}(?:/[0-9]{{11,20}})?:{HEX}{{32}}",
        "https://developers.asana.com/docs/personal-access-token",
        left="A-Za-z0-9/.-",
    ),
    Shape(
        "hubspot-token",
        ("pat-na", "pat-eu"),
        rf"[0-9]{{1,2}}-{UUID}",
        "https://developers.hubspot.com/docs/api/private-apps",
    ),
    Shape(
        "salesforce-token",
        "!A",
        r"[A-Za-z0-9._]{59,129}[A-Za-z0-9_]",
        "https://help.salesforce.com/s/articleView?id=sf.remoteaccess_access_tokens.htm",
        lead="00D[A-Za-z0-9]{12}",
        lead_width=15,
        sieve=(r"00D[A-Za-z0-9]{12}\x21A",),
        width=17,
    ),
    Shape(
        "klaviyo-key",
        "pk_",
        f"(?=[a-z]*[0-9]){LOWER}{{34}}",
        "https://developers.klaviyo.com/en/docs/authenticate_",
    ),
    Shape(
        "clickup-token",
        "pk_",
        rf"[0-9]{{6,10}}_{ALNUM}{{32}}",
        "https://developer.clickup.com/docs/authentication",
    ),
    Shape(
        "typeform-token",
        "tfp_",
        r"[A-Za-z0-9=._-]{39,58}[A-Za-z0-9=_-]",
        "https://www.typeform.com/developers/get-started/personal-access-token/",
        left="A-Za-z0-9_",
        right="A-Za-z0-9_-",
    ),
    Shape(
        "contentful-token",
        "CFPAT-",
        f"{URL}{{43}}",
        "https://www.contentful.com/developers/docs/references/authentication/",
    ),
    Shape(
        "canva-secret",
        "cnvca",
        f"{URL}{{51}}",
        "https://www.canva.dev/docs/connect/authentication/",
    ),
    Shape(
        "mapbox-secret-token",
        "sk.eyJ",
        rf"{URL}{{40,}}+\.{URL}{{20,}}+",
        "https://docs.mapbox.com/help/dive-deeper/access-tokens/",
    ),
    Shape(
        "frameio-token",
        "fio-u-",
        r"[A-Za-z0-9=_-]{64}",
        "https://developer.frame.io/docs/getting-started/authentication",
        right="A-Za-z0-9=_-",
    ),
    Shape(
        "authress-key",
        ("sc_", "ext_", "scauth_", "authress_"),
        r"[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}",
        "https://authress.io/knowledge-base/docs/authorization/service-clients/secrets-scanning/",
        sieve=(r"\x2eacc[_-][a-z0-9-]{10}",),
        width=90,
        left="A-Za-z0-9_",
    ),
    Shape(
        "calcom-key",
        ("cal_live_", "cal_test_"),
        f"{HEX}{{32}}",
        "https://cal.com/docs/api-reference/v1/introduction",
    ),
    Shape(
        "dropbox-token",
        "sl.",
        r"(?:u\.)?[A-Za-z0-9_-]{120,}+={0,2}",
        "https://developers.dropbox.com/oauth-guide",
    ),
    Shape(
        "adobe-secret",
        "p8e-",
        f"{URL}{{32}}",
        "https://developer.adobe.com/developer-console/docs/guides/authentication/",
    ),
    Shape(
        "maxmind-license-key",
        "_mmk",
        "",
        "https://support.maxmind.com/hc/en-us/articles/4407111582235",
        lead=rf"{ALNUM}{{6}}_{ALNUM}{{29}}",
        lead_width=36,
    ),
    Shape(
        "rapidapi-key",
        "jsn",
        f"{LOWER}{{12}}",
        "https://docs.rapidapi.com/docs/keys-and-key-rotation",
        lead=f"{LOWER}{{10}}msh{LOWER}{{15}}p1{LOWER}{{6}}",
        lead_width=36,
    ),
    Shape(
        "settlemint-token",
        ("sm_aat_", "sm_pat_", "sm_sat_"),
        f"{ALNUM}{{16}}",
        "https://console.settlemint.com/documentation/",
    ),
    Shape(
        "intra42-secret",
        ("s-s4t2ud-", "s-s4t2af-"),
        f"{HEX}{{64}}",
        "https://api.intra.42.fr/apidoc/guides/getting_started",
    ),
)
