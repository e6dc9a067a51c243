"""The real program, with points at which it can be made to die.

Every step that leaves a trace outside the process is a point, before it and after it. `CRASH_AT` names the one at which the
process kills itself with SIGKILL; `CRASH_MARK` is a file that makes it happen once, whichever replica comes first;
`CRASH_TRACE` is a file that all points are written into as they are passed.
"""

import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.cli.main import main
from bot.cloud.rds import HuaweiCloud
from bot.domain.events import Owed
from bot.domain.request import Request
from bot.slack.messenger import SlackMessenger
from bot.store.drafts import SqlDrafts
from bot.store.leases import SqlLeases
from bot.store.outbox import SqlOutbox
from bot.store.requests import SqlRequests
from bot.workflow import reconcile, safety_backup

QUIET = frozenset({"version", "act_at", "remind_at", "progress_at", "trouble", "facts", "findings", "job", "still_needed"})
"""Fields whose change alone is no step: looks that found nothing new, and ticks."""
Method = Callable[..., Awaitable[Any]]


def passing(point: str) -> None:
    """Die here, if this is the point."""
    trace = os.environ.get("CRASH_TRACE")
    if trace:
        with Path(trace).open("a") as file:
            file.write(f"{point}\n")
    if os.environ.get("CRASH_AT") != point:
        return
    try:
        Path(os.environ["CRASH_MARK"]).touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def around(owner: type, method: str, name: Callable[..., str | None]) -> None:
    """Put a point before and after a method. `name` makes the point's name of the method's arguments; None: no point."""
    real: Method = getattr(owner, method)

    async def watched(*given: Any, **named: Any) -> Any:
        point = name(*given[1:], **named)
        if point is not None:
            passing(f"before {point}")
        answer = await real(*given, **named)
        if point is not None:
            passing(f"after {point}")
        return answer

    setattr(owner, method, watched)


def change(before: Request, after: Request, *_: Any, **__: Any) -> str | None:
    if before.state is not after.state:
        return f"storing {after.state.value}"
    changed = {field.name for field in fields(Request) if getattr(before, field.name) != getattr(after, field.name)}
    changed -= QUIET
    if changed == {"backup"} and after.backup is not None:
        return "storing the backup's end" if after.backup.done else "storing the backup's id"
    return f"storing {'+'.join(sorted(changed))}" if changed - {"milestone"} else None


def kind(owed: Owed) -> str | None:
    """Cards are named by the state that they show; ticks come as they come."""
    if owed.milestone is None or owed.milestone.value in ("progress", "trouble"):
        return None
    return f"{owed.note.value} {owed.milestone.value}"


def prefixed(word: str, owed: Owed) -> str | None:
    named = kind(owed)
    return f"{word} {named}" if named else None


def lease(verb: str, name: str) -> str:
    return f"{verb} {name.split(':', maxsplit=1)[0]}"


def put_points() -> None:
    """Each step between the form and the final message that leaves a trace outside the process."""
    around(SqlDrafts, "keep", lambda *_: "keeping the draft")
    around(SqlRequests, "add", lambda *_: "storing the request")
    around(SqlRequests, "change", change)
    around(SqlOutbox, "attempt", lambda owing, *_: prefixed("counting the try of", owing.owed))
    around(SqlOutbox, "delivered", lambda owing, *_: prefixed("settling", owing.owed))
    around(SlackMessenger, "show_card", lambda request, *_: f"showing the card {request.state.value}")
    around(SlackMessenger, "say", lambda request, policy, owed, *_: prefixed("posting", owed))
    around(SlackMessenger, "tell_requester", lambda request, policy, owed, *_: prefixed("posting", owed))
    around(SqlLeases, "acquire", lambda name, *_: lease("taking the lease", name))
    around(SqlLeases, "release", lambda held: lease("giving back the lease", held.name))
    around(HuaweiCloud, "back_up", lambda *_: "the backup call")
    around(HuaweiCloud, "recover", lambda *_: "the recovery call")


def hurry() -> None:
    """Minutes of patience become seconds."""
    reconcile.LOOK_FOR = timedelta(seconds=3)
    reconcile.LOOK_EVERY = timedelta(seconds=0.5)
    safety_backup.GIVE_UP_LOOKING = timedelta(seconds=4)
    safety_backup.LOOK_AGAIN = timedelta(seconds=0.5)


def start() -> None:
    """Become the program. In a process of its own: it changes the program's classes."""
    put_points()
    hurry()
    main()
