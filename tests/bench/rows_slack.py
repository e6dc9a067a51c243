"""What a person waits for in Slack: the form after the command, the answer after an approval."""

import asyncio
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.facts import matters
from tests.bench import program
from tests.bench.light_slack import LightSlack
from tests.bench.report import Result, percentile
from tests.bench.seeded import pending, seed

AT_ONCE = 8
"""Commands under way at the same time."""
URL = re.compile(r'"url": "(http://127\.0\.0\.1:\d+)"')


@dataclass
class Load:
    """What one app made of its commands, round by round."""

    seconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    @property
    def p99_ms(self) -> float:
        """Of all commands."""
        return percentile(self.seconds, 0.99) * 1000

    @property
    def rate(self) -> float:
        """Commands a second, the median of the rounds."""
        return statistics.median(self.rates)


async def command(*, http: bool, quick: bool) -> list[Result]:
    """Slash command → ack and views.open, the bot and the bare app by turns."""
    rounds, number = (3, 150) if quick else (7, 500)
    bot, bare = Load(), Load()
    with tempfile.TemporaryDirectory(prefix="rds-restore-bench-") as name:
        folder = Path(name)
        async with LightSlack() as ours, LightSlack() as theirs:
            own = program.environment(folder, ours, http=http)
            other = program.environment(folder, theirs, http=http)
            async with (
                program.running(folder, own) as one,
                program.running(folder, other, ("-m", "tests.bench.bare"), "ready") as two,
            ):
                if http:
                    ours.request_url, theirs.request_url = _events(one.log), _events(two.log)
                for slack in (ours, theirs):
                    await _round(slack, Load(), number // 3)
                for _ in range(rounds):
                    await _round(theirs, bare, number)
                    await _round(ours, bot, number)
    ratio, slower = bot.rate / bare.rate, bot.p99_ms / bare.p99_ms
    line = "signed HTTP" if http else "Socket Mode"
    return [
        Result(
            f"slash command → ack + views.open, {line}",
            f"{ratio:.2f} of the throughput ({bot.rate:.0f} of {bare.rate:.0f} a second), "
            f"p99 {slower:.2f} times ({bot.p99_ms:.0f} of {bare.p99_ms:.0f} ms)",
            "≥ 0.8 of a bare Bolt app, p99 ≤ 1.5 times",
            ratio >= 0.8 and slower <= 1.5,
            {"throughput_ratio": ratio, "p99_ratio": slower, "bot_p99_ms": bot.p99_ms, "bare_p99_ms": bare.p99_ms},
        )
    ]


def _events(log: Path) -> str:
    found = URL.search(log.read_text(encoding="utf-8"))
    assert found is not None
    return f"{found[1]}/slack/events"


async def _round(slack: LightSlack, load: Load, number: int) -> None:
    """A closed loop: each of a few people types the next command as soon as the form is there."""
    left = iter(range(number))

    async def person() -> None:
        for _ in left:
            load.seconds.append(await slack.command())

    began = time.perf_counter()
    await asyncio.gather(*(person() for _ in range(AT_ONCE)))
    load.rates.append(number / (time.perf_counter() - began))


async def approval(*, quick: bool) -> list[Result]:
    """Approve → durable and acknowledged, at a fixed rate whatever the answers take."""
    per_second, seconds = 100, 3 if quick else 10
    wanted = [pending(number) for number in range(per_second * seconds + 50)]
    with tempfile.TemporaryDirectory(prefix="rds-restore-bench-") as name:
        folder = Path(name)
        await seed(folder, wanted)
        async with LightSlack() as slack, program.running(folder, program.environment(folder, slack)) as bot:
            memories = [(each.id, matters(each.facts, each.wish.point)) for each in wanted]
            await _clicks(slack, memories[:50], 25)
            used = bot.cpu_seconds
            taken = await _clicks(slack, memories[50:], per_second)
            cost = (bot.cpu_seconds - used) / len(taken) * 1000
            # Acknowledged means durable: another connection sees every one of them now.
            stored = sqlite3.connect(f"file:{folder / 'bot.db'}?mode=ro", uri=True)
            kept = stored.execute("SELECT count(*) FROM approvals").fetchone()[0]
            stored.close()
    # An acknowledgement that takes more than three seconds is answered by Bolt as something that nobody knows.
    late = f", {len(slack.refused)} too late for Slack" if slack.refused else ""
    assert kept + len(slack.refused) >= len(wanted), f"{kept} approvals of {len(wanted)} are stored"
    p99, middle = percentile(taken, 0.99) * 1000, statistics.median(taken) * 1000
    return [
        Result(
            f"approve click → durable + ack, {per_second} a second, SQLite",
            f"p99 {p99:.0f} ms, median {middle:.0f} ms, {cost:.1f} ms of processor time each{late}",
            "p99 ≤ 50 ms",
            p99 <= 50 and not late,
            {"p99_ms": p99, "median_ms": middle, "cpu_ms": cost},
        )
    ]


async def _clicks(slack: LightSlack, memories: Sequence[tuple[str, dict[str, str]]], per_second: int) -> list[float]:
    """An open loop. Each is timed from the moment at which it was due, so that a stall counts for all who wait."""
    began = time.perf_counter() + 0.1

    async def click(number: int, request_id: str, saw: dict[str, str]) -> float:
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        return await slack.submit_approval(request_id, saw) - due

    return list(await asyncio.gather(*(click(number, *memory) for number, memory in enumerate(memories))))
