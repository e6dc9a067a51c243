"""Typeahead: never more than a hundred options, never none, always in time."""

import asyncio
from collections.abc import Iterable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models.blocks import Option

from bot.domain.errors import BotError
from bot.domain.facts import Backup
from bot.domain.rules_point import PARTIAL_BACKUPS
from bot.slack import ids
from bot.slack.opening import backup_label, instance_label
from bot.slack.payloads import form_state, view_of
from bot.slack.render import limits
from bot.slack.render.form import FormState, option
from bot.slack.services import Services

PATIENCE = 2.2
"""Seconds. Slack shows an error after three."""
SLOW = "The cloud does not answer in time. Type again to retry."


def register(app: AsyncApp, services: Services) -> None:
    """Offer instances and backups."""

    @app.options(ids.SOURCE)
    async def sources(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(options=await _in_time(_instances(services, form_state(view_of(body)), _typed(body))))

    @app.options(ids.TARGET)
    async def targets(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(options=await _in_time(_instances(services, form_state(view_of(body)), _typed(body))))

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
    instances = await services.cloud.instances(state.project)
    found = (
        option(instance.id, instance_label(instance), _note(instance.status, instance.kind))
        for instance in instances
        if typed in instance_label(instance).casefold() or typed == instance.id
    )
    return _at_most(found, f"No instance matches “{typed}”." if typed else "This project has no instances.")


async def _backups(services: Services, state: FormState, typed: str) -> list[Option]:
    if state.source is None:
        return [option(ids.NOTHING, "Choose the source first.")]
    backups = await services.cloud.backups(state.project, state.source.id)
    found = (
        option(backup.id, backup_label(backup), _why_not(backup))
        # Those that can be restored come first; the others stay visible, so that nobody wonders where they are.
        for backup in sorted(backups, key=lambda backup: _why_not(backup) is not None)
        if typed in backup_label(backup).casefold() or typed == backup.id
    )
    return _at_most(found, f"No backup matches “{typed}”." if typed else "This instance has no backups.")


def _why_not(backup: Backup) -> str | None:
    if backup.type in PARTIAL_BACKUPS:
        return "not a full backup: cannot be restored by itself"
    return None if backup.status == "COMPLETED" else f"{backup.status}: cannot be restored"


def _note(status: str, kind: str) -> str | None:
    parts = [status] if status != "ACTIVE" else []
    if kind == "Replica":
        parts.append("read replica")
    return ", ".join(parts) or None


def _at_most(found: Iterable[Option], nothing: str) -> list[Option]:
    return list(found)[: limits.OPTIONS] or [option(ids.NOTHING, nothing)]


def _typed(body: dict[str, Any]) -> str:
    return str(body.get("value") or "").strip().casefold()
