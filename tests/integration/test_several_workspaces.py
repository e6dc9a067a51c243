"""The app in several workspaces: installed by OAuth where it is wanted, each with a token of its own that is renewed."""

import html
import json
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlparse

import aiohttp
import pytest
from pydantic import SecretStr
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore

from bot.cli.checks.slack import ask_slack
from bot.domain.condition import Status
from bot.domain.errors import Refused
from bot.domain.people import Person
from bot.domain.policy import Policy
from bot.sandbox.workspace.config import CLIENT_ID, CLIENT_SECRET
from bot.slack.messenger import SlackMessenger
from bot.workflow.ports import Undeliverable
from tests.fakes import FixedClock
from tests.integration.in_slack import in_slack, settings
from tests.integration.test_errors_in_slack import sample
from tests.unit import requests as make

# slack_sdk still signs oauth.v2.access in a way that aiohttp wants to end with its version 4.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

HOME, SOUTH, STRANGER = "T0DEMO", "T0SOUTH", "T0STRANGER"
OAUTH: dict[str, Any] = {
    "slack_bot_token": None,
    "slack_client_id": CLIENT_ID,
    "slack_client_secret": SecretStr(CLIENT_SECRET),
    "slack_workspaces": f"{HOME}, {SOUTH}, E0NORTH",
}


@asynccontextmanager
async def several(folder, *, rotation=False):
    async with in_slack(folder, http_mode=True, **OAUTH) as world:
        world.slack.oauth.rotation = rotation
        world.slack.oauth.redirect_url = f"{world.program.url}/slack/oauth_redirect"
        yield world


@pytest.fixture
async def world(tmp_path):
    async with several(tmp_path) as made:
        yield made


