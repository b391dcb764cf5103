"""Code hosts, registries, builds and the tools around code."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import ALNUM, HEX, LOWER, UPPER, URL

_GITHUB = "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats"
_GITLAB = "https://docs.gitlab.com/security/tokens/#token-prefixes"
_ATLASSIAN = "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/"
_BITBUCKET = "https://support.atlassian.com/bitbucket-cloud/docs/access-tokens/"
_PYPI = "https://pypi.org/help/#apitoken"
_DOCKER = "https://docs.docker.com/security/for-developers/access-tokens/"
_JFROG = (
    "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens"
)
_CIRCLECI = "https://circleci.com/docs/managing-api-tokens/"
_SONAR = (
    "https://docs.sonarsource.com/sonarqube-server/latest/user-guide/managing-tokens/"
)
_HARNESS = (
    "https://developer.harness.io/docs/platform/automation/api/add-and-manage-api-keys/"
)
_ROUTABLE = r"(?:(?:\.[a-z0-9]{2})?\.[a-z0-9]{9}(?![A-Za-z0-9_-]))?"

CODE = (
    Shape("github-pat", "ghp_", f"{ALNUM}{{36,}}+", _GITHUB),
    Shape("github-fine-grained-pat", "github_pat_", "[A-Za-z0-9_]{50,255}", _GITHUB),
    Shape("github-oauth-token", "gho_", f"{ALNUM}{{36,}}+", _GITHUB),
    Shape("github-user-token", "ghu_", f"{ALNUM}{{36,}}+", _GITHUB),
    Shape(
        "github-app-token",
        "ghs_",
        rf"(?:{URL}{{20,}}+(?:\.{URL}{{20,}}+){{2}}|{ALNUM}{{36,}}+(?![A-Za-z0-9_-]))",
        _GITHUB,
        left="A-Za-z0-9_-",
        right="",
    ),
    Shape(
        "github-app-legacy-token", "v1.", f"{HEX}{{40}}", _GITHUB, left="A-Za-z0-9_./-"
    ),
    Shape("github-refresh-token", "ghr_", f"{ALNUM}{{36,}}+", _GITHUB),
    Shape(
        "gitlab-pat",
        "glpat-",
        rf"{URL}{{20,300}}{_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-deploy-token",
        "gldt-",
        rf"{URL}{{20,300}}{_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-runner-token",
        ("glrt-", "glrtr-"),
        rf"{URL}{{20,300}}{_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape("gitlab-runner-registration", "GR1348941", f"{URL}{{20,}}+", _GITLAB),
    Shape(
        "gitlab-job-token",
        "glcbt-",
        rf"(?:{ALNUM}{{1,5}}_)?{URL}{{20,}}+{_ROUTABLE}",
        _GITLAB,
        left="A-Za-z0-9_-",
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-trigger-token",
        "glptt-",
        rf"(?:{HEX}{{40}}|{URL}{{27,300}}){_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-feed-token",
        "glft-",
        rf"{URL}{{20,300}}{_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-mail-token",
        "glimt-",
        rf"{URL}{{20,300}}{_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-agent-token",
        "glagent-",
        rf"{URL}{{50,300}}{_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-oauth-secret",
        "gloas-",
        rf"{URL}{{64,300}}{_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-scim-token",
        "glsoat-",
        rf"{URL}{{20,300}}{_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-feature-flag-token",
        "glffct-",
        rf"{URL}{{20,300}}{_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-workspace-token",
        "glwt-",
        rf"{URL}{{20,300}}{_ROUTABLE}",
        _GITLAB,
        right="A-Za-z0-9_-",
    ),
    Shape(
        "gitlab-session-cookie",
        "_gitlab_session=",
        f"(?P<secret>{LOWER}{{32}})",
        _GITLAB,
        left="",
    ),
    Shape("bitbucket-app-password", "ATBB", f"{ALNUM}{{32,}}+", _BITBUCKET),
    Shape(
        "atlassian-api-token",
        ("ATATT3", "ATCTT3", "ATSTT3"),
        r"[A-Za-z0-9=_-]{100,}+",
        _ATLASSIAN,
        left="A-Za-z0-9_-",
    ),
    Shape(
        "npm-token",
        "npm_",
        f"{ALNUM}{{36,}}+",
        "https://docs.npmjs.com/about-access-tokens",
    ),
    Shape("pypi-token", "pypi-AgEIcHlwaS5vcmc", f"{URL}{{50,}}+", _PYPI),
    Shape("test-pypi-token", "pypi-AgENdGVzdC5weXBpLm9yZw", f"{URL}{{50,}}+", _PYPI),
    Shape(
        "rubygems-key",
        "rubygems_",
        f"{HEX}{{48}}",
        "https://guides.rubygems.org/api-key-scopes/",
    ),
    Shape("docker-pat", "dckr_pat_", f"{URL}{{27}}", _DOCKER),
    Shape(
        "docker-org-token",
        "dckr_oat_",
        f"{URL}{{27,40}}",
        "https://docs.docker.com/enterprise/security/access-tokens/",
    ),
    Shape(
        "crates-io-token",
        "cio",
        f"{ALNUM}{{32}}",
        "https://doc.rust-lang.org/cargo/reference/registry-web-api.html",
    ),
    Shape(
        "nuget-key",
        "oy2",
        f"{LOWER}{{43}}",
        "https://learn.microsoft.com/en-us/nuget/nuget-org/publish-a-package",
    ),
    Shape(
        "clojars-token",
        "CLOJARS_",
        f"{ALNUM}{{60}}",
        "https://github.com/clojars/clojars-web/wiki/Deploy-Tokens",
    ),
    Shape("jfrog-api-key", "AKCp", f"{ALNUM}{{68,70}}", _JFROG),
    Shape("jfrog-reference-token", "cmVmd", f"{ALNUM}{{59}}", _JFROG),
    Shape(
        "circleci-token",
        ("CCIPAT_", "CCIPRJ_"),
        f"{ALNUM}{{20,24}}_{HEX}{{40}}",
        _CIRCLECI,
    ),
    Shape(
        "buildkite-token",
        ("bkua_", "bkaj_", "bkat_"),
        f"{LOWER}{{40}}",
        "https://buildkite.com/docs/apis/managing-api-tokens",
    ),
    Shape("sonar-token", ("squ_", "sqp_", "sqa_"), f"{HEX}{{40}}", _SONAR),
    Shape(
        "sourcegraph-token",
        "sgp_",
        rf"(?:{HEX}{{16}}_|local_)?{HEX}{{40}}",
        "https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token",
    ),
    Shape(
        "harness-token",
        ("pat.", "sat."),
        rf"{URL}{{22}}\.{ALNUM}{{24}}\.{ALNUM}{{20}}",
        _HARNESS,
    ),
    Shape(
        "octopus-key",
        "API-",
        f"{UPPER}{{25,32}}",
        "https://octopus.com/docs/octopus-rest-api/how-to-create-an-api-key",
        counter_examples=("API-REFERENCE",),
    ),
    Shape(
        "deno-deploy-token",
        ("ddp_", "ddw_", "ddo_"),
        f"{ALNUM}{{36}}",
        "https://docs.deno.com/deploy/manual/",
    ),
    Shape(
        "jetbrains-token",
        ("perm-", "perm:"),
        r"[A-Za-z0-9+/=_-]{8,}+\.[A-Za-z0-9+/=_-]{4,}+\.[A-Za-z0-9=_-]{20,}+",
        "https://www.jetbrains.com/help/youtrack/devportal/Manage-Permanent-Token.html",
        left="A-Za-z0-9",
    ),
    Shape(
        "figma-token",
        ("figd_", "figo_", "figr_", "figu_"),
        f"{URL}{{36,60}}",
        "https://developers.figma.com/docs/rest-api/authentication/",
    ),
    Shape(
        "postman-key",
        "PMAK-",
        f"{HEX}{{24}}-{HEX}{{34}}",
        "https://learning.postman.com/docs/developer/postman-api/authentication/",
    ),
    Shape(
        "postman-collection-key",
        "PMAT-",
        f"{UPPER}{{26}}",
        "https://learning.postman.com/docs/developer/postman-api/authentication/",
    ),
    Shape(
        "readme-key",
        "rdme_",
        f"{LOWER}{{70}}",
        "https://docs.readme.com/main/reference/authentication",
    ),
    Shape(
        "depot-token",
        ("depot_org_", "depot_user_", "depot_project_"),
        f"{HEX}{{64}}",
        "https://depot.dev/docs/cli/authentication",
    ),
    Shape(
        "snyk-token",
        ("snyk_uat.", "snyk_sat."),
        r"[A-Za-z0-9]{8}\.[A-Za-z0-9_-]{40,}+(?:\.[A-Za-z0-9_-]{8,}+){0,3}",
        "https://docs.snyk.io/snyk-api/authentication-for-api",
        left="A-Za-z0-9._-",
        right="",
    ),
)
