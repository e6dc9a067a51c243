"""Redraws the form after a field was changed: what hangs on that field is read anew."""

from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.domain.people import Person
from bot.slack import ids
from bot.slack.opening import FormOpener, meaning
from bot.slack.payloads import View, entered, form_state
from bot.slack.render.form import Choice, FormState
from bot.slack.showing import Turns


async def redraw(opener: FormOpener, turns: Turns, client: AsyncWebClient, view: View, person: Person) -> None:
    """Bring the form up to what its fields say. Raises Refused `bad_payload` for a form of another time."""
    turn = turns.begin(view.id)
    before = form_state(view)
    after = await _caught_up(opener, before, view, person)
    stale, at = _stale(before, after, view), view.hash
    if stale:
        # Slack keeps what was entered where the ids stay: a field is emptied by leaving it out once.
        emptied = await turns.show(client, opener.render(after, without=stale), view_id=view.id, hash=at, turn=turn)
        if emptied is None:
            return
        at = emptied
    await turns.show(client, opener.render(after), view_id=view.id, hash=at, turn=turn)


async def _caught_up(opener: FormOpener, before: FormState, view: View, person: Person) -> FormState:
    state = replace(entered(before, view), notices=())
    if state.project != before.project:
        state = await opener.with_source(replace(state, target=None), None)
    elif _other(state.source, before.source) or (state.source is not None and not state.source_engine):
        # Without an engine: the cloud did not answer when this source was chosen.
        state = await opener.with_source(state, state.source)
    elif state.mode != before.mode:
        try:
            state = await opener.with_ranges(state)
        except BotError as error:
            state = replace(state, notices=(error.message,))
    if state.mode != ids.MODE_TIMESTAMP or not state.time:
        return replace(state, echo="")
    if state.time == before.time and before.echo:
        return state
    return replace(state, echo=await meaning(opener.services, person, state.time))


def _stale(before: FormState, after: FormState, view: View) -> frozenset[str]:
    """Fields whose choice belongs to a project or a source that is not chosen any more."""
    hanging: tuple[str, ...] = ()
    if after.project != before.project:
        hanging = (ids.SOURCE, ids.BACKUP, ids.TARGET)
    elif _other(after.source, before.source):
        hanging = (ids.BACKUP,)
    return frozenset(name for name in hanging if view.choice(name) is not None)


def _other(one: Choice | None, another: Choice | None) -> bool:
    return (one.id if one else None) != (another.id if another else None)
