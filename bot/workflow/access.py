"""Reads, fresh from the directory, what a decision about a person needs."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.people import Person, Profile
from bot.domain.permission import Groups
from bot.domain.policy import Policy, group_ids
from bot.workflow.ports import Directory


@dataclass(frozen=True, slots=True)
class Access:
    """The directory, asked for all that one decision needs at once."""

    directory: Directory

    async def groups(self, policy: Policy | None) -> Groups:
        """Members of every group that the policy names, read now; or why Slack does not tell."""
        names = sorted(group_ids(policy))
        members = await asyncio.gather(*(self.directory.members(name) for name in names))
        return dict(zip(names, members, strict=True))

    async def of(self, policy: Policy | None, person: Person) -> tuple[Profile, Groups]:
        """One person's profile and the policy's groups. Raises what the directory raises."""
        profile, groups = await asyncio.gather(self.directory.profile(person), self.groups(policy))
        return profile, groups

    async def of_all(self, policy: Policy | None, people: Iterable[Person]) -> tuple[dict[Person, Profile], Groups]:
        """The profiles of several people and the policy's groups."""
        groups, profiles = await asyncio.gather(self.groups(policy), self.profiles(people))
        return profiles, groups

    async def profiles(self, people: Iterable[Person]) -> dict[Person, Profile]:
        """The profiles of several people."""
        listed = list(people)
        found = await asyncio.gather(*(self.directory.profile(person) for person in listed))
        return dict(zip(listed, found, strict=True))
