"""Model providers, and what stands around models: search, vectors, traces, voices."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import (
    ALNUM,
    HEX,
    LOWER,
    UPPER,
    URL,
    UUID,
)

_OPENAI = "https://platform.openai.com/docs/api-reference/authentication"
_ANTHROPIC = "https://docs.anthropic.com/en/api/overview"
_LANGSMITH = "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key"
_VERCEL = "https://vercel.com/docs/rest-api"

MODELS = (
    Shape(
        "openai-project-key", "sk-proj-", f"(?=[A-Za-z_-]*[0-9]){URL}{{20,}}+", _OPENAI
    ),
    Shape(
        "openai-service-account-key",
        "sk-svcacct-",
        f"(?=[A-Za-z_-]*[0-9]){URL}{{20,}}+",
        _OPENAI,
    ),
    Shape(
        "openai-admin-key", "sk-admin-", f"(?=[A-Za-z_-]*[0-9]){URL}{{20,}}+", _OPENAI
    ),
    Shape(
        "openai-key",
        "sk-",
        rf"(?=[A-Za-z_-]*[0-9])(?:{ALNUM}{{20,}}+(?![_-])|(?=[a-z0-9_-]*[A-Z]){URL}{{20,}}+)",
        _OPENAI,
        left="A-Za-z0-9_-",
        right="A-Za-z0-9_-",
        counter_examples=("sk-learn-pipeline-html-id", "sk-estimator-html-repr-2"),
    ),
    Shape(
        "openai-session",
        "sess-",
        f"{ALNUM}{{40}}",
        _OPENAI,
    ),
    Shape("anthropic-api-key", "sk-ant-api", rf"[0-9]{{2}}-{URL}{{40,}}+", _ANTHROPIC),
    Shape(
        "anthropic-admin-key", "sk-ant-admin", rf"[0-9]{{2}}-{URL}{{40,}}+", _ANTHROPIC
    ),
    Shape(
        "anthropic-oauth-token",
        ("sk-ant-oat", "sk-ant-ort", "sk-ant-sid"),
        rf"[0-9]{{2}}-{URL}{{40,}}+",
        _ANTHROPIC,
    ),
    Shape("anthropic-key", "sk-ant-", f"(?=[A-Za-z_-]*[0-9]){URL}{{16,}}+", _ANTHROPIC),
    Shape(
        "openrouter-key",
        "sk-or-",
        f"(?:v[0-9]-)?{HEX}{{64}}",
        "https://openrouter.ai/docs/api-reference/authentication",
    ),
    Shape(
        "groq-key",
        "gsk_",
        f"{ALNUM}{{52}}",
        "https://console.groq.com/docs/api-reference",
    ),
    Shape(
        "xai-key", "xai-", f"{ALNUM}{{70,90}}", "https://docs.x.ai/docs/api-reference"
    ),
    Shape(
        "perplexity-key",
        "pplx-",
        f"{ALNUM}{{40,64}}",
        "https://docs.perplexity.ai/guides/api-key-management",
    ),
    Shape(
        "replicate-token",
        "r8_",
        f"{ALNUM}{{37}}",
        "https://replicate.com/docs/topics/security/api-tokens",
    ),
    Shape(
        "huggingface-token",
        "hf_",
        f"{ALNUM}{{34,40}}",
        "https://huggingface.co/docs/hub/security-tokens",
    ),
    Shape(
        "huggingface-org-token",
        "api_org_",
        f"{ALNUM}{{34}}",
        "https://huggingface.co/docs/hub/security-tokens",
    ),
    Shape(
        "nvidia-key",
        "nvapi-",
        f"{URL}{{60,70}}",
        "https://docs.nvidia.com/nim/large-language-models/latest/getting-started.html",
    ),
    Shape(
        "langsmith-key",
        ("lsv2_pt_", "lsv2_sk_"),
        f"{HEX}{{32}}_{HEX}{{10}}",
        _LANGSMITH,
    ),
    Shape("langsmith-legacy-key", "ls__", f"{HEX}{{32}}", _LANGSMITH),
    Shape(
        "langfuse-secret-key",
        "sk-lf-",
        UUID,
        "https://langfuse.com/docs/api-and-data-platform/features/public-api",
    ),
    Shape(
        "tavily-key",
        "tvly-",
        f"(?:dev-|prod-)?{ALNUM}{{32,40}}",
        "https://docs.tavily.com/documentation/api-reference/introduction",
    ),
    Shape(
        "pinecone-key",
        "pcsk_",
        rf"{ALNUM}{{4,8}}_{ALNUM}{{40,80}}",
        "https://docs.pinecone.io/guides/projects/manage-api-keys",
    ),
    Shape(
        "elevenlabs-key",
        "sk_",
        f"{HEX}{{48}}",
        "https://elevenlabs.io/docs/api-reference/authentication",
    ),
    Shape(
        "fireworks-key",
        "fw_",
        f"{ALNUM}{{22,40}}",
        "https://docs.fireworks.ai/api-reference/introduction",
    ),
    Shape(
        "together-key",
        "tgp_v1_",
        f"{URL}{{43}}",
        "https://docs.together.ai/docs/api-keys-authentication",
    ),
    Shape(
        "cerebras-key",
        "csk-",
        f"{LOWER}{{48}}",
        "https://inference-docs.cerebras.ai/quickstart",
    ),
    Shape(
        "voyage-key",
        "pa-",
        f"{URL}{{43}}",
        "https://docs.voyageai.com/docs/api-key-and-installation",
    ),
    Shape(
        "jina-key", "jina_", f"{HEX}{{32}}{URL}{{28}}", "https://jina.ai/embeddings/"
    ),
    Shape(
        "firecrawl-key",
        "fc-",
        f"{HEX}{{32}}",
        "https://docs.firecrawl.dev/introduction",
    ),
    Shape("e2b-key", "e2b_", f"{HEX}{{40}}", "https://e2b.dev/docs/api-key"),
    Shape(
        "wandb-key",
        "wandb_v1_",
        "[A-Za-z0-9_]{40,100}",
        "https://docs.wandb.ai/models/api-keys",
    ),
    Shape(
        "helicone-key",
        "sk-helicone-",
        rf"(?:[a-z]{{2}}-)?{LOWER}{{7}}(?:-{LOWER}{{7}}){{3}}",
        "https://docs.helicone.ai/helicone-headers/helicone-auth",
    ),
    Shape(
        "anyscale-key",
        "esecret_",
        f"{ALNUM}{{20,60}}",
        "https://docs.anyscale.com/reference/api-keys",
    ),
    Shape(
        "modal-token-secret",
        "as-",
        f"{ALNUM}{{22}}",
        "https://modal.com/docs/reference/modal.config",
    ),
    Shape(
        "runpod-key",
        "rpa_",
        f"{UPPER}{{32}}{LOWER}{{6,16}}|{UPPER}{{40,50}}",
        "https://docs.runpod.io/get-started/api-keys",
    ),
    Shape("mem0-key", "m0-", f"{ALNUM}{{40}}", "https://docs.mem0.ai/api-reference"),
    Shape(
        "cartesia-key",
        "sk_car_",
        f"{ALNUM}{{20,48}}",
        "https://docs.cartesia.ai/get-started/make-an-api-request",
    ),
    Shape(
        "chroma-cloud-key",
        "ck-",
        f"{ALNUM}{{44}}",
        "https://docs.trychroma.com/cloud/getting-started",
    ),
    Shape(
        "llamacloud-key",
        "llx-",
        f"{ALNUM}{{48}}",
        "https://docs.cloud.llamaindex.ai/llamacloud/getting_started/api_key",
    ),
    Shape(
        "browserbase-key",
        ("bb_live_", "bb_test_"),
        f"{URL}{{27}}",
        "https://docs.browserbase.com/introduction/getting-started",
    ),
    Shape(
        "cursor-key",
        "crsr_",
        f"{HEX}{{64}}",
        "https://docs.cursor.com/account/teams/admin-api",
    ),
    Shape(
        "vercel-token",
        ("vcp_", "vci_", "vca_", "vcr_", "vck_"),
        f"{ALNUM}{{50,64}}",
        _VERCEL,
    ),
)
