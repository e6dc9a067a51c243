"""Says things in Slack, at Slack's pace."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cachetools import LRUCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import Refused, Unavailable
from bot.domain.events import Milestone, Note, Owed
from bot.domain.people import Person
from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.domain.states import FINAL, State
from bot.slack import ids
from bot.slack.faults import NO_ANSWER, NO_JSON, code_of, wait_of
from bot.slack.pace import OPENINGS, POSTS, UPDATES, Limit, Pace
from bot.slack.render.card import Message, card
from bot.slack.render.thread import plain_outcome, reply, to_requester
from bot.slack.workspaces import Workspaces
from bot.workflow.ports import Clock, SlackBusy, Undeliverable
from bot.workflow.store_ports import Post

Read = Callable[..., Awaitable[AsyncSlackResponse]]
SKEW = timedelta(minutes=2)
"""How far Slack's clock may be behind ours."""
PAGE, PAGES = 200, 5
"""How far back a message is looked for."""
NETWORK_WAIT = 2.0
PERMANENT = frozenset(
    {
        "access_denied", "account_inactive", "cannot_reply_to_message", "cant_update_message", "channel_not_found",
        "edit_window_closed", "function_execution_not_in_running_state", "invalid_blocks", "invalid_function_execution",
        "is_archived", "is_inactive", "missing_scope", "msg_blocks_too_long", "msg_too_long", "no_permission",
        "not_in_channel", "parameter_validation_failed", "restricted_action", "thread_not_found", "user_disabled",
        "user_not_found", "user_not_visible",
    }
)  # fmt: skip
"""Errors that trying again does not mend (source: chat.postMessage, chat.update, conversations.open)."""


