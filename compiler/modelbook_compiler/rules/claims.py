"""Rules about the environment variables that a secret claims, and the addresses it is sent to."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..values import Entry, Graph
from .base import Finding, rule

NOBODY: tuple[str, ...] = ()
AZURE = (
    *("openai.azure.com", "cognitiveservices.azure.com"),
    *("services.ai.azure.com", "models.ai.azure.com"),
)
"""Below these everybody can have a resource; what the variables open is one of the same kind."""
REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2"),
    *("eu-west-3", "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1"),
    *("ap-southeast-2", "us-gov-east-1", "us-gov-west-1"),
)
BEDROCK = tuple(
    f"bedrock-{part}.{region}.{domain}"
    for part, domain in (("runtime", "amazonaws.com"), ("mantle", "api.aws"))
    for region in REGIONS
)
GOOGLE = ("generativelanguage.googleapis.com", "aiplatform.googleapis.com")

OWNED: dict[str, tuple[str, ...]] = {
    "ANTHROPIC_*": ("anthropic.com",),
    "AWS_*": NOBODY,
    "AWS_BEARER_TOKEN_BEDROCK": BEDROCK,
    "AZURE_*": NOBODY,
    **dict.fromkeys(("AZURE_OPENAI_*", "AZURE_API_KEY", "AZURE_AI_*", "AZURE_COGNITIVE_*"), AZURE),
    "CF_*": ("api.cloudflare.com", "gateway.ai.cloudflare.com"),
    "CLOUDFLARE_*": ("api.cloudflare.com", "gateway.ai.cloudflare.com"),
    "GEMINI_API_KEY": GOOGLE,
    "GH_*": ("github.com", "githubcopilot.com"),
    "GITHUB_*": ("github.com", "github.ai", "githubcopilot.com", "models.inference.ai.azure.com"),
    "GITLAB_*": ("gitlab.com",),
    "GOOGLE_API_KEY": GOOGLE,
    "GOOGLE_APPLICATION_CREDENTIALS": NOBODY,
    "HF_*": ("huggingface.co", "hf.co"),
    "OPENAI_*": ("openai.com",),
    **dict.fromkeys(
        (
            *("BASH_*", "ENV", "PERL*", "RUBY*", "JAVA_*", "JDK_*", "CLASSPATH", "GCONV_PATH"),
            *("PAGER", "BROWSER", "VISUAL", "PROMPT_COMMAND", "PS4", "MANPAGER", "LESSOPEN"),
            *("PATH", "HOME", "PWD", "USER", "SHELL", "IFS", "TERM", "TMPDIR", "DISPLAY", "EDITOR"),
            *("LD_*", "DYLD_*", "PYTHON*", "VIRTUAL_ENV", "PIP_*", "UV_*", "XDG_*", "LC_*", "LANG"),
            *(
                "MODELBOOK_*",
                "SOPS_*",
                "AGE_*",
                "SSH_*",
                "GPG_*",
                "GNUPGHOME",
                "GIT_*",
                "KUBECONFIG",
                "KUBERNETES_*",
            ),
            *("VAULT_*", "CREDENTIALS_DIRECTORY", "DOCKER_*", "NPM_*", "NODE_*"),
            *(
                "TWINE_*",
                "PYPI_*",
                "CARGO_*",
                "CI_*",
                "ACTIONS_*",
                "SUDO_*",
                "PGPASSWORD",
                "MYSQL_*",
            ),
            *("DATABASE_URL", "REDIS_*", "STRIPE_*", "SLACK_*", "SENTRY_*", "HTTP_*", "HTTPS_*"),
            *("NO_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "SSL_*", "CURL_*"),
        ),
        NOBODY,
    ),
}
"""Variable (or how its name begins, before `*`) to the domains to which what it holds may go. One
with none belongs to the machine, or to a tool that is no provider of models: no secret claims it.
Anything else belongs to the first secret that claims it (MB332)."""


@rule(
    "MB385",
    "an environment variable that belongs to something else",
    "secret",
    bad="env: [GITHUB_TOKEN]\nallowed_hosts: [api.evil.example]",
    good="env: [ACME_API_KEY]\nallowed_hosts: [api.acme.example]",
)
def foreign_variable(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """What a variable holds is sent to the hosts of the secret that claims it. A declaration that
    claims AWS_SECRET_ACCESS_KEY, or GITHUB_TOKEN for a host that is not GitHub's, would carry the
    keys of a build machine away: a new provider is all it takes. Variables of the machine, of tools
    and of well-known vendors have an owner; a secret of another vendor claims one of its own name.
    """
    for position, name in enumerate(entry.data["env"]):
        domains = _domains(name)
        if domains is None:
            continue
        outside = [one for one in entry.data["allowed_hosts"] if not _within(one, domains)]
        if outside:
            message = f"`{name}` belongs to the machine or its tools"
            if domains:
                message = f"`{name}` may only go to {', '.join(domains)}, not to `{outside[0]}`"
            hint = "claim a variable that is named after the vendor, such as ACME_API_KEY"
            yield Finding(message, ("env", position), hint)


def _domains(name: str) -> tuple[str, ...] | None:
    """Return where what a variable holds may go; None of one that nobody owns."""
    if name in OWNED:
        return OWNED[name]
    found = (one for one in OWNED if one.endswith("*") and name.startswith(one[:-1]))
    longest = max(found, key=len, default=None)
    return None if longest is None else OWNED[longest]


def _within(host: str, domains: tuple[str, ...]) -> bool:
    """Tell whether a host is one of some domains, or below one."""
    return any(host == one or host.endswith(f".{one}") for one in domains)


@rule(
    "MB386",
    "a base URL that is not written in the plain way",
    "provider",
    bad='base_url: "https://me@API.example.com./v1"',
    good='base_url: "https://api.example.com/v1"',
)
def unusual_address(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """A key is sent to the host of this address. A user in it, capitals, a dot at the end, letters
    outside ASCII or a query are read in one way by people and in another by programs, and that is
    where attacks on addresses live.
    """
    for position, way in enumerate(entry.data.get("access", ())):
        wrong = _unusual(way["base_url"]) if "base_url" in way else None
        if wrong is not None:
            hint = "write https://, the host in lower case, and the path"
            yield Finding(wrong, ("access", position, "base_url"), hint)


def _unusual(url: str) -> str | None:
    """Return what is unusual in a URL, None if nothing is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None  # MB347 tells
    host = parts.netloc.rpartition("@")[2]
    if "@" in parts.netloc:
        return "a user or password in the address"
    if not host.isascii() or "%" in host:
        return "a host with letters outside ASCII"
    if host != host.lower():
        return "a host with capitals"
    if (parts.hostname or "").endswith("."):
        return "a host that ends in a dot"
    return "a query or fragment in the address" if parts.query or parts.fragment else None
