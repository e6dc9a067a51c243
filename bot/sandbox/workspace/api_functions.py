"""functions.*: the app says how a workflow's step ended.

Source: Slack's reference of functions.completeSuccess and functions.completeError.
"""

from bot.sandbox.workspace.calls import Call, Method
from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.functions import Execution
from bot.sandbox.workspace.messages import Json


def complete_success(call: Call) -> Json:
    """functions.completeSuccess."""
    _running(call).outputs = dict(call.structure("outputs") or {})
    return {}


def complete_error(call: Call) -> Json:
    """functions.completeError."""
    _running(call).error = call.required("error")
    return {}


def _running(call: Call) -> Execution:
    found = call.platform.functions.executions.get(call.required("function_execution_id"))
    if found is None:
        raise ApiError("invalid_function_execution")
    if found.ended:
        raise ApiError("function_execution_not_in_running_state")
    return found


METHODS = {
    "functions.completeSuccess": Method(complete_success, (), 100),
    "functions.completeError": Method(complete_error, (), 100),
}
