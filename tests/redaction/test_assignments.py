"""A secret that its name gives away: in shells, documents, code, queries and headers."""

import pytest

from secretscope.redaction import Redactor
from secretscope.redaction._names import is_sensitive

ENGINES = {name: Redactor(engine=name) for name in ("pure", "fast")}
S = "f4ke-Pl41n_s3cr3t"
R = "[REDACTED]"

MASKED = [
    # shells, dotenv
    f"DB_PASSWORD={S}",
    f"export ACME_API_KEY={S}",
    f'ACME_API_KEY="{S}" ./run',
    f"ACME_API_KEY='{S}'",
    f"docker run -e ACME_SECRET_KEY={S} image",
    f"run --password {S} --verbose",
    f"run --api-key '{S}'",
    f"run --client-secret={S}",
    f"set ACME_TOKEN={S}&& run",
    # JSON, and JSON in JSON
    f'{{"api_key": "{S}", "n": 1}}',
    f'{{"apiKey":"{S}"}}',
    f'{{"clientSecret" : "{S}"}}',
    f'{{"body": "{{\\"password\\": \\"{S}\\"}}"}}',
    f'"{{\\\\\\"access_token\\\\\\":\\\\\\"{S}\\\\\\"}}"',
    f'{{"db": {{"passwd": "{S}"}}}}',
    # YAML, TOML, INI, properties
    f"password: {S}",
    f"  client_secret: '{S}'",
    f'api-key: "{S}"',
    f'secret_key = "{S}"',
    f"spring.datasource.password={S}",
    # Python and friends
    f'api_key="{S}",',
    f"Client(api_key='{S}', timeout=3)",
    f"{{'auth_token': '{S}'}}",
    f'password: str = "{S}"',
    f"token = b'{S}'",
    f"config['secret_key'] = '{S}'",
    f'"password" => "{S}"',
    f"const apiToken = `{S}`;",
    f"<password>{S}</password>",
    # query strings and forms
    f"GET /v1?access_token={S}&page=2 HTTP/1.1",
    f"grant_type=password&client_secret={S}",
    f"https://api.example.com/?api_key={S}#top",
    # headers
    f"x-api-key: {S}",
    f"X-Auth-Token: {S}",
    f"Ocp-Apim-Subscription-Key: {S}",
    f"Authorization: Bearer {S}",
    f"authorization: token {S}",
    f'"Authorization": "Bearer {S}"',
    f"Authorization: {S}",
    f"proxy-authorization: Bearer {S}",
    f"Set-Cookie: session={S}; Path=/; HttpOnly",
    f"Cookie: theme=dark; sid={S}; lang=en",
    # addresses
    f"postgres://app:{S}@db.internal:5432/app",
    f"redis://:{S}@cache:6379/0",
    f"https://user:{S}@git.example.com/x.git",
    f"amqp://guest:{S}@[::1]:5672/",
    # names in one word, numbers as passwords, letters alone in quotes
    f"dbpassword={S}",
    f"myapikey: {S}",
    f"'userPassphrase': '{S}'",
    # pairs and attributes
    f"('x-api-key', '{S}')",
    f"[b'x-api-key', b'{S}']",
    f'"x-api-key": ["{S}"]',
    f"X-Api-Key=[{S}]",
    f'{{"name": "DB_PASSWORD", "value": "{S}"}}',
    f"- name: DB_PASSWORD\n  value: {S}\n",
    f'<add key="ClearTextPassword" value="{S}" />',
    f"<property><name>password</name><value>{S}</value></property>",
    # in a form, in a page
    f"body=%7B%22password%22%3A%22{S}%22%7D",
    f"password%3D{S}%26page%3D2",
    f"&quot;password&quot;:&quot;{S}&quot;",
    # commands, Dockerfiles, netrc
    f"curl -u admin:{S} https://api.example.com",
    f"curl --user 'admin:{S}' https://api.example.com",
    f"sshpass -p {S} ssh host",
    f"docker login -u anna -p {S} registry.example.com",
    f"mysql -uroot -p{S} db",
    f"redis-cli -a {S} ping",
    f"ENV API_KEY {S}",
    f"setx API_KEY {S}",
    f"machine api.example.com login anna password {S}",
    f"machine api.example.com\n  login anna\n  password {S}\n",
    # other names, and words apart
    f"API key: {S}",
    f'"Access Key": "{S}"',
    f"client-key-data: {S}",
    f"SECRET_KEY_BASE={S}",
    f"LDAP_BIND_PW={S}",
    f"DEEPSEEK_KEY={S}",
    f"https://x-access-token:{S}@github.com/a/b.git",
    f"password: {S}&3\nuser: anna".replace("&3", ""),
    # in prose
    f"the token is {S}.",
    f"my password is {S}, do not tell",
    f"API key is {S}",
    f"the password is wrong: password={S}.",
    f"got api_key='{S}'; retrying",
]

