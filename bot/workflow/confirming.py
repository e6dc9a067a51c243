"""Typing the target's name: the pause in which one sees what will be overwritten."""

from bot.domain.errors import Refused
from bot.domain.policy import Confirm, Policy
from bot.domain.request import Request


def name_is_right(policy: Policy | None, request: Request, typed: str) -> None:
    """Capital letters and spaces around do not matter. Raises Refused `wrong_name` (field `confirm_target`)."""
    if policy is not None and policy.confirm is Confirm.BUTTON:
        return
    wanted = request.wish.target.name
    if typed.strip().casefold() != wanted.casefold():
        raise Refused("wrong_name", f"Type the name of the target exactly: {wanted}", field="confirm_target")
