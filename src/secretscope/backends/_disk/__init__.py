"""What stores on a disk share: reading what is written meanwhile, noticing changes."""

from secretscope.backends._disk._alarm import Alarm
from secretscope.backends._disk._reading import Place, Reader, Reading
from secretscope.backends._disk._seen import Seen
from secretscope.backends._disk._signature import Signature, signature_of
from secretscope.backends._disk._text import OpenFiles, bytes_of, replace, text_of

__all__ = [
    "Alarm",
    "OpenFiles",
    "Place",
    "Reader",
    "Reading",
    "Seen",
    "Signature",
    "bytes_of",
    "replace",
    "signature_of",
    "text_of",
]
