"""Whether there are enough approvals: each needed approval is a seat, each person fills one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.people import Person, Profile
from bot.domain.permission import Groups, listed, may_approve
from bot.domain.policy import ApproverGroup, Policy


@dataclass(frozen=True, slots=True)
class OpenSeats:
    """So many approvals of these people and user groups are still needed."""

    approvers: tuple[str, ...]
    count: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Quorum:
    """How approvals stand under a policy, at this moment.

    `counted` of `needed` seats are filled; `still` is what is missing, group by group.
    """

    counted: int
    needed: int
    still: tuple[OpenSeats, ...]

    @property
    def enough(self) -> bool:
        """Whether every seat is filled. Where nothing is needed, nothing is known, and that is not enough."""
        return self.counted >= self.needed > 0


NO_POLICY = Quorum(0, 0, ())


def quorum(policy: Policy | None, requester: Person, approvers: Mapping[Person, Profile], groups: Groups) -> Quorum:
    """Seat as many of the approvers as possible. Only those count who may approve at this moment; the same user counts once,
    whatever workspace the click came from."""
    if policy is None:
        return NO_POLICY
    users = dict.fromkeys(
        person.user
        for person, profile in approvers.items()
        if may_approve(policy, requester, person, profile, groups).allowed
    )
    panel = policy.panel
    seats = [place for place, group in enumerate(panel) for _ in range(group.approvals)]
    seated = _seated([panel[place] for place in seats], list(users), groups)
    missing = Counter(place for index, place in enumerate(seats) if index not in seated)
    still = tuple(OpenSeats(panel[place].approvers, count, panel[place].name) for place, count in sorted(missing.items()))
    return Quorum(len(seated), len(seats), still)


def _seated(seats: Sequence[ApproverGroup], users: Sequence[str], groups: Groups) -> dict[int, str]:
    """Seat index → user, as many as possible: whoever fits several groups gives way to somebody who fits only one
    (augmenting paths, Kuhn 1955)."""
    seated: dict[int, str] = {}

    def place(user: str, tried: set[int]) -> bool:
        for index, group in enumerate(seats):
            if index in tried or not listed(group.approvers, user, groups):
                continue
            tried.add(index)
            if index not in seated or place(seated[index], tried):
                seated[index] = user
                return True
        return False

    for user in users:
        place(user, set())
    return seated
