"""Slack's rate limits, counted per method and, for posting, per channel.

Source: Slack's documentation of rate limits: tiers for most methods, about one message a second per channel for
chat.postMessage, with short bursts.
"""

from collections import defaultdict, deque
from math import ceil

WINDOW = 60.0
POSTS_PER_SECOND = 1.0
POST_BURST = 4.0


class Rates:
    """What the app has used up."""

    def __init__(self) -> None:
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)
        self._posts: dict[str, tuple[float, float]] = {}

    def method(self, name: str, per_minute: int, now: float) -> int:
        """Count a call. 0 if it may pass, else the seconds for Retry-After."""
        calls = self._calls[name]
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        if len(calls) >= per_minute:
            return max(1, ceil(calls[0] + WINDOW - now))
        calls.append(now)
        return 0

    def post(self, channel: str, now: float) -> int:
        """Count a message for a channel. 0 if it may pass, else the seconds for Retry-After."""
        left, since = self._posts.get(channel, (POST_BURST, now))
        left = min(POST_BURST, left + (now - since) * POSTS_PER_SECOND)
        if left < 1:
            self._posts[channel] = (left, now)
            return max(1, ceil((1 - left) / POSTS_PER_SECOND))
        self._posts[channel] = (left - 1, now)
        return 0
