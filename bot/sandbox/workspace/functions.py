"""Steps of workflows: a step is begun, and waits for the app to say how it ended.

Source: Slack's documentation of the function_executed event.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.workspace.messages import Json


@dataclass
class Execution:
    """A step that was begun. `outputs` and `error` say how it ended; neither: it still runs."""

    id: str
    callback_id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] | None = None
    error: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the app has said how it ended."""
        return self.outputs is not None or self.error is not None


@dataclass
class Functions:
    """All steps of all workflows."""

    executions: dict[str, Execution] = field(default_factory=dict)

    def begin(self, callback_id: str, inputs: Mapping[str, Any]) -> Execution:
        """A workflow comes to the app's step."""
        execution = Execution(f"Fx{secrets.token_hex(5).upper()}", callback_id, dict(inputs))
        self.executions[execution.id] = execution
        return execution


def executed(execution: Execution, moment: str, bot_token: str) -> Json:
    """The event that tells the app."""
    return {
        "type": "function_executed",
        "function": {
            "id": "Fn0RESTORE",
            "callback_id": execution.callback_id,
            "title": execution.callback_id,
            "type": "app",
            "input_parameters": [{"name": name, "type": "string", "is_required": False} for name in execution.inputs],
            "output_parameters": [],
        },
        "inputs": dict(execution.inputs),
        "function_execution_id": execution.id,
        "workflow_execution_id": "Wx0STORY",
        "event_ts": moment,
        "bot_access_token": bot_token,
    }