ALIKE = [
    "token = next(tokens)",
    'api_key=os.environ["ACME_API_KEY"]',
    "api_key=os.getenv('ACME_API_KEY')",
    "password = getpass.getpass()",
    "password = input('password: ')",
    "api_key = settings.api_key",
    "secret = secrets.token_hex(16)",
    "password: ${DB_PASSWORD}",
    "password={{ db_password }}",
    "export API_KEY=$OTHER_KEY",
    "API_KEY=$(vault read key)",
    "--token-file secrets/token1.txt",
    "password: !vault |",
    "password: <your password>",
    'password="your-password-here"',
    "token: Optional[str] = None",
    "def login(password: str) -> None:",
    "if password == other_password:",
    "assert token != expected_token",
    '"next_page_token": "abc123def456"',
    '"max_tokens": 4096, "stop_token": "eos1"',
    "prompt_tokens=1024 completion_tokens=77",
    "primary_key: user_id",
    "foreign_key = 'users.id'",
    'key: "some-plain-key-1"',
    "sort_key=created_at",
    "cache_key: users:list:v1",
    "secret: kubernetes-secret-name",
    "the secret to good soup is time",
    "a token of appreciation: flowers and 12 roses",
    "token expired: please log in again",
    "password: required",
    "Authorization: required",
    "Authorization: Bearer <token>",
    "authorization: AWS4-HMAC-SHA256 Credential=x",
    "Cookie: none",
    "organization: Acme-Corp-2026-x1",
    "bookies: session=f4ke-Pl41n-odds",
    "password=[REDACTED]f4ke-Pl41n-1",
    "ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5[REDACTED]",
    "[REDACTED:known]ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5",
    "https://user@example.com/a:b@c",
    "https://example.com:8080/path@v2",
    "mailto:someone@example.com",
    "postgres://user:password@localhost/db",
    "password_hash_algorithm=argon2id",
    "is_password_set=true1234",
    "token_type: bearer",
    "2026-11-24T10:00:00Z level=info token=null",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "id=123e4567-e89b-12d3-a456-426614174000",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    'ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"',
    "integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "requests==2.32.3 --hash=sha256:55365417734eb18255590a9ff9eb97e9e1da868d4ccd6402399eba00d36a7f83",
    "pkg:pypi/secretstorage@3.3.3",
    "arn:aws:iam::123456789012:role/deploy",
    "projects/p/secrets/db-password/versions/3",
    "-----BEGIN PUBLIC KEY-----",
    "-----BEGIN PRIVATE KEY----- stands at the top of such a file",
    "getenv('API_KEY', 'none-for-now')",
    "(api_key, secret_key)",
    '"AWS::Transfer::HostKey": "7f58dcb2e088ad2e"',
    "arn:aws:secretsmanager:us-west-2:123456789012:secret:MySecret1-a1b2c3",
    "private_key: Ed25519PrivateKey | None",
    'credential: "AsyncTokenCredential"',
    "selective_auth=selective_auth",
    "name,sha256=sk-sH1I6OL_lOn3fntKGV6drtVxKqLCuXK7yOyLbTxA,959",
    "the password is required, the token is base64url-encoded-v2",
    "your token is valid for 3600 seconds",
    "error code 4042, key is user_1",
    "ask the user for password again)",
    "PASSWORD field is empty",
    "docker run -u 1000:1000 image",
    "tar -p -a archive1.tar",
    "curl -u $USER:$PASSWORD https://api.example.com",
    "partition_key=3f786850e387550fdab836ed7e6dc881de23001b",
    "cache_key: AbCdEf0123456789GhIjKl",
    '{"name": "color", "value": "red-green-01"}',
    "?key=3f786850e387550fdab836ed7e6dc881",
    "?key=images/2026/logo.png&size=2",
    "secret:[a-zA-Z0-9-_/+=.@!]+",
    "token=[REDACTED:e2b-key]",
    "'set-cookie': 'undici=getSetCookies; Secure'",
    "Cookie: none&[REDACTED]pp=f4ke0session1",
    "[REDACTED]password=f4ke0pass1",
    "('monkey', 'f4ke0key1Fake2key3')",
    '{"name": "DB_PASSWORD", "value": "required"}',
    "[REDACTED]mysql -pf4ke0pass1 db",
    "[REDACTED]Bearer f4ke0token1fake2token3",
    "sk-learn, task-force-one, risk-adjusted-returns-2026",
    "basic understanding, bearer of news, Basic authentication is off",
]


