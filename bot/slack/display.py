"""The directory with a memory, for what is only shown. Decisions never use it."""

from cachetools import TTLCache

from bot.domain.people import Person, Profile, Unread
from bot.workflow.ports import Directory

REMEMBERED = 60.0
"""Seconds."""
MOST = 1000


class DisplayDirectory:
    """People and groups as they were up to a minute ago. What could not be read is asked for again."""

    def __init__(self, fresh: Directory) -> None:
        """`fresh` is asked for what is not known (any more)."""
        self._fresh = fresh
        self._profiles: TTLCache[Person, Profile] = TTLCache(MOST, REMEMBERED)
        self._members: TTLCache[str, frozenset[str]] = TTLCache(MOST, REMEMBERED)

    async def profile(self, person: Person) -> Profile:
        """See the port."""
        known = self._profiles.get(person)
        if known is None:
            known = self._profiles[person] = await self._fresh.profile(person)
        return known

    async def members(self, group_id: str) -> frozenset[str] | Unread:
        """See the port."""
        known = self._members.get(group_id)
        if known is not None:
            return known
        found = await self._fresh.members(group_id)
        if isinstance(found, frozenset):
            self._members[group_id] = found
        return found