async def install(world, **answer):
    """Go through the pages as a browser does. Returns the last page's status and text."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        async with browser.get(f"{world.program.url}/slack/install") as page:
            text = await page.text()
            cookie = SimpleCookie(page.headers["Set-Cookie"])
        (state,) = cookie.values()
        (found,) = re.findall(r'href="([^"]*/oauth/v2/authorize[^"]*)"', text)
        url = html.unescape(found)
        assert url.startswith(world.slack.url)
        async with browser.get(url) as page:
            assert page.status == 200
        async with browser.post(url, data={"answer": "allow", **answer}, allow_redirects=False) as page:
            back = page.headers["Location"]
        assert parse_qs(urlparse(back).query)["state"] == [state.value]
        async with browser.get(back, headers={"Cookie": f"{state.key}={state.value}"}) as page:
            return page.status, await page.text()


def token_of(world, team):
    return [token for token, grant in world.slack.oauth.tokens.items() if grant.team == team][-1]


def tokens_used(world, method):
    return [call.token for call in world.slack.calls if call.method == method]


async def command_from(world, team, text="orders-prod to orders-staging", **changes):
    payload = sample("command", world.slack, team_id=team, text=text, **changes)
    return await world.slack.deliver("slash_commands", payload)


async def test_each_workspace_is_answered_with_its_own_token(world):
    for team in (HOME, SOUTH):
        status, text = await install(world, team=team)
        assert (status, "Thank you" in text) == (200, True)
    for team in (HOME, SOUTH):
        before = len(tokens_used(world, "views.open"))
        assert (await command_from(world, team)).problem is None
        await world.slack.wait_for(lambda _, before=before: len(tokens_used(world, "views.open")) > before)
        assert tokens_used(world, "views.open")[-1] == token_of(world, team)


async def test_the_worker_speaks_with_the_token_of_the_workspace_that_asked(world):
    await install(world, team=HOME)
    await install(world, team=SOUTH)
    messenger = SlackMessenger(world.program.workspaces, FixedClock())
    for team in (SOUTH, HOME):
        await messenger.show_card(make.request(requester=Person("", team, "U0ALICE")), None, None)
        assert tokens_used(world, "chat.postMessage")[-1] == token_of(world, team)
    with pytest.raises(Undeliverable, match="not installed"):
        await messenger.show_card(make.request(requester=Person("", STRANGER, "U0ALICE")), None, None)


async def test_a_workspace_that_is_not_allowed_gets_nothing(world):
    status, _ = await install(world, team=STRANGER)
    assert status == 401
    assert [grant.team for grant in world.slack.oauth.tokens.values()] == []
    await command_from(world, STRANGER)
    assert tokens_used(world, "views.open") == []


async def test_a_workspace_without_the_app_is_told(world):
    ack = await command_from(world, SOUTH)
    assert ack.problem is None
    assert tokens_used(world, "views.open") == []
    said = world.slack.actor("U0ALICE").ephemerals
    assert "not installed" in json.dumps([message.text for message in said]) or "install" in said[-1].text


async def test_an_organisation_has_one_token_for_all_its_workspaces(world):
    await install(world, team=HOME, enterprise="E0NORTH", whole="1")
    await command_from(world, "T0ANY", enterprise_id="E0NORTH", is_enterprise_install="true")
    await world.slack.wait_for(lambda _: tokens_used(world, "views.open"))
    (token,) = world.slack.oauth.tokens
    assert tokens_used(world, "views.open") == [token]
    workspace = await world.program.workspaces.of(Person("E0NORTH", "T0ANY", "U0ALICE"))
    assert (workspace.enterprise, workspace.team) == ("E0NORTH", "")


async def test_removing_the_app_forgets_its_token(world):
    await install(world, team=SOUTH)
    await world.program.workspaces.of(Person("", SOUTH, "U0ALICE"))
    event = {"type": "app_uninstalled", "event_ts": "1795400002.000000"}
    payload = sample("event", team_id=SOUTH, event=event, authorizations=[])
    assert (await world.slack.deliver("events_api", payload)).problem is None

    async def gone(_=None):
        try:
            await world.program.workspaces.of(Person("", SOUTH, "U0ALICE"))
        except Refused:
            return True
        return False

    await world.program.draining.wait(5)
    assert await gone()


@pytest.mark.parametrize(("query", "status"), [("error=access_denied", 200), ("code=x&state=y", 400), ("", 400)])
async def test_a_wrong_way_back_installs_nothing(world, query, status):
    async with world.http.get(f"{world.program.url}/slack/oauth_redirect?{query}") as page:
        assert page.status == status
    assert world.slack.oauth.tokens == {}


async def test_a_token_that_ends_soon_is_renewed(tmp_path):
    async with several(tmp_path, rotation=True) as world:
        await install(world, team=SOUTH)
        first = token_of(world, SOUTH)
        person = Person("", SOUTH, "U0ALICE")
        assert (await world.program.workspaces.of(person)).client.token == first
        await set_expiry(world, datetime.now(UTC) + timedelta(minutes=60))
        renewed = (await world.program.workspaces.of(person)).client.token
        assert renewed == token_of(world, SOUTH) != first
        # The refresh token was kept too: it can be renewed again.
        await set_expiry(world, datetime.now(UTC) + timedelta(minutes=60))
        assert (await world.program.workspaces.of(person)).client.token not in (first, renewed)


async def test_a_token_that_cannot_be_renewed_serves_to_its_end(tmp_path):
    async with several(tmp_path, rotation=True) as world:
        await install(world, team=SOUTH)
        first = token_of(world, SOUTH)
        world.slack.oauth._refresh.clear()
        await set_expiry(world, datetime.now(UTC) + timedelta(minutes=60))
        assert (await world.program.workspaces.of(Person("", SOUTH, "U0ALICE"))).client.token == first


async def test_check_asks_with_the_stored_tokens_and_renews_none(tmp_path):
    async with several(tmp_path, rotation=True) as world:
        environment = settings(tmp_path, world.slack, world.rds, http_mode=True, **OAUTH).environment
        policies = [Policy(approvers=("S0DBA",))]
        results = await ask_slack(environment, policies, "")
        assert (results[0].name, results[0].condition.status) == ("slack token", Status.WARN)
        assert "/slack/install" in results[0].condition.next_step
        await install(world, team=SOUTH)
        await set_expiry(world, datetime.now(UTC) + timedelta(minutes=60))
        refresh = dict(world.slack.oauth._refresh)
        results = await ask_slack(environment, policies, world.program.url)
        assert [result.condition for result in results if result.condition.status is not Status.OK][:1] == []
        assert tokens_used(world, "auth.test")[-1] == token_of(world, SOUTH)
        assert world.slack.oauth._refresh == refresh
        world.slack.faults.errors = {"auth.test": "token_expired"}
        results = await ask_slack(environment, policies, world.program.url)
        assert results[0].condition.status is Status.WARN
        assert "`serve` renews it" in results[0].condition.next_step


async def set_expiry(world, at):
    workspaces = world.program.workspaces
    store: AsyncSQLAlchemyInstallationStore = workspaces._store
    bot = await store.async_find_bot(enterprise_id=None, team_id=SOUTH)
    assert bot is not None
    values = bot.to_dict_for_copying() | {"bot_token_expires_at": int(at.timestamp())}
    await store.async_save_bot(Bot(**values))
    workspaces.forget()