@pytest.mark.parametrize("engine", ["pure", "fast"])
@pytest.mark.parametrize("text", MASKED)
def test_the_value_is_masked_and_its_surroundings_stay(text: str, engine: str) -> None:
    assert ENGINES[engine].redact(text) == text.replace(S, R)


@pytest.mark.parametrize("engine", ["pure", "fast"])
@pytest.mark.parametrize("text", ALIKE)
def test_what_is_no_secret_stays(text: str, engine: str) -> None:
    assert ENGINES[engine].redact(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password: 8675309123", f"password: {R}"),
        ('api_key="QwErTyUiOpAsDf"', f'api_key="{R}"'),
        ('password="correct-horse-battery"', f'password="{R}"'),
        ('token="plainword"', 'token="plainword"'),
        ("access_token=123456789", "access_token=123456789"),
        ('password=""', 'password=""'),
        ("password: 2026-11-24", "password: 2026-11-24"),
        ('secret="token v2"', 'secret="token v2"'),
        ("Authorization=", "Authorization="),
        ("reauthorization", "reauthorization"),
        ("password: hunter2\nuser: x", f"password: {R}\nuser: x"),
        ("password: hunter2 and more", "password: hunter2 and more"),
        ("password: P@ssw0rd!\n", f"password: {R}\n"),
        ("DB_PASSWORD=Tr0ub4dor&3", f"DB_PASSWORD={R}"),
        ("PASSWORD=abc12345&PAGE=2", f"PASSWORD={R}&PAGE=2"),
        (
            "see ?token=a1b2c3d4e5)](https://a.example)",
            f"see ?token={R})](https://a.example)",
        ),
        (
            "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            f"aws_secret_access_key={R}",
        ),
        ("api_key=your-api-key-here-1", "api_key=your-api-key-here-1"),
        ("ACME_KEY=3f786850e387550fdab836ed7e6dc881de23001b", f"ACME_KEY={R}"),
        ("Acme-Key: f4Ke0kEy1Fa2KeY3keY4", f"Acme-Key: {R}"),
        (
            "Acme-Key: some-user-defined-key-2026",
            "Acme-Key: some-user-defined-key-2026",
        ),
        ("acme key == 'f4Ke0kEy1Fa2KeY3keY4'", "acme key == 'f4Ke0kEy1Fa2KeY3keY4'"),
        ("API key: 'none yet'", "API key: 'none yet'"),
        ("two keys, the key: f4Ke0kEy1Fa2", "two keys, the key: f4Ke0kEy1Fa2"),
        ("token is https://a.example/b1c/d", "token is https://a.example/b1c/d"),
        ("%22password%22%3A%22required%22", "%22password%22%3A%22required%22"),
        ("token value: unset", "token value: unset"),
        (
            "('password', 'must-be-longer-than-eight')",
            "('password', 'must-be-longer-than-eight')",
        ),
        ('"auth": "required:by-us"', '"auth": "required:by-us"'),
        ("ARG TOKEN abcdefgh", "ARG TOKEN abcdefgh"),
        ("MY TOKEN f4Ke0kEy1Fa2", "MY TOKEN f4Ke0kEy1Fa2"),
        ("authorization := x", "authorization := x"),
        ("api_key == 'f4ke-Pl41n_s3'", "api_key == 'f4ke-Pl41n_s3'"),
    ],
)
def test_what_a_value_is_made_of_decides(text: str, masked: str) -> None:
    assert ENGINES["pure"].redact(text) == masked
    assert ENGINES["fast"].redact(text) == masked


