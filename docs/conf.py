"""Sphinx's settings."""

project = "secretscope"
copyright = "2026, the secretscope authors"
extensions = ["myst_parser", "sphinx_copybutton"]
html_theme = "furo"
html_title = "secretscope"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#2b5d8a",
        "color-brand-content": "#2b5d8a",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8ab8e6",
        "color-brand-content": "#8ab8e6",
    },
}
pygments_style = "friendly"
pygments_dark_style = "github-dark"
copybutton_prompt_text = "$ "  # copies the commands of a console, not their output
myst_heading_anchors = 3
exclude_patterns = ["_build"]

# --- the reference, from docstrings --------------------------------------------------

extensions += ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
default_role = "code"  # docstrings write `name` as comments do
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False

# A reference must resolve (-n), but for what is documented elsewhere or is private. That
# all that is public stands in the reference is held by tests/test_reference.py.
_ELSEWHERE = (
    "anthropic|anyio|collections|contextlib|dependency_injector|fastapi|flask|httpx2|keyring"
    "|logging|openai|opentelemetry|os|pathlib|random|ssl|starlette|threading"
)
_ALIASES = (
    "AnyProvider|AsyncAnthropic|AsyncOpenAI|Beside|Sink|Progress|Subscriber|Redactor"
    "|RedactedIterator|TextStream"
)
nitpick_ignore_regex = [
    ("py:.*", rf"({_ELSEWHERE})\..*"),
    ("py:.*", rf"{_ALIASES}|.*\.T|.*\[.*"),
    ("py:.*", r"secretscope\.([a-z]+\.)*_.*"),
]


def draw_the_tree(_, what, name, *rest):
    """Show the tree of errors as it is drawn at the top of its module."""
    if name == "secretscope.errors":
        lines = rest[-1]
        lines[:] = ["::", "", *(f"   {line}" for line in lines[2:])]


def leave_making_to_lifetimes(_, what, name, *rest):
    """Show no parameters of what lifetimes make, and users are only handed."""
    if what == "class" and name.startswith("secretscope.scopes."):
        return "", None
    return None


def setup(app):
    app.connect("autodoc-process-docstring", draw_the_tree)
    app.connect("autodoc-process-signature", leave_making_to_lifetimes)
