"""The real program sends its spans to a real receiver, and every step of a restore is in them."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot.sandbox import scenario
from tests.acceptance.journey import approve, ask, headline, thread
from tests.acceptance.world import World, until

SECRETS = (
    scenario.BOT_TOKEN,
    scenario.APP_TOKEN,
    scenario.SECRET_KEY,
    scenario.SIGNING_SECRET,
    "the orders table was dropped",
)


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[str, list[bytes]]]:
    """An OTLP/HTTP receiver: its address, and what came."""
    came: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        came.append(await request.read())
        return web.Response(content_type="application/x-protobuf")

    application = web.Application()
    application.router.add_post("/v1/traces", take)
    async with TestServer(application) as server:
        yield str(server.make_url("/")).rstrip("/"), came


def spans(came):
    found = []
    for body in came:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            assert names["service.name"] == "rds-restore-bot"
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


async def test_a_restore_is_traced_from_the_click_to_the_call(world):
    async with receiver() as (endpoint, came):
        bot = await world.start_bot(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_BSP_SCHEDULE_DELAY="200")
        request = await ask(world)
        await approve(world)
        await headline(world, "Restored")
        await world.slack.wait_for(lambda _: "final:outcome" in thread(world))
        bot.send_signal(signal.SIGTERM)
        assert await bot.wait() == 0
        await until(lambda: any(span.name == "Advance.look" for span in spans(came)))
        found = spans(came)
    by_id = {span.span_id: span for span in found}

    def above(name):
        """The names of all that the first span of this name lies under, and whether they are one request's."""
        span = next(each for each in found if each.name == name)
        path = []
        while span.parent_span_id:
            span = by_id[span.parent_span_id]
            path.append(span.name)
        return path

    assert above("Decide.approve") == ["slack view_submission"]
    assert above("slack.api views.open")[-1].startswith("slack ")
    assert above("cloud recover") == ["Submit"]
    assert any(span.name == "database write" and span.parent_span_id in by_id for span in found)
    assert above("SlackMessenger.show_card") == []
    submit = next(each for each in found if each.name == "Submit")
    told = {each.key: each.value.string_value for each in submit.attributes}
    assert told == {"rds_restore.request": request, "rds_restore.project": "prod", "rds_restore.state": "approved"}
    everything = b"\n".join(came)
    assert [secret for secret in SECRETS if secret.encode() in everything] == []


async def test_a_receiver_that_is_not_there_hinders_nothing(world: World):
    bot = await world.start_bot(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", OTEL_EXPORTER_OTLP_TIMEOUT="1")
    await ask(world)
    bot.send_signal(signal.SIGTERM)
    assert await bot.wait() == 0
