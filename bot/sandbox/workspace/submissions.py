"""Submitting and closing modals, and what the app's answer does to the stack.

Source: Slack's documentation of modals: view_submission, response_action, view_closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.workspace.courier import Courier
from bot.sandbox.workspace.errors import ApiError, NotThere
from bot.sandbox.workspace.interactions import Outcome
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.modals import Modals
from bot.sandbox.workspace.payloads import Payloads
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.values import merged, refusals
from bot.sandbox.workspace.views import View

TROUBLE = "We had some trouble connecting. Try again?"
"""What Slack shows if the app is silent or answers nonsense."""


@dataclass(frozen=True, slots=True)
class Submissions:
    """The buttons at the foot of a modal."""

    platform: Platform
    courier: Courier

    async def submit(self, user: str, view_id: str, entered: Mapping[str, Mapping[str, Json]]) -> Outcome:
        """The submit button. What the client can see for itself is refused without asking the app."""
        modals = Modals(self.platform)
        view = self.top(user, view_id)
        if "submit" not in view.body:
            raise NotThere(f"{view.title} has no submit button")
        view = modals.enter(view, merged(view, entered))
        refused = refusals(view)
        if refused:
            modals.refuse(view, refused)
            return Outcome(errors=refused)
        modals.refuse(view, {})
        ack = await self.courier.interaction(Payloads(self.platform).submission(view))
        if ack.problem is not None:
            return Outcome(TROUBLE)
        try:
            return self._obey(view, ack.body or {})
        except ApiError as error:
            return self._nonsense(view, f"{error.code} {'; '.join(error.messages)}")

    async def close(self, user: str, view_id: str, *, everything: bool = False) -> Outcome:
        """The close button, or the cross that closes everything."""
        view = self.top(user, view_id)
        cleared = everything or bool(view.body.get("clear_on_close", False))
        closed = self.platform.workspace.views[user][::-1] if cleared else (view,)
        if cleared:
            Modals(self.platform).clear(user)
        else:
            Modals(self.platform).close(view)
        for each in closed:
            if each.body.get("notify_on_close", False):
                await self.courier.interaction(Payloads(self.platform).closed(each, cleared=cleared))
        return Outcome()

    def top(self, user: str, view_id: str) -> View:
        """The modal on top of the person's stack. Raises NotThere if it is not this one."""
        stack = self.platform.workspace.views[user]
        if not stack or stack[-1].id != view_id:
            raise NotThere(f"the modal {view_id} is not in front of {user}")
        return stack[-1]

    def _obey(self, view: View, body: Mapping[str, Any]) -> Outcome:
        modals = Modals(self.platform)
        action = body.get("response_action")
        if not body:
            modals.close(view)
        elif action == "clear":
            modals.clear(view.user)
        elif action == "errors":
            return self._errors(view, body.get("errors"))
        elif action == "update":
            current = self.platform.workspace.view(view.id)
            if current is not None:
                modals.replaced(current, body.get("view"))
        elif action == "push":
            modals.stacked(view, body.get("view"))
        else:
            return self._nonsense(view, f"unknown response_action {action}")
        return Outcome()

    def _errors(self, view: View, errors: Any) -> Outcome:
        if not isinstance(errors, dict) or not errors or not all(isinstance(words, str) for words in errors.values()):
            return self._nonsense(view, f"errors must be words by block id, not {errors!r}")
        strangers = errors.keys() - set(view.inputs)
        if strangers:
            return self._nonsense(view, f"errors for {', '.join(sorted(strangers))}: no such input block")
        Modals(self.platform).refuse(view, errors)
        return Outcome(errors=errors)

    def _nonsense(self, view: View, words: str) -> Outcome:
        self.platform.problems.append(f"answer to the submission of {view.callback_id or view.title}: {words}")
        return Outcome(TROUBLE)
