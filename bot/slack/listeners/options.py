"""Typeahead: never more than a hundred options, never none, always in time."""

import asyncio
from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models.blocks import Option

from bot.domain.errors import BotError
from bot.domain.facts import Backup, Instance
from bot.domain.preflight import unfit_target
from bot.domain.rules_point import PARTIAL_BACKUPS
from bot.slack import ids
from bot.slack.opening import backup_label, instance_label
from bot.slack.payloads import form_state, view_of
from bot.slack.render import limits
from bot.slack.render.form import FormState, option
from bot.slack.services import Services
from bot.workflow.look_up import named

PATIENCE = 2.2
"""Seconds. Slack shows an error after three."""
ENVIRONMENT_TAGS = frozenset({"env", "environment", "stage"})
SLOW = "The cloud does not answer in time. Type again to retry."


def register(app: AsyncApp, services: Services) -> None:
    """Offer instances and backups."""

    @app.options(ids.SOURCE)
    async def sources(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(options=await _in_time(_instances(services, form_state(view_of(body)), _typed(body))))

    @app.options(ids.TARGET)
    async def targets(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(options=await _in_time(_targets(services, form_state(view_of(body)), _typed(body))))

    @app.options(ids.BACKUP)
    async def backups(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(options=await _in_time(_backups(services, form_state(view_of(body)), _typed(body))))


async def _in_time(finding: Any) -> list[dict[str, Any]]:
    try:
        async with asyncio.timeout(PATIENCE):
            found: list[Option] = await finding
    except TimeoutError:
        found = [option(ids.NOTHING, SLOW)]
    except BotError as error:
        found = [option(ids.NOTHING, error.message)]
    return [each.to_dict() for each in found]


async def _instances(services: Services, state: FormState, typed: str) -> list[Option]:
    found = await _matching(services, state, typed)
    return _at_most([_instance(each, None) for each in found], _none_found(typed))


async def _targets(services: Services, state: FormState, typed: str) -> list[Option]:
    """Those that fit the source come first; the others say why not, so that nobody wonders where they are. What was typed
    in full stands before everything."""
    found = await _matching(services, state, typed)
    source = await named(services.cloud, state.project, state.source.id) if state.source else None
    if source is None:
        return _at_most([_instance(each, None) for each in found], _none_found(typed))
    now = services.clock.now()
    judged = [(unfit_target(source, each, now), each) for each in found]
    judged.sort(key=lambda pair: (not _is_exact(pair[1], typed), pair[0] is not None))
    return _at_most([_instance(each, why) for why, each in judged], _none_found(typed))


async def _matching(services: Services, state: FormState, typed: str) -> list[Instance]:
    """Best first: the name or id itself, then names that begin like it, then names, then whatever else is shown."""
    found = [
        each
        for each in await services.cloud.instances(state.project)
        if typed in instance_label(each).casefold() or typed in (_note(each) or "").casefold() or typed == each.id
    ]
    found.sort(key=lambda each: _distance(each, typed))
    return found


def _is_exact(instance: Instance, typed: str) -> bool:
    return typed in (instance.name.casefold(), instance.id)


def _distance(instance: Instance, typed: str) -> int:
    name = instance.name.casefold()
    if _is_exact(instance, typed):
        return 0
    if name.startswith(typed):
        return 1
    return 2 if typed in name else 3


def _none_found(typed: str) -> str:
    return f"No instance matches “{typed}”." if typed else "This project has no instances."


def _instance(instance: Instance, why_not: str | None) -> Option:
    return option(instance.id, instance_label(instance), f"✗ {why_not}" if why_not else _note(instance))


async def _backups(services: Services, state: FormState, typed: str) -> list[Option]:
    if state.source is None:
        return [option(ids.NOTHING, "Choose the source first.")]
    backups = await services.cloud.backups(state.project, state.source.id)
    found = [
        option(backup.id, backup_label(backup), _why_not(backup))
        # Those that can be restored come first; the others stay visible, so that nobody wonders where they are.
        for backup in sorted(backups, key=lambda backup: _why_not(backup) is not None)
        if typed in backup_label(backup).casefold() or typed == backup.id
    ]
    return _at_most(found, f"No backup matches “{typed}”." if typed else "This instance has no backups.")


def _why_not(backup: Backup) -> str | None:
    if backup.type in PARTIAL_BACKUPS:
        return "not a full backup: cannot be restored by itself"
    return None if backup.status == "COMPLETED" else f"{backup.status}: cannot be restored"


def _note(instance: Instance) -> str | None:
    """What sets it apart: the environment that it is tagged with, a status other than the normal one, its kind."""
    parts = [value for key, value in instance.tags if key.casefold() in ENVIRONMENT_TAGS]
    if instance.status != "ACTIVE":
        parts.append(instance.status)
    if instance.kind == "Replica":
        parts.append("read replica")
    return " · ".join(parts) or None


def _at_most(found: Sequence[Option], nothing: str) -> list[Option]:
    """As many as Slack takes; the last one says how many are not shown."""
    if len(found) <= limits.OPTIONS:
        return [*found] or [option(ids.NOTHING, nothing)]
    shown = found[: limits.OPTIONS - 1]
    return [*shown, option(ids.NOTHING, f"… and {len(found) - len(shown)} more: type a part of the name")]


def _typed(body: dict[str, Any]) -> str:
    return str(body.get("value") or "").strip().casefold()
