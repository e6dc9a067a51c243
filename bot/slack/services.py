"""What the listeners call: the workflow's steps and the ports they read from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.workflow.cancel import Cancel
from bot.workflow.decide import Decide
from bot.workflow.open_request import OpenRequest
from bot.workflow.ports import Clock, Cloud, Directory, Policies, Post, Requests
from bot.workflow.reconcile import Reconcile

Cards = Callable[[str], Awaitable[Post | None]]


@dataclass(frozen=True, slots=True)
class Services:
    """Built once by the wiring, handed to every `register`."""

    open_request: OpenRequest
    decide: Decide
    cancel: Cancel
    reconcile: Reconcile
    requests: Requests
    cloud: Cloud
    directory: Directory
    policies: Policies
    clock: Clock
    cards: Cards
    """Where the card of a request is."""
