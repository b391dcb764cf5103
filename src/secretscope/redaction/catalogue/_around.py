"""What stands around models: search, vectors, traces, voices, the agents' own tools."""

from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._alphabets import ALNUM, HEX, LOWER, URL, UUID

_LANGSMITH = "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key"
_VERCEL = "https://vercel.com/docs/rest-api"

AROUND = (
    Shape(
        "letta-key",
        "sk-let-",
        r"[A-Za-z0-9+/]{40,}+={0,2}",
        "https://docs.letta.com/api-reference/overview",
        right="A-Za-z0-9+/",
    ),
    Shape(
        "langsmith-key",
        ("lsv2_pt_", "lsv2_sk_"),
        f"{HEX}{{32}}_{HEX}{{10}}",
        _LANGSMITH,
    ),
    Shape("langsmith-legacy-key", "ls__", f"{ALNUM}{{32,}}+", _LANGSMITH),
    Shape(
        "langfuse-secret-key",
        "sk-lf-",
        UUID,
        "https://langfuse.com/docs/api-and-data-platform/features/public-api",
    ),
    Shape(
        "humanloop-key",
        "hl_sk_",
        f"{ALNUM}{{32,64}}",
        "https://humanloop.com/docs/v5/reference/api-authentication",
    ),
    Shape(
        "tavily-key",
        "tvly-",
        f"(?:dev-|prod-)?{ALNUM}{{32,}}+",
        "https://docs.tavily.com/documentation/api-reference/introduction",
    ),
    Shape(
        "pinecone-key",
        "pcsk_",
        rf"{ALNUM}{{4,8}}_{ALNUM}{{40,80}}",
        "https://docs.pinecone.io/guides/projects/manage-api-keys",
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
        left="A-Za-z0-9_-",
        right="A-Za-z0-9",
    ),
    Shape(
        "brave-search-key",
        "BSA",
        f"(?=[A-Za-z_-]*[0-9])(?=[A-Z0-9_-]*[a-z]){URL}{{24,40}}",
        "https://api-dashboard.search.brave.com/app/documentation/web-search/get-started",
        left="A-Za-z0-9+/_-",
        right="A-Za-z0-9+/=_-",
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
    Shape("mem0-key", "m0-", f"{ALNUM}{{40,}}+", "https://docs.mem0.ai/api-reference"),
    Shape(
        "chroma-cloud-key",
        "ck-",
        f"{ALNUM}{{44}}",
        "https://docs.trychroma.com/cloud/getting-started",
        left="A-Za-z0-9_-",
        right="A-Za-z0-9",
    ),
    Shape(
        "turbopuffer-key",
        "tpuf_",
        f"{ALNUM}{{24,}}+",
        "https://turbopuffer.com/docs/auth",
    ),
    Shape(
        "llamacloud-key",
        "llx-",
        f"{ALNUM}{{48,}}+",
        "https://docs.cloud.llamaindex.ai/llamacloud/getting_started/api_key",
    ),
    Shape(
        "browserbase-key",
        ("bb_live_", "bb_test_"),
        f"{URL}{{27}}",
        "https://docs.browserbase.com/introduction/getting-started",
    ),
    Shape(
        "apify-token",
        ("apify_api_", "apify_proxy_", "apify_ui_"),
        f"{ALNUM}{{30,40}}",
        "https://docs.apify.com/platform/integrations/api",
    ),
    Shape(
        "cursor-key",
        "crsr_",
        f"{HEX}{{64}}",
        "https://docs.cursor.com/account/teams/admin-api",
    ),
    Shape(
        "cursor-legacy-key",
        "key_",
        f"{HEX}{{64}}",
        "https://docs.cursor.com/background-agent/api/overview",
    ),
    Shape(
        "devin-key",
        ("apk_user_", "apk_"),
        r"[A-Za-z0-9+/]{80,}+={0,2}",
        "https://docs.devin.ai/api-reference/overview",
    ),
    Shape(
        "devin-service-token",
        "cog_",
        "[a-z2-7]{52}",
        "https://docs.devin.ai/api-reference/overview",
    ),
    Shape(
        "vercel-token",
        ("vcp_", "vci_", "vca_", "vcr_", "vck_"),
        f"{URL}{{50,64}}",
        _VERCEL,
    ),
    Shape(
        "vercel-blob-token",
        "vercel_blob_rw_",
        f"{ALNUM}{{16}}_{ALNUM}{{30}}",
        "https://vercel.com/docs/vercel-blob/using-blob-sdk",
    ),
)
