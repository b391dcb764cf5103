"""Payment, shops, and the tools an office runs on."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import (
    ALNUM,
    HEX,
    LOWER,
    UPPER,
    URL,
    UUID,
)

_STRIPE = "https://docs.stripe.com/keys"
_SQUARE = "https://developer.squareup.com/docs/build-basics/access-tokens"
_SHOPIFY = (
    "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens"
)
_ADYEN = "https://docs.adyen.com/development-resources/api-credentials"
_LINEAR = "https://linear.app/developers/graphql#authentication"
_NOTION = "https://developers.notion.com/docs/authorization"
_AIRTABLE = "https://airtable.com/developers/web/guides/personal-access-tokens"
_BRAINTREE = "https://developer.paypal.com/braintree/docs/guides/authorization/overview"

BUSINESS = (
    Shape(
        "stripe-key", ("sk_live_", "sk_test_", "sk_prod_"), f"{ALNUM}{{10,}}+", _STRIPE
    ),
    Shape(
        "stripe-restricted-key",
        ("rk_live_", "rk_test_", "rk_prod_"),
        f"{ALNUM}{{10,}}+",
        _STRIPE,
    ),
    Shape(
        "stripe-org-key", ("sk_org_live_", "sk_org_test_"), f"{ALNUM}{{10,}}+", _STRIPE
    ),
    Shape(
        "stripe-webhook-secret",
        "whsec_",
        r"[A-Za-z0-9+/]{24,}+={0,2}",
        "https://docs.stripe.com/webhooks/signature",
        left="A-Za-z0-9+/_",
    ),
    Shape("square-token", "EAAA", f"{URL}{{60}}", _SQUARE),
    Shape("square-legacy-token", "sq0atp-", f"{URL}{{22}}", _SQUARE),
    Shape("square-secret", "sq0csp-", f"{URL}{{43}}", _SQUARE),
    Shape(
        "shopify-token",
        ("shpat_", "shpca_", "shppa_", "shpss_", "shpua_", "shptka_"),
        r"[A-Fa-f0-9]{32}",
        _SHOPIFY,
    ),
    Shape(
        "paypal-token",
        ("access_token$production$", "access_token$sandbox$"),
        rf"{LOWER}{{13,20}}\${HEX}{{32}}",
        _BRAINTREE,
    ),
    Shape(
        "plaid-token",
        ("access-production-", "access-sandbox-", "access-development-"),
        UUID,
        "https://plaid.com/docs/api/tokens/",
    ),
    Shape(
        "adyen-key",
        "AQE",
        r"[A-Za-z0-9+/]{100,}+=?-[A-Za-z0-9+/=_<>&#^!~-]{20,120}",
        _ADYEN,
        left="A-Za-z0-9+/",
        right="",
    ),
    Shape(
        "razorpay-key",
        ("rzp_live_", "rzp_test_"),
        f"{ALNUM}{{14}}",
        "https://razorpay.com/docs/payments/dashboard/account-settings/api-keys/",
    ),
    Shape(
        "flutterwave-key",
        ("FLWSECK-", "FLWSECK_TEST-"),
        r"[A-Za-z0-9]{12,40}(?:-X)?",
        "https://developer.flutterwave.com/docs/authentication",
    ),
    Shape(
        "gocardless-token",
        "live_",
        r"[A-Za-z0-9=_-]{40}",
        "https://developer.gocardless.com/api-reference/#making-requests",
        left="A-Za-z0-9_-",
        right="A-Za-z0-9=_-",
    ),
    Shape(
        "lob-key",
        ("live_", "test_"),
        f"{HEX}{{35}}",
        "https://docs.lob.com/#tag/Authentication",
        left="A-Za-z0-9_",
    ),
    Shape(
        "mollie-key",
        ("live_", "test_"),
        f"{ALNUM}{{30,34}}",
        "https://docs.mollie.com/reference/authentication",
        left="A-Za-z0-9_",
    ),
    Shape(
        "easypost-key",
        ("EZAK", "EZTK"),
        f"{ALNUM}{{54}}",
        "https://docs.easypost.com/docs/authentication",
    ),
    Shape(
        "shippo-token",
        ("shippo_live_", "shippo_test_"),
        r"[A-Fa-f0-9]{40}",
        "https://docs.goshippo.com/docs/guides_general/authentication/",
    ),
    Shape(
        "duffel-token",
        ("duffel_live_", "duffel_test_"),
        f"{URL}{{43}}",
        "https://duffel.com/docs/api/overview/making-requests/authentication",
    ),
    Shape(
        "paddle-key",
        ("pdl_live_apikey_", "pdl_sdbx_apikey_"),
        rf"{LOWER}{{26}}_{ALNUM}{{22}}_{ALNUM}{{3}}",
        "https://developer.paddle.com/api-reference/about/api-keys",
    ),
    Shape(
        "polar-token",
        ("polar_oat_", "polar_pat_", "polar_at_u_", "polar_rt_u_"),
        f"{URL}{{32,64}}",
        "https://docs.polar.sh/integrate/oat",
    ),
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
        ("1/1", "2/1"),
        rf"[0-9]{{11,19}}(?:/[0-9]{{12,20}})?:{HEX}{{32}}",
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
        r"[A-Za-z0-9._]{60,130}",
        "https://help.salesforce.com/s/articleView?id=sf.remoteaccess_access_tokens.htm",
        lead="00D[A-Za-z0-9]{12}",
        lead_width=15,
        sieve=(r"00D[A-Za-z0-9]{12}\x21A",),
        width=17,
    ),
    Shape(
        "klaviyo-key",
        "pk_",
        f"{HEX}{{34}}",
        "https://developers.klaviyo.com/en/docs/authenticate_",
    ),
    Shape(
        "clickup-token",
        "pk_",
        rf"[0-9]{{6,10}}_{UPPER}{{32}}",
        "https://developer.clickup.com/docs/authentication",
    ),
    Shape(
        "typeform-token",
        "tfp_",
        r"[A-Za-z0-9=._-]{40,59}",
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
        "calcom-key",
        ("cal_live_", "cal_test_"),
        f"{HEX}{{32}}",
        "https://cal.com/docs/api-reference/v1/introduction",
    ),
    Shape(
        "dropbox-token",
        "sl.",
        r"[A-Za-z0-9_-]{130,}+",
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
