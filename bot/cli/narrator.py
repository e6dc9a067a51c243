"""Tells in the terminal what happens on the stage: what people do, what Slack shows, what the cloud is asked."""

import asyncio
import re
import time
from contextlib import suppress
from html import unescape
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli.demo_world import DemoWorld
from bot.domain.errors import Unavailable
from bot.sandbox.backstage.calls import is_recovery
from bot.sandbox.workspace.changes import Change, MessageChanged, ViewsChanged
from bot.sandbox.workspace.messages import Message

LOOK_EVERY = 0.1
PAUSE = 0.9
"""Seconds that a person at a terminal has to read what was done; a file does not read."""
STYLES = {"Slack": "magenta", "Cloud": "yellow", "Request": "cyan", "Demo": "dim"}
LONGEST = 200
PATH_SHOWN = 12
DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
LINK = re.compile(r"<(?:https?:[^|>]*)\|([^>]*)>")
EMOJI_SELECTOR = "\ufe0f"
MENTION = re.compile(r"<(?:@|!subteam\^)(\w+)>")


class Narrator:
    """Prints line by line, with colours and pauses where a person watches. Use as an async context manager."""

    def __init__(self, world: DemoWorld, console: Console) -> None:
        self._world = world
        self._console = console
        self._began = time.monotonic()
        self._checks = 0
        self._said: dict[str, str] = {}
        """Message → what it said last."""
        self._views: dict[str, str] = {}
        """Person → the modal in front."""
        self._paths: dict[str, int] = {}
        """Request → how many of its states were told."""
        self._calls_told = len(world.cloud.calls)
        self._status = console.status("")
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._world.slack.workspace.watch(self._changed)
        self._task = asyncio.create_task(self._follow(), name="narrator")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()
        self._world.slack.workspace.unwatch(self._changed)
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def checks(self) -> int:
        """How many expectations held so far."""
        return self._checks

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        self._console.print()
        self._console.rule(f"[bold]{escape(title)}[/]", align="left")

    async def does(self, who: str, what: str) -> None:
        """Somebody is about to do something."""
        await self.catch_up()
        self._line(who, what, STYLES.get(who, "bold"))
        if self._console.is_terminal:
            await asyncio.sleep(PAUSE)

    def expect(self, held: object, words: str) -> None:
        """Something must be so. Raises Unavailable if it is not."""
        if not held:
            self._line("✗", words, "bold red")
            raise Unavailable("demo.unexpected", f"Not as expected: {words}")
        self._checks += 1
        self._line("✓", words, "green")

    async def catch_up(self) -> None:
        """Tell what has happened since to the requests and in the cloud."""
        found = await self._world.requests.newest()
        self._calls()
        for request in found:
            told = self._paths.get(request.id, 0)
            if told < len(request.path):
                self._paths[request.id] = len(request.path)
                way = " → ".join(request.path[max(0, told - 1) :])
                self._line("Request", f"{request.id}: {way}", STYLES["Request"])

    def waiting(self, words: str) -> None:
        """What is waited for, at the foot of a terminal; empty where nothing is."""
        if not words:
            self._status.stop()
        elif self._console.is_terminal:
            self._status.update(escape(words))
            self._status.start()

    def _line(self, who: str, words: str, style: str) -> None:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=5, justify="right", style="dim")
        grid.add_column(width=7, style=style)
        grid.add_column(style="green" if who == "✓" else "")
        grid.add_row(f"{self.seconds:.1f}", who, escape(words))
        self._console.print(grid)

    def _changed(self, change: Change) -> None:
        match change:
            case MessageChanged(message) if message.bot:
                self._slack(message)
            case ViewsChanged(user, views):
                title = views[-1].title if views else ""
                if title and views[-1].callback_id and self._views.get(user) != views[-1].callback_id:
                    self._line("Slack", f"shows {self._name(user)} a form: {title}", STYLES["Slack"])
                self._views[user] = views[-1].callback_id if views else ""

    def _slack(self, message: Message) -> None:
        words = self._plain(message.text)
        if not words or self._said.get(message.ts) == words:
            return
        is_new = message.ts not in self._said
        self._said[message.ts] = words
        self._line("Slack", f"{self._where(message, is_new=is_new)}: {words}", STYLES["Slack"])

    def _where(self, message: Message, *, is_new: bool) -> str:
        if message.ephemeral_to is not None:
            return f"only {self._name(message.ephemeral_to)} sees"
        if message.thread_ts is not None:
            return "in the thread"
        channel = self._world.slack.workspace.channels[message.channel]
        if not channel.name or channel.other(self._world.slack.workspace.bot_user):
            return "in private"
        return f"#{channel.name}" if is_new else "the card now says"

    def _plain(self, words: str) -> str:
        words = LINK.sub(r"\1", DATE.sub(r"\1", words.splitlines()[0] if words else ""))
        words = MENTION.sub(lambda found: self._name(found[1]), words).replace("*", "").replace("`", "")
        # Terminals do not agree on how wide a sign with this selector is.
        words = unescape(words.replace(EMOJI_SELECTOR, "")).strip()
        return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"

    def _name(self, who: str) -> str:
        workspace = self._world.slack.workspace
        if who in workspace.people:
            return workspace.people[who].real_name.partition(" ")[0]
        return f"@{workspace.groups[who].handle}" if who in workspace.groups else who

    async def _follow(self) -> None:
        while True:
            await self.catch_up()
            await asyncio.sleep(LOOK_EVERY)

    def _calls(self) -> None:
        calls = self._world.cloud.calls
        for call in calls[self._calls_told :]:
            if is_recovery(call):
                answer = f"answered {call.status}" if call.status else "carried out, but the answer is lost"
                path = f"{call.path[:PATH_SHOWN]}…/instances/recovery"
                self._line("Cloud", f"THE RECOVERY CALL, POST {path}: {answer}", STYLES["Cloud"])
        self._calls_told = len(calls)
