"""views.*: modals and Home tabs.

Source: Slack's reference of views.open, views.push, views.update and views.publish.
"""

from typing import Any

from bot.sandbox.workspace import shapes
from bot.sandbox.workspace.calls import Call, Method
from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.messages import Json


def open_view(call: Call) -> Json:
    """views.open."""
    view = call.modals.open(call.required("trigger_id"), _view(call))
    return {"view": shapes.view(call.platform, view)}


def push(call: Call) -> Json:
    """views.push."""
    view = call.modals.push(call.required("trigger_id"), _view(call))
    return {"view": shapes.view(call.platform, view)}


def update(call: Call) -> Json:
    """views.update."""
    view = call.modals.update(call.text("view_id"), call.text("external_id"), call.text("hash"), _view(call))
    return {"view": shapes.view(call.platform, view)}


def publish(call: Call) -> Json:
    """views.publish."""
    view = call.modals.publish(call.required("user_id"), call.text("hash"), _view(call))
    return {"view": shapes.view(call.platform, view)}


def _view(call: Call) -> Any:
    view = call.structure("view")
    if view is None:
        raise ApiError("invalid_arguments", ["[ERROR] missing required field: view"])
    return view


METHODS = {
    "views.open": Method(open_view, (), 100),
    "views.push": Method(push, (), 100),
    "views.update": Method(update, (), 100),
    "views.publish": Method(publish, (), 100),
}