@pytest.mark.parametrize(
    ("name", "sensitive"),
    [("auth", True), ("x-api-key", True), ("", False), ("1", False), ("monkey", False),
     ("dbpasswd", True), ("monkeypassword", True), ("appapikey", True), ("partkey", False)],
)  # fmt: skip
def test_a_name_says_whether_its_value_is_secret(name: str, *, sensitive: bool) -> None:
    assert is_sensitive(name) is sensitive


@pytest.mark.parametrize("key", ["password", "api_key", "ACME_TOKEN"])
def test_a_long_value_goes_to_its_end(key: str) -> None:
    value = "aB3-" * 1000
    assert ENGINES["pure"].redact(f'{key}="{value}" x') == f'{key}="{R}" x'
    assert ENGINES["pure"].redact(f"{key}={value} x") == f"{key}={R} x"


KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"


@pytest.mark.parametrize(
    "line",
    ["\n", "\r\n", "\\n", "\\\\n", "", "\\u000a", "%0A", "\n> ", "<br>", "\n    "],
)
@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "PGP "])
def test_a_private_key_is_masked_as_a_whole(kind: str, line: str) -> None:
    block = " BLOCK" if kind == "PGP " else ""
    pem = line.join(
        [
            f"-----BEGIN {kind}PRIVATE KEY{block}-----",
            KEY,
            KEY,
            f"-----END {kind}PRIVATE KEY{block}-----",
        ]
    )
    assert ENGINES["pure"].redact(f"a {pem} z") == f"a {R} z"
    assert ENGINES["fast"].redact(f'"{pem}"') == f'"{R}"'
    cut = pem[:-40]
    assert ENGINES["pure"].redact(f"a {cut}") == f"a {R}"


def test_an_encoded_or_old_private_key_is_masked_as_a_whole() -> None:
    encoded = f"-----BEGIN%20RSA%20PRIVATE%20KEY-----%0A{KEY}%0A-----END%20RSA%20PRIVATE%20KEY-----"
    old = f"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n{KEY}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"
    for engine in ENGINES.values():
        assert engine.redact(f"key={encoded}&x=1") == f"key={R}&x=1"
        assert engine.redact(f"a {old} z") == f"a {R} z"


def test_what_a_putty_key_keeps_private_is_masked() -> None:
    public = "PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 1\nAAAAC3Nz\nPrivate-Lines: 1"
    mac = "\nPrivate-MAC: 0a1b2c"
    for engine in ENGINES.values():
        assert engine.redact(f"{public}\n{KEY}{mac}") == f"{public}\n{R}{mac}"
        assert engine.redact(f"{public}\n{KEY}") == f"{public}\n{R}"
        assert engine.redact(f"{public}\nnone") == f"{public}\n{R}"
        assert engine.redact("Private-Lines: 12 of them") == "Private-Lines: 12 of them"


@pytest.mark.parametrize("engine", ["pure", "fast"])
@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"set -x ACME_TOKEN {S}", f"set -x ACME_TOKEN {R}"),
        (f"set -gx ACME_TOKEN {S}", f"set -gx ACME_TOKEN {R}"),
        (f"setx MYSQL_PWD {S}", f"setx MYSQL_PWD {R}"),
        (f"ENV ACME_CREDENTIALS {S}", f"ENV ACME_CREDENTIALS {R}"),
        ("('password', 'hunter22')", f"('password', '{R}')"),
        ("('api_key', 'hunter22')", "('api_key', 'hunter22')"),
        ("apikey: wQNysXYuNgkyOsGdCYdpdtUVWuqAux", f"apikey: {R}"),
        ("token = nextTokenFromTheLexer", "token = nextTokenFromTheLexer"),
        ("Cookie: lang=en-US; tz=Europe/Berlin", "Cookie: lang=en-US; tz=Europe/Berlin"),
        (f"sshpass -p  {S} ssh host", f"sshpass -p  {R} ssh host"),
        (f"curl -u    'anna:{S}' a.example", f"curl -u    'anna:{R}' a.example"),
        (f"mysql -u root -p-{S} db", f"mysql -u root -p{R} db"),
        ("https://a.example docker -u 1000:1000", "https://a.example docker -u 1000:1000"),
    ],
)  # fmt: skip
def test_commands_pairs_and_letters_alone(text: str, masked: str, engine: str) -> None:
    assert ENGINES[engine].redact(text) == masked
