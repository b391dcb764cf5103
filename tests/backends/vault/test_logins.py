"""Every way to log in, against the server's own checks."""

from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

import secretscope.backends.vault.auth._aws as aws_login
from secretscope import (
    AccessDeniedError,
    ConfigurationError,
    MissingExtraError,
    StoreUnavailableError,
)
from secretscope.backends.vault import (
    AppRole,
    Auth,
    AwsIam,
    File,
    Jwt,
    Kubernetes,
    Userpass,
    Variable,
)
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.stores import opened


async def logged_in(server: Any, auth: Auth) -> None:
    async with opened(server, auth=auth) as source:
        await source.open()


# --- approle -------------------------------------------------------------------------


async def test_approle_reads_a_secret_id_file_anew_at_each_login(
    admin: Admin, tmp_path: Path
) -> None:
    mount = admin.login("approle")
    role_id = admin.approle(mount, "app")
    path = tmp_path / "secret-id"
    path.write_text("wrong")
    auth = AppRole(role_id, File(path), mount=mount)
    async with opened(admin, auth=auth) as source:
        with pytest.raises(AccessDeniedError, match=f"auth/{mount}/login was refused"):
            await source.open()
        path.write_text(f"{admin.secret_id(mount, 'app')}\n")
        await source.open()


async def test_approle_without_a_secret_id(admin: Admin) -> None:
    mount = admin.login("approle")
    more = {"bind_secret_id": False, "token_bound_cidrs": ["0.0.0.0/0"]}
    await logged_in(admin, AppRole(admin.approle(mount, "app", **more), mount=mount))


async def test_a_wrapped_secret_id_is_unwrapped_once_and_kept(
    admin: Admin, tmp_path: Path
) -> None:
    mount = admin.login("approle")
    role_id = admin.approle(mount, "app")
    path = tmp_path / "wrapped"
    path.write_text(admin.secret_id(mount, "app", wrap="60s"))
    auth = AppRole(role_id, path, wrapped=True, mount=mount)
    await logged_in(admin, auth)
    await logged_in(admin, auth)
    path.write_text(admin.secret_id(mount, "app", wrap="60s"))
    await logged_in(admin, auth)
    with pytest.raises(AccessDeniedError, match="somebody else has"):
        await logged_in(admin, AppRole(role_id, path, wrapped=True, mount=mount))
    assert "hvs" not in repr(auth)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("unwrap", status=500), "status 500"),
        (Fault("unwrap", status=200), "broken"),
    ],
)
async def test_an_outage_as_it_is_unwrapped_is_an_outage(
    double: Double, fault: Fault, reason: str
) -> None:
    double.core.faults.append(fault)
    with pytest.raises(StoreUnavailableError, match=reason):
        await logged_in(double, AppRole("role", "wrapping-token", wrapped=True))


# --- web tokens, and passwords -------------------------------------------------------


async def test_kubernetes_and_jwt_read_their_file_anew(
    double: Double, double_admin: Admin, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    for kind, make in (
        ("kubernetes", lambda: Kubernetes("app", path)),
        ("jwt", lambda: Jwt(path, "app")),
        ("jwt", lambda: Jwt(path)),
    ):
        double_admin.login(kind, kind)
        for role in ("app", "default"):
            accepts = {"accepts": ["jwt-1", "jwt-2"]}
            double_admin.ask("POST", f"auth/{kind}/role/{role}", accepts)
        for good in ("jwt-1", "jwt-2"):
            path.write_text(good)
            await logged_in(double, make())
        path.write_text("jwt-3")
        with pytest.raises(AccessDeniedError, match=f"{kind} login"):
            await logged_in(double, make())


def test_kubernetes_finds_the_token_of_its_pod() -> None:
    assert Kubernetes("app").jwt == File(
        "/var/run/secrets/kubernetes.io/serviceaccount/token"
    )


async def test_a_user_and_a_password(
    admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    mount = admin.login("userpass")
    admin.ask("POST", f"auth/{mount}/users/app", {"password": "pass-word-1"})
    monkeypatch.setenv("APP_PASSWORD", "pass-word-1")
    for password in ("pass-word-1", Variable("APP_PASSWORD")):
        await logged_in(admin, Userpass("app", password, mount))
    with pytest.raises(AccessDeniedError, match="userpass login") as caught:
        await logged_in(admin, Userpass("app", "pass-word-2", mount))
    assert "pass-word-2" not in repr(caught.value) + repr(Userpass("a", "pass-word-2"))
    with pytest.raises(ConfigurationError, match="ABSENT is not set"):
        await logged_in(admin, Userpass("app", Variable("ABSENT"), mount))


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "a#b"])
def test_a_user_name_that_is_no_part_of_a_path_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"vault\.auth\.username"):
        Userpass(name, "x")


# --- AWS -----------------------------------------------------------------------------


@pytest.mark.parametrize("server_id", [None, "vault.example.com"])
async def test_aws_signs_a_request_that_aws_would_take(
    double: Double, double_admin: Admin, server_id: str | None
) -> None:
    double_admin.login("aws", "aws")
    role = {"access": "AKIAEXAMPLE", "secret": "aws-secret-1", "server_id": server_id}
    double_admin.ask("POST", "auth/aws/role/app", role)
    session = Session()
    session.set_credentials("AKIAEXAMPLE", "aws-secret-1")
    await logged_in(double, AwsIam("app", server_id=server_id, session=session))
    body = double.seen[-1].body or double.seen[-2].body
    assert "aws-secret-1" not in str(body)
    session.set_credentials("AKIAEXAMPLE", "aws-secret-2")
    with pytest.raises(AccessDeniedError, match="aws login"):
        await logged_in(double, AwsIam("app", server_id=server_id, session=session))


async def test_aws_without_credentials_or_botocore_is_told(
    double: Double, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "absent"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AccessDeniedError, match="no AWS credentials"):
        await logged_in(double, AwsIam("app"))

    def absent(name: str) -> None:
        raise ModuleNotFoundError(name, name=lacking)

    monkeypatch.setattr(aws_login, "import_module", absent)
    lacking = "botocore"
    with pytest.raises(MissingExtraError, match="aws"):
        await logged_in(double, AwsIam("app"))
    lacking = "dateutil"
    with pytest.raises(ModuleNotFoundError, match="session"):
        await logged_in(double, AwsIam("app"))


async def test_a_login_can_be_enabled_elsewhere_and_in_a_namespace(
    double: Double, double_admin: Admin
) -> None:
    double_admin.ask("POST", "sys/namespaces/team", {})
    there = Admin(double.address, double.token, "team")
    there.login("userpass", "people")
    there.ask("POST", "auth/people/users/app", {"password": "p-1"})
    auth = Userpass("app", "p-1", "people")
    async with opened(double, auth=auth, namespace="team") as source:
        await source.open()
    with pytest.raises(AccessDeniedError):
        await logged_in(double, auth)
