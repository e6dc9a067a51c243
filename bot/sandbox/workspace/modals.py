"""Opens, stacks, changes and closes views. Used by the views.* methods and by acknowledgements of submissions.

Source: Slack's documentation of modals, views.open, views.push, views.update and views.publish.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.passes import Trigger
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.validation import check_view
from bot.sandbox.workspace.values import carried_over, initial_values, with_ids
from bot.sandbox.workspace.views import View

STACK_MAX = 3


@dataclass(frozen=True, slots=True)
class Modals:
    """All views of a workspace. What the app may not do raises ApiError."""

    platform: Platform

    def open(self, trigger_id: str, body: Any) -> View:
        """A first modal; it takes the place of whatever modal the person had open."""
        check_view(body, kind="modal")
        trigger = self._trigger(trigger_id)
        self._external_id_is_free(body, None)
        self.platform.triggers.use(trigger_id)
        view = self._new(trigger.user, body, channel=trigger.channel)
        self.platform.workspace.show(trigger.user, [view])
        return view

    def push(self, trigger_id: str, body: Any) -> View:
        """A modal on top of the one that the trigger comes from."""
        check_view(body, kind="modal")
        trigger = self._trigger(trigger_id)
        stack = self.platform.workspace.views[trigger.user]
        if not trigger.in_modal or not stack:
            raise ApiError("invalid_trigger_id")
        view = self.stacked(stack[-1], body)
        self.platform.triggers.use(trigger_id)
        return view

    def stacked(self, below: View, body: Any) -> View:
        """A modal on top of another one."""
        check_view(body, kind="modal")
        stack = self.platform.workspace.views[below.user]
        if len(stack) >= STACK_MAX:
            raise ApiError("push_limit_reached")
        self._external_id_is_free(body, None)
        view = self._new(below.user, body, channel=below.channel, root=below.root_id, previous=below.id)
        self.platform.workspace.show(below.user, [*stack, view])
        return view

    def update(self, view_id: str, external_id: str, view_hash: str, body: Any) -> View:
        """Replace an open view's content, by its id or by the app's own id for it."""
        if bool(view_id) == bool(external_id):
            raise ApiError("invalid_arguments", ["[ERROR] give either view_id or external_id"])
        found = [
            view
            for view in self.platform.workspace.all_views()
            if view.id == view_id or (external_id and view.external_id == external_id)
        ]
        if not found:
            raise ApiError("not_found")
        if view_hash and view_hash != found[0].hash:
            raise ApiError("hash_conflict")
        return self.replaced(found[0], body)

    def replaced(self, view: View, body: Any) -> View:
        """The same view with another content; what was entered stays where block id and action id stay."""
        check_view(body, kind=view.type)
        self._external_id_is_free(body, view.id)
        complete = _complete(body)
        changed = replace(
            view,
            body=complete,
            hash=self.platform.view_hash(),
            values=carried_over(view.values, complete["blocks"], view.channel),
            errors={},
        )
        self.platform.workspace.put(changed)
        return changed

    def publish(self, user: str, view_hash: str, body: Any) -> View:
        """Somebody's Home tab."""
        if not self.platform.app.home_tab:
            raise ApiError("not_enabled")
        check_view(body, kind="home")
        if user not in self.platform.workspace.people:
            raise ApiError("invalid_arguments", ["[ERROR] invalid user_id [json-pointer:/user_id]"])
        before = self.platform.workspace.homes.get(user)
        if view_hash and before is not None and view_hash != before.hash:
            raise ApiError("hash_conflict")
        if before is not None:
            return self.replaced(before, body)
        view = replace(self._new(user, body), type="home")
        self.platform.workspace.put(view)
        return view

    def refuse(self, view: View, errors: Mapping[str, str]) -> None:
        """Show errors at the view's fields."""
        current = self.platform.workspace.view(view.id)
        if current is not None:
            self.platform.workspace.note(replace(current, errors=dict(errors)))

    def enter(self, view: View, values: Mapping[str, Mapping[str, Json]]) -> View:
        """Store what a person has entered; the app is not told."""
        changed = replace(view, values=values)
        self.platform.workspace.note(changed)
        return changed

    def close(self, view: View) -> None:
        """Take one modal, and what lies on it, off the stack."""
        stack = self.platform.workspace.views[view.user]
        places = [place for place, each in enumerate(stack) if each.id == view.id]
        if places:
            self.platform.workspace.show(view.user, stack[: places[0]])

    def clear(self, user: str) -> None:
        """Take all modals away."""
        self.platform.workspace.show(user, ())

    def _trigger(self, trigger_id: str) -> Trigger:
        return self.platform.triggers.look(trigger_id, self.platform.now())

    def _external_id_is_free(self, body: Mapping[str, Any], own: str | None) -> None:
        name = body.get("external_id")
        if name and any(view.external_id == name and view.id != own for view in self.platform.workspace.all_views()):
            raise ApiError("duplicate_external_id")

    def _new(
        self, user: str, body: Json, *, channel: str | None = None, root: str | None = None, previous: str | None = None
    ) -> View:
        view_id = f"V{secrets.token_hex(5).upper()}"
        complete = _complete(body)
        return View(
            id=view_id,
            user=user,
            type=complete["type"],
            body=complete,
            hash=self.platform.view_hash(),
            values=initial_values(complete["blocks"], channel),
            root_id=root or view_id,
            previous_id=previous,
            channel=channel,
        )


def _complete(body: Json) -> Json:
    return {**body, "blocks": with_ids(body["blocks"])}
