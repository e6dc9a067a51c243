"""What must hold at the end of the soak."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from bot.domain.request import Request
from bot.domain.states import FINAL
from tests.acceptance.journey import kind_of, request_of
from tests.acceptance.world import INCIDENT
from tests.bench.report import Result
from tests.bench.soak_chaos import Memory
from tests.bench.soak_world import Soak

GROWTH = 1.1
"""How much more memory the last third may use than the first."""
SLACK_MB = 6.0
"""And so many megabytes, which a single collection more or less makes."""


async def results(soak: Soak, memory: Memory, wanted: int) -> list[Result]:
    """One line for each promise."""
    requests = await soak.all()
    open_ones = [each.id for each in requests if each.state not in FINAL]
    lost = [name for name in soak.ids if name not in {each.id for each in requests}]
    calls = calls_by_request(soak, requests)
    finals = final_messages(soak)
    wrong = [f"{each.id}: {finals[each.id]}" for each in requests if finals[each.id] != 1]
    code, said, complaint = await soak.world.run("audit", "verify")
    owed = await soak.database.outbox.next_at()
    first, last = memory.thirds()
    most = max(calls.values(), default=0)
    problems = soak.world.slack.problems
    return [
        _line("restores asked for", str(len(soak.ids)), f"= {wanted}", good=len(soak.ids) == wanted),
        _line("without a final state, or lost", _names(open_ones + lost), "none", good=not open_ones and not lost),
        _line("trouble that people had", _names(soak.trouble), "none", good=not soak.trouble),
        _line("recovery calls for one request", f"at most {most} ({sum(calls.values())} in all)", "≤ 1", good=most <= 1),
        _line("audit verify", (said or complaint).strip(), "whole", good=code == 0),
        _line("messages still owed", "none" if owed is None else "some", "none", good=owed is None),
        _line(
            "requests without exactly one final message",
            _names(wrong),
            "none",
            good=not wrong,
        ),
        _line("answers that Slack would not take", _names(problems), "none", good=not problems),
        _line(
            "memory, first and last third", f"{first:.0f} and {last:.0f} MB", "flat", good=last <= first * GROWTH + SLACK_MB
        ),
    ]


def calls_by_request(soak: Soak, requests: Sequence[Request]) -> Counter[str]:
    """How many recovery calls reached the cloud for each request: those between its intent and the next one's."""
    intents = defaultdict(list)
    for request in requests:
        if request.submitted_at is not None:
            intents[request.wish.target.id].append((request.submitted_at.timestamp(), request.id))
    counted: Counter[str] = Counter()
    for call in soak.world.recovery_calls():
        target = str(((call.body or {}).get("target") or {}).get("instance_id"))
        earlier = [request_id for at, request_id in sorted(intents[target]) if at <= call.at]
        counted[earlier[-1] if earlier else f"no intent for {target}"] += 1
    return counted


def final_messages(soak: Soak) -> Counter[str]:
    """How often each request's last word stands in the channel."""
    said = soak.world.slack.workspace.messages_in(INCIDENT)
    return Counter(request_of(message) for message in said if kind_of(message).startswith("final"))


def _names(found: Sequence[str]) -> str:
    return ", ".join(found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "") if found else "none"


def _line(what: str, measured: str, budget: str, *, good: bool) -> Result:
    return Result(what, measured, budget, good)