@dataclass(frozen=True, slots=True)
class SlackMessenger:
    """Posts and edits; remembers nothing but its own pace."""

    workspaces: Workspaces
    clock: Clock
    paces: LRUCache[tuple[str, str], Pace] = field(default_factory=lambda: LRUCache(maxsize=10_000))
    """What is limited, and where: a workspace or a channel."""
    privates: LRUCache[Person, str] = field(default_factory=lambda: LRUCache(maxsize=10_000))
    """The channel of the direct messages with somebody."""
    links: LRUCache[Post, str] = field(default_factory=lambda: LRUCache(maxsize=10_000))
    """The permalink of a card."""

    def turn(self, request: Request, owed: Owed, card: Post | None) -> None:
        """See the port."""
        if owed.note is Note.CARD and card is not None:
            self._pace("update", request.requester.organisation, UPDATES, request, Note.CARD, take=False)
        elif owed.note in (Note.CARD, Note.THREAD, Note.FINAL):
            channel = request.place.channel if card is None else card.channel
            self._pace("post", channel, POSTS, request, owed.note, owed.milestone, take=False)
        elif owed.note is Note.TELL_REQUESTER:
            private = self.privates.get(request.requester)
            if private is None:
                self._pace("open", request.requester.organisation, OPENINGS, request, owed.note, take=False)
            else:
                self._pace("post", private, POSTS, request, owed.note, owed.milestone, take=False)

    async def prepare(self, request: Request, owed: Owed, card: Post | None) -> None:
        """See the port. A private message needs its channel and its link."""
        if owed.note is not Note.TELL_REQUESTER:
            return
        try:
            await self._private(request)
            if card is not None:
                await self._link(request, card)
        except SlackBusy as busy:
            wait = 0.0 if busy.in_doubt else busy.retry_after
            raise SlackBusy(busy.code, busy.message, retry_after=wait, in_doubt=False) from busy

    async def show_card(self, request: Request, policy: Policy | None, posted: Post | None) -> Post:
        """Post the card where the request lives, or edit the one that is there."""
        message = card(request, policy, self.clock.now())
        if posted is None:
            return await self._post(request, request.place.channel, message, Note.CARD, thread=request.place.thread)
        self._pace("update", request.requester.organisation, UPDATES, request, Note.CARD)
        try:
            client = await self._client(request)
            await _asked(
                client.chat_update(
                    channel=posted.channel,
                    ts=posted.ts,
                    text=message.text,
                    blocks=message.blocks,
                    metadata=_metadata(request, Note.CARD),
                )
            )
        except Undeliverable as error:
            if error.code != "message_not_found":
                raise
            # Somebody deleted the card: people still need one.
            return await self._post(request, request.place.channel, message, Note.CARD, thread=request.place.thread)
        return posted

    async def say(self, request: Request, policy: Policy | None, owed: Owed, card: Post) -> Post:
        """Reply under the card; the outcome is shown in the channel too."""
        thread = request.place.thread or card.ts
        message = reply(request, policy, owed)
        return await self._post(
            request, card.channel, message, owed.note, owed.milestone, thread=thread, broadcast=owed.note is Note.FINAL
        )

    async def tell_requester(self, request: Request, policy: Policy | None, owed: Owed, card: Post | None) -> Post:
        """A direct message with a link to the card."""
        channel = await self._private(request)
        link = None if card is None else await self._link(request, card)
        message = to_requester(request, policy, owed, link)
        return await self._post(request, channel, message, owed.note, owed.milestone)

    async def _link(self, request: Request, card: Post) -> str | None:
        """None where the card is gone, or its channel is not ours any more: all the more the requester must be told."""
        known = self.links.get(card)
        if known is not None:
            return known
        client = await self._client(request)
        try:
            found = await _asked(client.chat_getPermalink(channel=card.channel, message_ts=card.ts))
        except Undeliverable:
            return None
        self.links[card] = str(found["permalink"])
        return self.links[card]

    async def end_step(self, request: Request) -> None:
        """Complete the step where the restore succeeded; fail it otherwise, with the reason."""
        if request.execution is None:
            return
        client = await self._client(request)
        outcome = plain_outcome(request)
        if request.state is State.SUCCEEDED:
            outputs = {"request_id": request.id, "outcome": outcome}
            await _asked(client.functions_completeSuccess(function_execution_id=request.execution, outputs=outputs))
        else:
            await _asked(client.functions_completeError(function_execution_id=request.execution, error=outcome))

    async def find(self, request: Request, owed: Owed, card: Post | None, since: datetime) -> Sequence[Post]:
        """By the metadata of what stands in the channel, the thread or the direct message. Without the optional history
        scopes nothing is found, and a message whose answer was lost may stand there twice."""
        oldest = f"{(since - SKEW).timestamp():.6f}"
        try:
            client = await self._client(request)
            if owed.note is Note.TELL_REQUESTER:
                private = await self._private(request)
                return await self._search(request, owed, client.conversations_history, private, oldest)
            channel = card.channel if card else request.place.channel
            thread = request.place.thread or (card.ts if card and owed.note is not Note.CARD else None)
            if thread is None:
                return await self._search(request, owed, client.conversations_history, channel, oldest)
            return await self._search(request, owed, client.conversations_replies, channel, oldest, ts=thread)
        except Undeliverable:
            return ()

    async def _search(
        self, request: Request, owed: Owed, read: Read, channel: str, oldest: str, **which: str
    ) -> Sequence[Post]:
        wanted = _metadata(request, owed.note, owed.milestone)["event_payload"]
        found: list[Post] = []
        cursor: str | None = None
        for _ in range(PAGES):
            page = await _asked(
                read(channel=channel, oldest=oldest, limit=PAGE, cursor=cursor, include_all_metadata=True, **which)
            )
            found += [
                Post(channel, str(message["ts"]))
                for message in page["messages"]
                if (message.get("metadata") or {}).get("event_payload") == wanted
            ]
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return sorted(found, key=lambda post: float(post.ts))

    async def _private(self, request: Request) -> str:
        known = self.privates.get(request.requester)
        if known is not None:
            return known
        self._pace("open", request.requester.organisation, OPENINGS, request, Note.TELL_REQUESTER)
        client = await self._client(request)
        opened = await _asked(client.conversations_open(users=request.requester.user))
        self.privates[request.requester] = str(opened["channel"]["id"])
        return self.privates[request.requester]

    async def _client(self, request: Request) -> AsyncWebClient:
        """The one of the workspace where it was asked for."""
        try:
            return (await self.workspaces.of(request.requester)).client
        except Refused as error:
            raise Undeliverable(error.code, error.message) from error
        except Unavailable as error:
            raise SlackBusy(error.code, error.message, retry_after=0.0, in_doubt=False) from error

    def _pace(
        self,
        what: str,
        where: str,
        limit: Limit,
        request: Request,
        note: Note,
        milestone: Milestone | None = None,
        *,
        take: bool = True,
    ) -> None:
        """Raises SlackBusy where it is not this message's turn. What is finished goes before what only moves."""
        pace = self.paces.setdefault((what, where), Pace(limit))
        who = f"{request.id} {note} {milestone}"
        wait = pace.wait(who, self.clock.now(), urgent=request.state in FINAL, take=take)
        if wait:
            raise SlackBusy("slack.pace", "Others are before this message.", retry_after=wait, in_doubt=False)

    async def _post(
        self,
        request: Request,
        channel: str,
        message: Message,
        note: Note,
        milestone: Milestone | None = None,
        *,
        thread: str | None = None,
        broadcast: bool = False,
    ) -> Post:
        self._pace("post", channel, POSTS, request, note, milestone)
        client = await self._client(request)
        answer = await _asked(
            client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=message.blocks,
                thread_ts=thread,
                reply_broadcast=broadcast or None,
                metadata=_metadata(request, note, milestone),
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return Post(str(answer["channel"]), str(answer["ts"]))


def _metadata(request: Request, note: Note, milestone: Milestone | None = None) -> dict[str, object]:
    kind = f"{note.value}:{milestone.value}" if milestone else note.value
    return {"event_type": ids.METADATA_EVENT, "event_payload": {"request_id": request.id, "kind": kind}}


async def _asked(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """The answer, or one of the port's two errors."""
    try:
        return await call
    except SlackApiError as error:
        # A proxy's page instead of Slack's answer has no error code.
        code = code_of(error)
        if code == "message_not_found" or code in PERMANENT:
            raise Undeliverable(code, f"Slack refused the message: {code}.") from error
        # Slack's own refusal is certain; a proxy's error page, or Slack's own trouble, is not.
        doubt = code in (NO_JSON, "fatal_error", "internal_error", "request_timeout")
        raise SlackBusy(
            code, f"Slack did not take the message: {code}.", retry_after=wait_of(error), in_doubt=doubt
        ) from error
    except NO_ANSWER as error:
        raise SlackBusy("slack.down", "Slack does not answer.", retry_after=NETWORK_WAIT, in_doubt=True) from error
