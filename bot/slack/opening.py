"""Opens the restore form: a skeleton at once, the filled form as soon as the cloud has answered."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError, Refused
from bot.domain.facts import Backup, Instance, Window
from bot.domain.people import Person, Place
from bot.domain.policy import SafetyBackup
from bot.domain.request import Request
from bot.slack import ids
from bot.slack.command_text import Form
from bot.slack.payloads import dump_form
from bot.slack.places import KnownPlaces
from bot.slack.render import text
from bot.slack.render.form import Choice, FormState, notice, restore_form, skeleton
from bot.slack.render.refused import refused
from bot.slack.restore_time import read_time
from bot.slack.services import Services
from bot.slack.showing import show
from bot.workflow.look_up import named

RANGES_SHOWN = 5
AT_ONCE: dict[str, Any] = skeleton().to_dict()
"""The same for everybody, so it is made once: a trigger lives for three seconds."""


@dataclass(frozen=True, slots=True)
class FormOpener:
    """Builds the form for the places it can be opened from."""

    services: Services
    places: KnownPlaces = field(default_factory=KnownPlaces)

    async def open(
        self,
        client: AsyncWebClient,
        trigger_id: str,
        place: Place | None,
        typed: Form,
        *,
        person: Person,
        project: str | None = None,
        execution: str | None = None,
    ) -> None:
        """Open the form for `person`. `place` is None where a channel must still be chosen; `project` narrows the search;
        `execution` is the step of a workflow that waits for the end."""
        opened = await client.views_open(trigger_id=trigger_id, view=AT_ONCE)
        view: dict[str, Any] = opened["view"]
        try:
            if place is not None:
                await self.places.check(client, person.organisation, place.channel)
            state = await self._filled(place, typed, [project] if project else self.services.policies.projects)
            echo = await meaning(self.services, person, state.time) if state.time else ""
            state = replace(state, execution=execution, echo=echo)
        except BotError as error:
            shown = notice("Not possible here", refused(error))
        else:
            shown = self.render(state)
        await show(client, shown, view_id=view["id"], hash=view.get("hash"))

    async def open_undo(self, client: AsyncWebClient, trigger_id: str, request: Request, person: Person) -> None:
        """Open the form, filled with the way back: the backup that was made before, onto the same instance.

        Raises Refused `no_way_back`.
        """
        run, target = request.backup, request.wish.target
        if not request.has_way_back or run is None or run.backup_id is None:
            raise Refused("no_way_back", f"Request {request.id} has no safety backup to go back to.")
        typed = Form(source=target.id, target=target.id, backup=run.backup_id)
        await self.open(client, trigger_id, request.place, typed, person=person, project=request.wish.project)

    def render(self, state: FormState, without: Collection[str] = ()) -> View:
        """The form for this state. Fields in `without` are left out."""
        projects = self.services.policies.projects
        offers = any(policy.safety_backup is SafetyBackup.OFFERED for policy in self.services.policies.all)
        return restore_form(state, projects, dump_form(state), offers_backup=offers, without=without)

    async def with_source(self, state: FormState, source: Choice | None) -> FormState:
        """The state after another source was chosen: what hung on the old one goes."""
        state = replace(state, source=source, source_engine="", backup=None, ranges=(), notices=())
        if source is None:
            return state
        try:
            instance = await named(self.services.cloud, state.project, source.id)
            if instance is not None:
                state = replace(state, source_engine=instance.engine)
            return await self.with_ranges(state)
        except BotError as error:
            return replace(state, notices=(error.message,))

    async def with_ranges(self, state: FormState) -> FormState:
        """The state with the ranges that its source can be restored to, in point-in-time mode."""
        if state.mode != ids.MODE_TIMESTAMP or state.source is None:
            return replace(state, ranges=())
        windows = await self.services.cloud.windows(state.project, state.source.id)
        return replace(state, ranges=_ranges(windows))

    async def _filled(self, place: Place | None, typed: Form, projects: Sequence[str]) -> FormState:
        state = FormState(
            channel=place.channel if place else None,
            thread=place.thread if place else None,
            project=projects[0],
            mode=ids.MODE_TIMESTAMP if typed.time else ids.MODE_BACKUP,
            time=typed.time,
        )
        if not typed.source and not typed.target:
            return state
        cloud = self.services.cloud
        found: list[tuple[str, Instance | None, Instance | None]] = []
        try:
            for project in projects:
                source, target = await asyncio.gather(
                    named(cloud, project, typed.source), named(cloud, project, typed.target)
                )
                found.append((project, source, target))
                if source is not None or target is not None:
                    break
        except BotError as error:
            return replace(state, notices=(error.message,))
        project, source, target = found[-1]
        state = replace(state, project=project, target=instance_choice(target) if target else None)
        if source is not None:
            state = await self.with_source(state, instance_choice(source))
            state = await self._with_backup(state, typed.backup)
        return replace(state, notices=(*state.notices, *_not_found(typed, source, target)))

    async def _with_backup(self, state: FormState, typed: str) -> FormState:
        if not typed or state.source is None:
            return state
        backups = await self.services.cloud.backups(state.project, state.source.id)
        wanted = [backup for backup in backups if typed in (backup.name, backup.id)]
        if not wanted:
            return replace(state, notices=(*state.notices, f"{state.source.label} has no backup named {typed}."))
        return replace(state, backup=Choice(wanted[0].id, backup_label(wanted[0])))


async def meaning(services: Services, person: Person, typed: str) -> str:
    """What a typed time is in UTC, and how much data a restore to it leaves out; else why it cannot be read. mrkdwn."""
    now = services.clock.now()
    try:
        profile = await services.directory.profile(person)
        at = read_time(typed, profile.time_zone, now)
    except BotError as error:
        return refused(error)
    return f"= {text.exactly(at)}. What was written in the last {text.span(now - at)} is left out."


def instance_choice(instance: Instance) -> Choice:
    """An instance as an option."""
    return Choice(instance.id, instance_label(instance))


def instance_label(instance: Instance) -> str:
    """Name, engine, version and size: what tells instances apart."""
    size = "" if instance.storage_gb is None else f" · {instance.storage_gb} GB"
    return f"{instance.name} · {instance.engine} {instance.version}{size}"


def backup_label(backup: Backup) -> str:
    """What state it holds (that of its end, as on the card), kind and name of a backup."""
    return f"{backup.ended_at or backup.began_at:%Y-%m-%d %H:%M} UTC · {backup.type} · {backup.name}"


def _ranges(windows: Sequence[Window]) -> tuple[str, ...]:
    if not windows:
        return ("nothing: this instance has no restorable time",)
    newest = sorted(windows, key=lambda window: window.start, reverse=True)[:RANGES_SHOWN]
    return tuple(f"• {text.when(window.start)} to {text.when(window.end)}" for window in newest)


def _not_found(typed: Form, source: Instance | None, target: Instance | None) -> list[str]:
    missing = []
    if typed.source and source is None:
        missing.append(f"There is no instance named {typed.source}. Choose the source below.")
    if typed.target and target is None:
        missing.append(f"There is no instance named {typed.target}. Choose the target below.")
    return missing
