"""What people do in Slack, for tests of the whole program."""

from typing import Protocol

from bot.sandbox.workspace.actor import Actor
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.server import WorkspaceServer
from tests.acceptance.world import INCIDENT

ALICE, BOB, DANA, CAROL = "U0ALICE", "U0BOB", "U0DANA", "U0CAROL"
STAGING = "/rds-restore orders-prod to orders-staging"


class WithSlack(Protocol):
    """A world in which there is a local Slack."""

    @property
    def slack(self) -> WorkspaceServer: ...


async def modal(world: WithSlack, actor: Actor, callback_id: str) -> None:
    """Wait until this modal is in front and filled."""
    await world.slack.wait_for(lambda _: actor.view is not None and actor.view.callback_id == callback_id)


async def take_first(actor: Actor, block_id: str, query: str) -> None:
    """Type into a typeahead field and take the first option."""
    options = await actor.suggest(actor.modal.id, block_id, query)
    assert options, f"nothing offered for {query}"
    await actor.choose(block_id, options[0])


async def form(world: WithSlack, text: str = STAGING, person: str = ALICE, channel: str = INCIDENT) -> Actor:
    """Open the form and wait until it is filled."""
    actor = world.slack.actor(person)
    await actor.command(channel, text)
    await modal(world, actor, "restore_form")
    return actor


async def ask(world: WithSlack, text: str = STAGING, person: str = ALICE, backup: str | None = "auto") -> str:
    """Fill the form, check it, ask for approval. Returns the request id."""
    before = len(cards(world))
    actor = await form(world, text, person)
    if backup is not None:
        await take_first(actor, "backup", backup)
    said = await actor.submit(values={"reason": "the orders table was dropped"})
    assert said == {}, said
    await modal(world, actor, "confirm_request")
    assert await actor.submit() == {}
    assert actor.view is None
    await world.slack.wait_for(lambda _: len(cards(world)) > before)
    return request_of(card(world))


def cards(world: WithSlack, channel: str = INCIDENT) -> list[Message]:
    """The requests' messages in a channel, oldest first."""
    return [message for message in world.slack.workspace.messages_in(channel) if kind_of(message) == "card"]


def card(world: WithSlack, channel: str = INCIDENT) -> Message:
    """The newest request's message."""
    return cards(world, channel)[-1]


def kind_of(message: Message) -> str:
    """What the message's metadata says it is."""
    return str((message.metadata or {}).get("event_payload", {}).get("kind", ""))


def request_of(message: Message) -> str:
    assert message.metadata is not None
    return str(message.metadata["event_payload"]["request_id"])


def thread(world: WithSlack, channel: str = INCIDENT) -> list[str]:
    """The kinds of the bot's replies under the newest card, oldest first."""
    root = card(world, channel)
    replies = world.slack.workspace.thread(channel, root.root)
    return [kind_of(message) for message in replies if message.ts != root.ts and kind_of(message)]


async def approve(world: WithSlack, person: str = BOB, typed: str = "orders-staging", channel: str = INCIDENT) -> None:
    """Press Approve, read, type the name, submit."""
    actor = world.slack.actor(person)
    await actor.click(channel, card(world, channel).ts, "approve")
    await modal(world, actor, "approve_form")
    assert await actor.submit(values={"confirm_target": typed} if typed else {}) == {}


async def headline(world: WithSlack, words: str, seconds: float = 25.0, channel: str = INCIDENT) -> None:
    """Wait until the card says this."""
    await world.slack.wait_for(lambda _: words in card(world, channel).text, timeout=seconds)


async def told(world: WithSlack, person: str, words: str) -> None:
    """Wait until this person alone is told this."""
    actor = world.slack.actor(person)
    await world.slack.wait_for(lambda _: any(words in message.text for message in actor.ephemerals))
