"""What may go wrong on the way, on a script."""

from attrs import define, field


@define(eq=False)
class Fault:
    """One thing that goes wrong with a request.

    Attributes:
        path: what the request's path must hold.
        method: its method; an empty one is any.
        times: how often; 0 is for ever.
        status: what is answered instead.
        headers: with which headers, ``retry-after`` for one.
        body: with which body.
        hang: never answer.
        reset: cut the connection off.
        cut: answer, and leave out so many bytes at the end.
        late: wait so many seconds, and answer.
    """

    path: str = ""
    method: str = ""
    times: int = 1
    status: int = 0
    headers: dict[str, str] = field(factory=dict)
    body: bytes = b'{"errors":["scripted"]}'
    hang: bool = False
    reset: bool = False
    cut: int = 0
    late: float = 0.0
