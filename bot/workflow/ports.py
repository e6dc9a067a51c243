"""What the workflow asks of the world. Each docstring is a contract that every adapter keeps.

Any method may raise `Unavailable` (its service does not answer now) or `Misconfigured` (the operator must act).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.domain.errors import BotError
from bot.domain.events import Owed
from bot.domain.facts import Backup, Instance, Window
from bot.domain.people import Person, Profile, Unread
from bot.domain.policy import Policy
from bot.domain.request import Job, Request, Wish
from bot.workflow.outcome import Outcome, Task
from bot.workflow.store_ports import Post


class Clock(Protocol):
    """The time. Injected, so that tests move it."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        ...


class Ids(Protocol):
    """Where new request ids come from."""

    def new(self) -> str:
        """A request id that is very likely unused; the store refuses one that is taken."""
        ...


class Cloud(Protocol):
    """RDS projects, each by its configured name. Reads are retried inside a deadline; mutating calls never."""

    async def instances(self, project: str) -> Sequence[Instance]:
        """All instances of the project, by name. May come from a short-lived cache; for typeahead and look-up."""
        ...

    async def instance(self, project: str, instance_id: str) -> Instance | None:
        """One instance, read now, with MySQL's lower_case_table_names where the cloud tells; None where it knows none."""
        ...

    async def backups(self, project: str, instance_id: str) -> Sequence[Backup]:
        """All backups of an instance, newest first. May come from a short-lived cache; for typeahead."""
        ...

    async def backup(self, project: str, instance_id: str, backup_id: str) -> Backup | None:
        """One backup of an instance, read now; None where that instance has no such backup."""
        ...

    async def windows(self, project: str, instance_id: str, day: date | None = None) -> Sequence[Window]:
        """The ranges that the instance can be restored to, oldest first, read now; of one UTC day where given."""
        ...

    async def databases(self, project: str, instance_id: str) -> Sequence[str] | None:
        """The names of the databases on an instance, read now; None where the cloud does not tell."""
        ...

    async def recover(self, project: str, wish: Wish, may_send: Callable[[], bool] | None = None) -> Outcome:
        """The recovery call: overwrite the target. Sent at most once in one activation of this method, and not at all
        (`NotSent`) where `may_send`, asked at the last moment, says no."""
        ...

    async def back_up(self, project: str, instance_id: str, name: str, description: str) -> Outcome:
        """Start a manual backup; `Accepted.id` is the backup's. Sent at most once."""
        ...

    async def jobs(self, project: str, ids: Sequence[str]) -> Mapping[str, Job]:
        """The jobs the cloud knows among `ids`. The number of calls does not grow with their number where the region has a
        task list. A job that is not visible (yet, or any more) is missing from the answer."""
        ...

    async def restore_tasks(self, project: str, instance_id: str) -> Sequence[Task] | None:
        """The restore tasks of one instance, read now; None where the region has no task list."""
        ...


class Undeliverable(BotError):
    """Slack will never take this message in this place (archived, bot not in the channel, no such channel)."""


class SlackBusy(BotError):
    """Slack does not take the message now. `retry_after` is in seconds; `in_doubt`: it may have taken it all the same."""

    def __init__(self, code: str, message: str, *, retry_after: float, in_doubt: bool) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after
        self.in_doubt = in_doubt


class Messenger(Protocol):
    """Says things in Slack. Raises Undeliverable or SlackBusy."""

    def turn(self, request: Request, owed: Owed, card: Post | None) -> None:
        """Raises SlackBusy where others are before this message, at no cost: nothing is sent, and nothing needs to be on
        record for it."""
        ...

    async def prepare(self, request: Request, owed: Owed, card: Post | None) -> None:
        """Make ready what the message needs beside its post, so that nothing comes between the try and the post. Nothing is
        posted here, so no error leaves that in doubt."""
        ...

    async def show_card(self, request: Request, policy: Policy | None, posted: Post | None) -> Post:
        """Post the request's card, or bring the posted one up to date."""
        ...

    async def say(self, request: Request, policy: Policy | None, owed: Owed, card: Post) -> Post:
        """A message in the request's thread; the outcome is broadcast to the channel."""
        ...

    async def tell_requester(self, request: Request, policy: Policy | None, owed: Owed, card: Post | None) -> Post:
        """A message to the requester in private."""
        ...

    async def end_step(self, request: Request) -> None:
        """Tell the workflow's step that its request has ended, and how. Doing it twice does no harm."""
        ...

    async def find(self, request: Request, owed: Owed, card: Post | None, since: datetime) -> Sequence[Post]:
        """Messages of this kind about this request that were posted after `since`, oldest first, whoever remembers them;
        none where Slack does not let us look."""
        ...


class Directory(Protocol):
    """Who people are and which groups they are in."""

    async def profile(self, person: Person) -> Profile:
        """Read now, for a decision. Raises Refused `no_such_person`."""
        ...

    async def members(self, group_id: str) -> frozenset[str] | Unread:
        """The user ids of a user group, read now, for a decision; or why Slack does not tell (then nobody is in it)."""
        ...


class Policies(Protocol):
    """The configuration's policies and projects."""

    @property
    def projects(self) -> Sequence[str]:
        """Names of the configured projects, in order."""
        ...

    @property
    def all(self) -> Sequence[Policy]:
        """The policies, in order."""
        ...

    def of(self, project: str, target_name: str) -> Policy | None:
        """The policy that decides for this target."""
        ...


class Wake(Protocol):
    """Tells the worker that there is something to do. A speed-up, never the truth: the worker also looks by itself."""

    def __call__(self) -> None:
        """There may be something to do now."""
        ...
