"""The catalogue: every format we know, as data, with the place that documents it."""

from secretscope.redaction._context import Context
from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue._around import AROUND
from secretscope.redaction.catalogue._business import BUSINESS
from secretscope.redaction.catalogue._clouds import CLOUDS
from secretscope.redaction.catalogue._code import CODE
from secretscope.redaction.catalogue._general import GENERAL
from secretscope.redaction.catalogue._hosting import HOSTING
from secretscope.redaction.catalogue._models import MODELS
from secretscope.redaction.catalogue._monitoring import MONITORING
from secretscope.redaction.catalogue._operations import OPERATIONS
from secretscope.redaction.catalogue._payment import PAYMENT
from secretscope.redaction.catalogue._talk import TALK

CATALOGUE: tuple[Shape | Context, ...] = (
    *MODELS,
    *AROUND,
    *CLOUDS,
    *HOSTING,
    *CODE,
    *TALK,
    *PAYMENT,
    *BUSINESS,
    *OPERATIONS,
    *MONITORING,
    *GENERAL,
)

__all__ = ["CATALOGUE"]
