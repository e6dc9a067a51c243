"""The checks that ask Slack."""

from collections.abc import Sequence

import aiohttp

from bot.cli.checks.policies import APPROVERS, approvers, channels_of, groups_of, people_of
from bot.cli.checks.report import Result, run, skipped, told
from bot.domain.condition import Condition, doubtful
from bot.domain.policy import Policy
from bot.settings import Environment
from bot.slack.inspection import SlackInspection
from bot.slack.public_address import not_given, reach
from bot.store.database import Database
from bot.wiring import slack_access

TOKEN, CONNECTION, SCOPES, CLOCK = "slack token", "slack connection", "slack scopes", "slack clock"
GROUPS, PEOPLE, CHANNELS = "slack groups", "slack people", "slack channels"
NAMES = (TOKEN, SCOPES, CONNECTION, CLOCK, GROUPS, PEOPLE, CHANNELS, APPROVERS)


async def ask_slack(environment: Environment, policies: Sequence[Policy] | None, public_url: str) -> list[Result]:
    """All of them, in the order of `NAMES`. `policies` is None where the configuration cannot be read."""
    access = slack_access(environment)
    # Only the tokens of several workspaces are in the database; one workspace is asked without it.
    database = Database(environment.database_url.get_secret_value(), read_only=True) if access.oauth is not None else None
    async with aiohttp.ClientSession() as session:
        try:
            inspection = SlackInspection(access, session, None if database is None else database.installations)

            async def connection() -> Condition:
                if not access.socket_mode:
                    return await reach(session, public_url) if public_url else not_given()
                found = await inspection.socket()
                if public_url and not found.next_step:
                    return doubtful("With an app token the bot uses Socket Mode.", "Leave --public-url out.")
                return found

            results = [await run(TOKEN, inspection.token), await run(CONNECTION, connection)]
            results += await _inside(inspection, policies)
        finally:
            if database is not None:
                await database.close()
    return sorted(results, key=lambda result: NAMES.index(result.name))


async def _inside(inspection: SlackInspection, policies: Sequence[Policy] | None) -> list[Result]:
    """What only a workspace tells that takes the token."""
    if inspection.is_shut_out:
        return skipped([name for name in NAMES if name not in (TOKEN, CONNECTION)], f"`{TOKEN}`")
    results = [told(SCOPES, inspection.scopes), told(CLOCK, inspection.clock)]
    if policies is None:
        return results + skipped((GROUPS, PEOPLE, CHANNELS, APPROVERS), "`configuration`")
    able: dict[str, object] = {}
    members: dict[str, frozenset[str]] = {}

    async def groups() -> Condition:
        condition, read = await inspection.groups(groups_of(policies))
        members.update(read)
        return condition

    async def people() -> Condition:
        condition, known = await inspection.people(people_of(policies))
        able.update(known)
        return condition

    async def channels() -> Condition:
        return await inspection.channels(channels_of(policies))

    results += [await run(GROUPS, groups), await run(PEOPLE, people), await run(CHANNELS, channels)]
    return [*results, told(APPROVERS, lambda: approvers(policies, able, members))]
