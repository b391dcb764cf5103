"""Payment, shops, post."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import ALNUM, HEX, LOWER, URL, UUID
from secretscope.redaction.catalogue._drawn import drawn

_STRIPE = "https://docs.stripe.com/keys"
_SQUARE = "https://developer.squareup.com/docs/build-basics/access-tokens"
_SHOPIFY = (
    "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens"
)
_ADYEN = "https://docs.adyen.com/development-resources/api-credentials"
_BRAINTREE = "https://developer.paypal.com/braintree/docs/guides/authorization/overview"
_SECRET = (
    rf"(?:{ALNUM}{{24,}}+(?![+_-])"
    rf"|(?=[A-Za-z+/_-]*[0-9])(?=[a-z0-9+/_-]*[A-Z])[A-Za-z0-9+/_-]{{20,}}+={{0,2}}"
    rf"|{ALNUM}{{10,}}+(?![_-]))"
)
"""What follows `sk_live_`: Stripe's is letters and digits, others' base64 too."""

PAYMENT = (
    Shape(
        "stripe-key",
        ("sk_live_", "sk_test_", "sk_prod_", "sk_dev_"),
        _SECRET,
        _STRIPE,
        right="A-Za-z0-9",
    ),
    Shape(
        "stripe-restricted-key",
        ("rk_live_", "rk_test_", "rk_prod_"),
        _SECRET,
        _STRIPE,
        right="A-Za-z0-9",
    ),
    Shape(
        "stripe-org-key", ("sk_org_live_", "sk_org_test_"), f"{ALNUM}{{10,}}+", _STRIPE
    ),
    Shape(
        "stripe-webhook-secret",
        "whsec_",
        r"[A-Za-z0-9+/]{24,}+={0,2}",
        "https://docs.stripe.com/webhooks/signature",
        left="A-Za-z0-9_",
    ),
    Shape(
        "square-token",
        "EAAA",
        f"(?=[A-Za-z_-]*[0-9]){URL}{{22,64}}",
        _SQUARE,
        left="A-Za-z0-9+/_-",
        right="A-Za-z0-9+/=_-",
        check=drawn,
    ),
    Shape("square-legacy-token", "sq0atp-", f"{URL}{{22}}", _SQUARE),
    Shape("square-secret", "sq0csp-", f"{URL}{{43}}", _SQUARE),
    Shape(
        "shopify-token",
        ("shpat_", "shpca_", "shppa_", "shpss_", "shpua_", "shptka_"),
        r"[A-Fa-f0-9]{32,}+",
        _SHOPIFY,
    ),
    Shape(
        "checkout-key",
        ("sk_sbox_", "sk_test_", "sk_"),
        rf"(?:[a-z2-7]{{26,27}}[a-z0-9*#$=]?|{UUID})",
        "https://www.checkout.com/docs/developer-resources/api/manage-api-keys",
        sieve=("sk_(?:test_|sbox_)?[A-Za-z0-9]{8}",),
        width=16,
        right="A-Za-z0-9_-",
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
        r"[A-Za-z0-9+/]{90,}+=?-(?:[A-Za-z0-9+/=_^!~>#-]|<(?!/)|&(?![A-Za-z_]{1,16}=)){20,120}",
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
        "xendit-key",
        ("xnd_production_", "xnd_development_"),
        f"{ALNUM}{{40,}}+",
        "https://docs.xendit.co/docs/api-keys",
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
        f"(?=[A-Za-z]*[0-9]){ALNUM}{{30,34}}",
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
)
