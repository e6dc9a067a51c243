"""The refusals of the sandbox cloud, with the codes and HTTP statuses that the API documents.

Sources: RDS API reference, appendix "Error Codes"; API gateway, "Error Codes".
"""

from collections.abc import Mapping
from typing import Any

_RDS: Mapping[str, tuple[int, str]] = {
    "DBS.111205": (500, "Service request timed out."),
    "DBS.200001": (400, "Parameter error."),
    "DBS.200002": (404, "DB instance not found."),
    "DBS.200006": (400, "The request is empty."),
    "DBS.200010": (403, "The operation is not authorized."),
    "DBS.200013": (404, "The original DB instance does not exist."),
    "DBS.200019": (409, "Another operation is being performed on the DB instance or the DB instance is faulty."),
    "DBS.200037": (400, "The versions of the DB instances are inconsistent."),
    "DBS.200040": (400, "The DB engine is not supported."),
    "DBS.200086": (400, "The operation is not allowed by the DB instance status."),
    "DBS.200306": (400, "The new storage space must be at least that of the original DB instance."),
    "DBS.200316": (409, "The storage of the DB instance is full."),
    "DBS.200402": (409, "Invalid operation."),
    "DBS.200543": (400, "The task does not exist."),
    "DBS.201010": (404, "The backup information does not exist."),
    "DBS.201035": (400, "The new database name must be different from existing ones."),
    "DBS.201201": (409, "The object already exists."),
    "DBS.201205": (409, "A backup task is in progress."),
    "DBS.201207": (400, "The backup is of a type that does not support this operation."),
    "DBS.201208": (400, "The backup status does not allow this operation."),
    "DBS.280001": (400, "Parameter error."),
    "DBS.280015": (403, "Resource not found or permission denied."),
    "DBS.280128": (400, "The database does not exist."),
    "DBS.280204": (400, "The parameter value is out of range."),
    "DBS.280214": (400, "The backup does not exist."),
    "DBS.280238": (400, "The operation is not supported by this DB engine or version."),
    "DBS.280404": (400, "The DB instance ID or node ID format is invalid."),
    "DBS.280406": (409, "The DB instance type or status does not allow this operation."),
    "DBS.280449": (400, "The DB instance has been frozen."),
}


class ApiError(Exception):
    """An answer that says no. `code` and `status` as documented; `headers` are sent along."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON body. The gateway puts the request id into it, RDS does not."""
        if self.code.startswith("APIGW."):
            return {"error_msg": self.message, "error_code": self.code, "request_id": request_id}
        return {"error_code": self.code, "error_msg": self.message}


class IamError(ApiError):
    """A refusal by the identity service, which has a body of its own shape."""

    def __init__(self, status: int, title: str, message: str) -> None:
        super().__init__(status, f"IAM.{status}", message)
        self.title = title

    def body(self, request_id: str) -> dict[str, Any]:
        """The nested body, without the request id."""
        del request_id
        return {"error": {"message": self.message, "code": self.status, "title": self.title}}


def refusal(code: str, detail: str = "") -> ApiError:
    """The documented refusal of that code, with what exactly is wrong. Raises KeyError for a code not listed here."""
    status, message = _RDS[code]
    return ApiError(status, code, f"{message} {detail}".rstrip())


def not_published() -> ApiError:
    """No such address: wrong path, method, version or region."""
    return ApiError(404, "APIGW.0101", "The API does not exist or has not been published in the environment.")


def unauthenticated(reason: str) -> ApiError:
    """The caller could not be identified."""
    return ApiError(401, "APIGW.0301", f"Incorrect IAM authentication information: {reason}")


def throttled(limit: int, retry_after: int) -> ApiError:
    """Too many calls; come back after so many seconds."""
    message = f"The throttling threshold has been reached: policy user over ratelimit,limit:{limit},time:1 minute"
    return ApiError(429, "APIGW.0308", message, {"Retry-After": str(retry_after)})
