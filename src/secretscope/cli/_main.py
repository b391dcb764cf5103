"""The way in: it needs the extra ``cli``, and says so where it is not installed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

_EXTRA = ("click", "rich")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: its arguments; the process's own without it.

    Returns:
        0: all is well. 1: something is missing, was found (`scan`), or was edited
        (`audit verify`). 2: the call or the configuration is wrong. 3: a store did
        not do its part. 130: interrupted.
    """
    try:
        run = importlib.import_module("secretscope.cli._run")
    except ModuleNotFoundError as absent:
        if absent.name not in _EXTRA:
            raise
        missing = absent.name
    else:
        code: int = run.run(sys.argv[1:] if argv is None else list(argv))
        return code
    print(
        f"secretscope: the command line needs {missing}: "
        "pip install 'secretscope[cli]'",
        file=sys.stderr,
    )
    return 2
