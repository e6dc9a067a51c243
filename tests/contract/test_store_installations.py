"""The tables that slack_sdk's stores work on have slack_sdk's columns, on both databases."""

from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import inspect


@pytest.fixture
def engine(database) -> Any:
    return database.installations.engine


async def test_the_columns_are_those_of_slack_sdk(engine):
    wanted = [
        AsyncSQLAlchemyInstallationStore("1.2", engine).bots,
        AsyncSQLAlchemyInstallationStore("1.2", engine).installations,
        AsyncSQLAlchemyOAuthStateStore(600, engine).oauth_states,
    ]
    async with engine.connect() as connection:
        for table in wanted:
            columns = await connection.run_sync(lambda sync, name=table.name: inspect(sync).get_columns(name))
            found = {column["name"]: (column["type"].compile(connection.dialect), column["nullable"]) for column in columns}
            theirs = {
                column.name: (column.type.compile(connection.dialect), bool(column.nullable)) for column in table.columns
            }
            assert found == theirs


async def test_they_keep_what_is_installed(database, engine):
    store = AsyncSQLAlchemyInstallationStore("1.2", engine)
    for team in ("T1", "T2"):
        installation = Installation(
            app_id="A1",
            user_id="U1",
            team_id=team,
            bot_token=f"xoxb-{team}",
            bot_refresh_token="xoxe",
            bot_token_expires_in=60,
        )
        await store.async_save(installation)
        await store.async_save(installation)
    bot = await store.async_find_bot(enterprise_id=None, team_id="T2")
    assert bot is not None
    assert bot.bot_token == "xoxb-T2"
    with database.installations.in_our_words():
        assert sorted(await database.installations.places("1.2")) == [(None, "T1"), (None, "T2")]
    assert await database.installations.places("9.9") == []


async def test_a_state_is_good_once(engine):
    states = AsyncSQLAlchemyOAuthStateStore(600, engine)
    state = await states.async_issue()
    assert await states.async_consume(state)
    assert not await states.async_consume(state)
