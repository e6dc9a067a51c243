"""Modal submissions: the form, its summary, the approval and the denial."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.models.views import View as Modal
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.domain.findings import Finding, blockers
from bot.domain.people import Person
from bot.domain.preflight import consequences
from bot.domain.request import Request
from bot.slack import ids
from bot.slack.errors import note
from bot.slack.form_input import FieldErrors, place_of, read_form
from bot.slack.held import words_with_link
from bot.slack.home_tab import publish_after
from bot.slack.payloads import View, approval_memory, entered, form_state, view_of
from bot.slack.places import check_place
from bot.slack.refusals import field_errors, first_input, refusal
from bot.slack.render import text
from bot.slack.render.form import notice, skeleton
from bot.slack.render.refused import refused
from bot.slack.render.review import problems, summary
from bot.slack.services import Services
from bot.slack.showing import show_pushed

PATIENCE = 2.0
"""Seconds that the check may take before the modal shows that it is still running; Slack waits three."""
BROKEN = "⛔ Something went wrong, and nothing was asked for. I tell you more in a direct message."


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the submissions."""
    _register_asking(app, services)
    _register_deciding(app, services)


def _register_asking(app: AsyncApp, services: Services) -> None:
    @app.view(ids.RESTORE_FORM)
    async def check(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        view = view_of(body)
        checking = asyncio.create_task(_check_and_say(services, client, view, context["person"]))
        done, _ = await asyncio.wait({checking}, timeout=PATIENCE)
        if done:
            await ack(**_answer(view, checking, services))
            return
        waiting = f"check-{uuid4()}"
        await ack(response_action="push", view=skeleton("Checking", "Asking the cloud…", external_id=waiting))
        await asyncio.wait({checking})
        try:
            shown = _late_answer(checking, services)
        except Exception:
            # Nobody waits for the hourglass; the one handler says the rest.
            await show_pushed(client, notice("That did not work", BROKEN), waiting)
            raise
        await show_pushed(client, shown, waiting)

    @app.view(ids.CONFIRM_REQUEST)
    async def confirm(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        try:
            await services.open_request.confirm(view_of(body).private_metadata, context["person"])
        except BotError as error:
            note(error, "view_submission")
            line = await words_with_link(services, client, error)
            await ack(response_action="update", view=notice("Not asked", line))
            return
        await ack(response_action="clear")


def _register_deciding(app: AsyncApp, services: Services) -> None:
    @app.view(ids.APPROVE_FORM)
    async def approve(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        view = view_of(body)
        memory = approval_memory(view)
        typed = view.text(ids.CONFIRM_TARGET)
        try:
            await services.decide.approve(memory.request_id, context["person"], memory.saw, typed)
        except BotError as error:
            await ack(**refusal(view, error, "Not approved"))
            return
        await ack()
        if memory.at_home:
            await publish_after(services, client, context["person"])

    @app.view(ids.DENY_FORM)
    async def deny(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        view = view_of(body)
        memory = approval_memory(view)
        try:
            await services.decide.deny(memory.request_id, context["person"], view.text(ids.REASON))
        except BotError as error:
            await ack(**refusal(view, error, "Not denied"))
            return
        await ack()
        if memory.at_home:
            await publish_after(services, client, context["person"])


class TargetHeld(Exception):
    """Another request holds the target. The words are mrkdwn, with a link, which no field error can show."""


async def _check_and_say(services: Services, client: AsyncWebClient, view: View, person: Person) -> Request:
    try:
        return await _check(services, client, view, person)
    except BotError as error:
        note(error, "view_submission")
        if error.request_id is None:
            raise
        raise TargetHeld(await words_with_link(services, client, error)) from error


async def _check(services: Services, client: AsyncWebClient, view: View, person: Person) -> Request:
    """The draft request, checked. Raises FieldErrors or BotError."""
    state = entered(form_state(view), view)
    place = place_of(view, state)
    profile = await services.directory.profile(person)
    draft = read_form(view, state, profile.time_zone, services.clock.now())
    if state.channel is None:
        try:
            await check_place(client, place.channel)
        except BotError as error:
            raise FieldErrors({ids.CHANNEL: error.message}) from error
    return await services.open_request.check(draft, person, place, state.execution)


def _answer(view: View, checking: "asyncio.Task[Request]", services: Services) -> dict[str, Any]:
    """The acknowledgement in time: errors at their fields, or the summary on top of the form."""
    try:
        request = checking.result()
    except FieldErrors as wrong:
        return field_errors(view, wrong.errors)
    except TargetHeld as held:
        return {"response_action": "push", "view": notice("The target is taken", str(held))}
    except BotError as error:
        return field_errors(view, {error.field or first_input(view): error.message})
    stops = blockers(request.findings)
    if stops:
        return field_errors(view, _at_fields(stops))
    return {"response_action": "push", "view": _summary(request, services)}


def _late_answer(checking: "asyncio.Task[Request]", services: Services) -> Modal:
    """The same, where the modal already shows that the check is running."""
    try:
        request = checking.result()
    except FieldErrors as wrong:
        return notice("Please go back", *(f"⛔ {text.said(line)}" for line in wrong.errors.values()))
    except TargetHeld as held:
        return notice("The target is taken", str(held))
    except BotError as error:
        return notice("Not possible", refused(error))
    return problems(request.findings) if blockers(request.findings) else _summary(request, services)


def _summary(request: Request, services: Services) -> Modal:
    return summary(request, consequences(request.wish, request.facts, services.clock.now()))


def _at_fields(stops: Sequence[Finding]) -> dict[str, str]:
    errors: dict[str, str] = {}
    for finding in stops:
        before = errors.get(finding.field)
        errors[finding.field] = f"{before} {finding.text}" if before else finding.text
    return errors
