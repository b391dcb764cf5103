"""Checks that tell what was drawn at random from what only has its length."""

_LEAST_DRAWN = 10


def drawn(found: str) -> bool:
    """Tell what was drawn at random from zeros in base64."""
    return len(set(found)) > _LEAST_DRAWN


def mixed(found: str) -> bool:
    """Tell what has capitals, small letters and digits from hashes and names."""
    tail = found[-16:]
    return (
        any(map(str.isupper, tail))
        and any(map(str.islower, tail))
        and any(map(str.isdigit, found))
    )
