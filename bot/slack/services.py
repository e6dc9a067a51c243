"""What the listeners call: the workflow's steps and the ports they read from."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.domain.events import Event
from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.workflow.access import Access
from bot.workflow.break_glass import BreakGlass
from bot.workflow.cancel import Cancel
from bot.workflow.decide import Decide
from bot.workflow.inspect import Inspect
from bot.workflow.open_request import OpenRequest
from bot.workflow.ports import Clock, Cloud, Directory, Policies
from bot.workflow.reconcile import Reconcile
from bot.workflow.store_ports import Post, Requests

History = Callable[[str], Awaitable[Sequence[Event]]]
Cards = Callable[[str], Awaitable[Post | None]]


@dataclass(frozen=True, slots=True)
class Services:
    """Built once by the wiring, handed to every `register`."""

    open_request: OpenRequest
    decide: Decide
    cancel: Cancel
    reconcile: Reconcile
    break_glass: BreakGlass
    inspect: Inspect
    requests: Requests
    cloud: Cloud
    directory: Directory
    policies: Policies
    clock: Clock
    cards: Cards
    """Where the card of a request is."""
    history: History
    """What the audit log says of a request, oldest first."""
    display: Access
    """People and groups from a memory, for what is only shown."""

    def policy_of(self, request: Request) -> Policy | None:
        """The policy that decides for the request's target."""
        return self.policies.of(request.wish.project, request.wish.target.name)
