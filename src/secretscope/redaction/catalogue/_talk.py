"""Chat, mail, telephone: what carries messages."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import ALNUM, HEX, URL, UUID

_SLACK = "https://docs.slack.dev/authentication/tokens/"
_SLACK_ROTATION = "https://docs.slack.dev/authentication/using-token-rotation/"
_BREVO = "https://developers.brevo.com/docs/getting-started"
_META = "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/"

_LEAST_DRAWN = 10


def _drawn(found: str) -> bool:
    """Tell what was drawn at random from zeros in base64."""
    return len(set(found)) > _LEAST_DRAWN


TALK = (
    Shape(
        "slack-bot-token",
        "xoxb-",
        r"(?=[A-Za-z-]*[0-9])[A-Za-z0-9-]{10,160}",
        _SLACK,
        right="A-Za-z0-9-",
    ),
    Shape(
        "slack-user-token",
        "xoxp-",
        r"(?=[A-Za-z-]*[0-9])[A-Za-z0-9-]{10,160}",
        _SLACK,
        right="A-Za-z0-9-",
    ),
    Shape(
        "slack-workspace-token",
        ("xoxa-", "xoxr-", "xoxo-", "xoxs-"),
        r"(?=[A-Za-z-]*[0-9])[A-Za-z0-9-]{10,160}",
        _SLACK,
        right="A-Za-z0-9-",
    ),
    Shape(
        "slack-cookie-token",
        ("xoxc-", "xoxd-"),
        r"[A-Za-z0-9%/+=-]{20,}+",
        _SLACK,
        left="A-Za-z0-9%/+=-",
    ),
    Shape(
        "slack-app-token",
        "xapp-",
        r"[0-9]-[A-Z0-9]+-[0-9]+-[A-Za-z0-9]{16,}+",
        "https://docs.slack.dev/authentication/tokens/#app",
        left="A-Za-z0-9-",
    ),
    Shape(
        "slack-rotated-token",
        ("xoxe.xoxp-", "xoxe.xoxb-"),
        r"[0-9]-[A-Za-z0-9]{60,200}",
        _SLACK_ROTATION,
    ),
    Shape(
        "slack-refresh-token",
        "xoxe-",
        r"[0-9]{1,14}-[A-Za-z0-9-]{20,200}",
        _SLACK_ROTATION,
        right="A-Za-z0-9-",
    ),
    Shape(
        "slack-webhook",
        "hooks.slack.com/",
        r"(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9+/_-]{20,120})",
        "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/",
        right="A-Za-z0-9+/_-",
    ),
    Shape(
        "discord-webhook",
        ("discord.com/api/", "discordapp.com/api/"),
        rf"(?:v[0-9]{{1,2}}/)?webhooks/(?P<secret>[0-9]{{17,20}}/{URL}{{60,80}})",
        "https://discord.com/developers/docs/resources/webhook",
        left="",
    ),
    Shape(
        "discord-bot-token",
        (),
        rf"[MNO][A-Za-z0-9_-]{{23,27}}\.{URL}{{6}}\.{URL}{{27,38}}",
        "https://discord.com/developers/docs/reference#authentication",
        opt_in=True,
    ),
    Shape(
        "telegram-bot-token",
        ":A",
        f"{URL}{{34}}",
        "https://core.telegram.org/bots/api#authorizing-your-bot",
        lead="[0-9]{8}",
        sieve=tuple(rf"{digit}\x3aA{URL}{{12}}" for digit in range(10)),
        width=16,
        lead_width=8,
        left="",
        counter_examples=("12:ABCDEF",),
    ),
    Shape(
        "teams-webhook",
        "webhook.office.com/",
        rf"webhookb2/(?P<secret>{UUID}@{UUID}/IncomingWebhook/{HEX}{{32}}/{UUID}[A-Za-z0-9/_-]*)",
        "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook",
        left="",
    ),
    Shape(
        "zapier-webhook",
        "hooks.zapier.com/hooks/catch/",
        rf"(?P<secret>[0-9]{{5,10}}/{ALNUM}{{6,10}})",
        "https://help.zapier.com/hc/en-us/articles/8496288690317",
        left="",
    ),
    Shape(
        "twilio-key",
        "SK",
        f"{HEX}{{32}}",
        "https://www.twilio.com/docs/iam/api-keys",
        sieve=tuple(f"SK{digit}{HEX}{{11}}" for digit in "0123456789abcdef"),
        width=14,
    ),
    Shape(
        "sendgrid-key",
        "SG.",
        rf"{URL}{{22}}\.{URL}{{43}}",
        "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",
    ),
    Shape(
        "mailgun-key",
        "key-",
        f"{HEX}{{32}}",
        "https://documentation.mailgun.com/docs/mailgun/user-manual/get-started/",
    ),
    Shape(
        "mailgun-signing-key",
        (),
        f"{HEX}{{32}}-{HEX}{{8}}-{HEX}{{8}}",
        "https://documentation.mailgun.com/docs/mailgun/user-manual/get-started/",
        right="A-Za-z0-9-",
        opt_in=True,
    ),
    Shape(
        "mailchimp-key",
        "-us",
        "[0-9]{1,2}",
        "https://mailchimp.com/developer/marketing/guides/quick-start/",
        lead=f"{HEX}{{32}}",
        lead_width=32,
    ),
    Shape(
        "mandrill-key",
        "md-",
        f"{URL}{{22}}",
        "https://mailchimp.com/developer/transactional/guides/quick-start/",
    ),
    Shape("brevo-key", "xkeysib-", f"{HEX}{{64}}-{ALNUM}{{16}}", _BREVO),
    Shape("brevo-smtp-key", "xsmtpsib-", f"{HEX}{{64}}-{ALNUM}{{16}}", _BREVO),
    Shape(
        "resend-key",
        "re_",
        rf"{ALNUM}{{8}}_{ALNUM}{{20,28}}",
        "https://resend.com/docs/api-reference/introduction",
    ),
    Shape(
        "mailersend-token",
        "mlsn.",
        f"{HEX}{{64}}",
        "https://developers.mailersend.com/general.html#authentication",
    ),
    Shape(
        "customerio-token",
        "sa_live_",
        f"{ALNUM}{{32,64}}",
        "https://docs.customer.io/accounts-and-workspaces/managing-credentials/",
    ),
    Shape(
        "intercom-token",
        "dG9rO",
        r"[A-Za-z0-9+/]{50,80}={0,2}",
        "https://developers.intercom.com/docs/build-an-integration/learn-more/authentication",
        left="A-Za-z0-9+/",
    ),
    Shape("meta-token", "EAA", f"{ALNUM}{{90,}}+", _META),
    Shape(
        "meta-app-token",
        "|",
        f"{URL}{{27}}",
        _META,
        lead="[0-9]{15}",
        lead_width=15,
        left="",
        opt_in=True,
    ),
    Shape("instagram-token", "IGQV", f"{URL}{{100,}}+", _META),
    Shape(
        "twitter-bearer-token",
        "AAAAAAAAAAAAAAAAAAAAA",
        r"[A-Za-z0-9%+/]{60,120}={0,2}",
        "https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/bearer-tokens",
        left="A-Za-z0-9%+/",
        right="A-Za-z0-9%+/",
        counter_examples=("A" * 90,),
        check=_drawn,
    ),
)
