"""Signs requests with an access key, by the vendor's own signer (SDK-HMAC-SHA256)."""

from dataclasses import dataclass, field

import httpx
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from bot.workflow.ports import Clock

_SIGNED = ("content-type", "host", "x-project-id", "x-security-token")
_DATE = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Key:
    """An access key in the form that the vendor's signer reads. `security_token` belongs to temporary keys."""

    ak: str
    sk: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)


def sign(request: httpx.Request, key: Key, clock: Clock) -> None:
    """Add the headers of a signed call: X-Sdk-Date, X-Security-Token for temporary keys, Authorization.

    Signed are the method, the path, the query, the body and those of the headers content-type, host, x-project-id and
    x-security-token that are there. The body must be in memory. The cloud takes a clock that is off by at most 15 minutes.
    """
    if key.security_token is not None:
        request.headers["X-Security-Token"] = key.security_token
    request.headers["X-Sdk-Date"] = clock.now().strftime(_DATE)
    signed = {"X-Sdk-Date": request.headers["X-Sdk-Date"]}
    signed |= {name: request.headers[name] for name in _SIGNED if name in request.headers}
    vendors = SdkRequest(
        method=request.method,
        schema=request.url.scheme,
        host=request.headers["host"],
        resource_path=request.url.raw_path.partition(b"?")[0].decode("ascii"),
        query_params=request.url.params.multi_items(),
        header_params=signed,
        body=request.content,
    )
    request.headers["Authorization"] = Signer(key).sign(vendors).header_params["Authorization"]
