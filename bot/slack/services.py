"""What the listeners call: the workflow's steps and the ports they read from."""

from dataclasses import dataclass

from bot.workflow.cancel import Cancel
from bot.workflow.decide import Decide
from bot.workflow.open_request import OpenRequest
from bot.workflow.ports import Clock, Cloud, Directory, Policies, Requests
from bot.workflow.reconcile import Reconcile


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
