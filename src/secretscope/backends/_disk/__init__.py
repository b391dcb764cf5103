"""What stores on a disk share: reading what is written meanwhile, noticing changes."""

from secretscope.backends._disk._alarm import Alarm
from secretscope.backends._disk._reading import Place, Reader, Reading
from secretscope.backends._disk._seen import Seen
from secretscope.backends._disk._signature import Signature, signature_of

__all__ = ["Alarm", "Place", "Reader", "Reading", "Seen", "Signature", "signature_of"]
