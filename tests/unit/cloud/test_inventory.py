from datetime import date

import httpx
import pytest

from bot.cloud.mapping import moment
from bot.domain.errors import BotError, Refused, Unavailable
from bot.domain.facts import Window
from tests.unit.cloud.world import MYSQL, PROJECT, an_instance, cloud

INSTANCE = f"{1:032x}in01"


def a_backup(number, **more):
    return {
        "id": f"b{number:03}",
        "name": f"nightly-{number}",
        "instance_id": MYSQL,
        "type": "auto",
        "status": "COMPLETED",
        "begin_time": f"2026-10-{number % 28 + 1:02}T02:00:00+0000",
        **more,
    }


class Region:
    """Lists instances and backups page by page, like the cloud."""

    def __init__(self, plain=(), flexus=(), backups=(), refusal=None, settings=None):
        self.lists = {"": list(plain), "flexus": list(flexus)}
        self.backups = list(backups)
        self.refusal = refusal
        self.settings = settings
        self.asked: list[str] = []

    def __call__(self, request):
        params = request.url.params
        name = request.url.path.rsplit("/", 1)[-1]
        group = params.get("group_type", "")
        self.asked.append(f"{name} {group}".strip())
        if self.refusal is not None and group:
            return self.refusal
        if name == "configurations":
            return self.settings or httpx.Response(200, json={"configuration_parameters": []})
        if name == "backups":
            return self.page(params, "backups", [b for b in self.backups if b["instance_id"] == params["instance_id"]])
        return self.page(params, "instances", self.lists[group])

    def page(self, params, key, entries):
        wanted = params.get("id") or params.get("backup_id")
        entries = [entry for entry in entries if wanted in (None, entry["id"])]
        offset, limit = int(params.get("offset", 0)), int(params.get("limit", 100))
        assert limit <= 100
        return httpx.Response(200, json={key: entries[offset : offset + limit], "total_count": len(entries)})


async def test_all_pages_and_flexus_by_name():
    region = Region([an_instance(number) for number in range(250, 0, -1)], [an_instance(251)])
    async with cloud(region) as client:
        names = [instance.name for instance in await client.instances("prod")]
    assert names == [f"orders-{number:03}" for number in range(1, 252)]
    assert region.asked.count("instances") == 3
    assert region.asked.count("instances flexus") == 1


@pytest.mark.parametrize(
    ("status", "code", "again"),
    [(400, "DBS.280001", 1), (403, "DBS.200010", 1), (404, "APIGW.0101", 1), (500, "DBS.200005", 2)],
)
async def test_a_region_without_flexus(status, code, again):
    region = Region([an_instance(1)], refusal=httpx.Response(status, json={"error_code": code, "error_msg": "?"}))
    async with cloud(region, cache_seconds=0) as client:
        for _ in range(2):
            assert [instance.name for instance in await client.instances("prod")] == ["orders-001"]
        if again == 1:
            assert await client.instance("prod", f"{9:032x}in01") is None
    assert region.asked.count("instances flexus") == again


@pytest.mark.parametrize("total", [True, False])
async def test_pages_end_with_or_without_a_total(total):
    entries = [an_instance(number) for number in range(1, 131)]

    def answer(request):
        if "group_type" in request.url.params:
            return httpx.Response(200, json={"instances": []})
        offset = int(request.url.params["offset"])
        body = {"instances": entries[offset : offset + 100]} | ({"total_count": 130} if total else {})
        return httpx.Response(200, json=body)

    async with cloud(answer) as client:
        assert len(await client.instances("prod")) == 130


async def test_one_instance_with_its_table_names_setting():
    settings = httpx.Response(
        200, json={"configuration_parameters": [{"name": "a"}, {"name": "lower_case_table_names", "value": "1"}]}
    )
    region = Region([an_instance(1)], settings=settings)
    async with cloud(region) as client:
        found = await client.instance("prod", INSTANCE)
    assert found is not None
    assert found.lower_case_table_names == "1"
    assert region.asked == ["instances", "configurations"]


@pytest.mark.parametrize(
    "settings",
    [
        httpx.Response(200, json={"configuration_parameters": []}),
        httpx.Response(403, json={"error_code": "DBS.200010", "error_msg": "no"}),
        httpx.Response(400, json={"error_code": "DBS.280001", "error_msg": "no"}),
        httpx.Response(404, json={"error_code": "APIGW.0101", "error_msg": "no"}),
    ],
)
async def test_a_setting_that_is_not_told_is_unknown(settings):
    async with cloud(Region([an_instance(1)], settings=settings)) as client:
        found = await client.instance("prod", INSTANCE)
    assert found is not None
    assert found.lower_case_table_names is None


@pytest.mark.usefixtures("no_waiting")
async def test_a_setting_that_cannot_be_read_now_is_an_error():
    async with cloud(Region([an_instance(1)], settings=httpx.Response(503))) as client:
        with pytest.raises(Unavailable):
            await client.instance("prod", INSTANCE)


async def test_other_engines_are_not_asked_for_the_setting():
    region = Region([an_instance(1, datastore={"type": "PostgreSQL", "version": "15", "complete_version": "15.4"})])
    async with cloud(region) as client:
        found = await client.instance("prod", INSTANCE)
    assert found is not None
    assert found.version == "15.4"
    assert region.asked == ["instances"]


async def test_a_flexus_instance_is_found_and_an_unknown_one_is_not():
    region = Region(flexus=[an_instance(1)])
    async with cloud(region) as client:
        assert await client.instance("prod", INSTANCE) is not None
        assert await client.instance("prod", f"{2:032x}in01") is None


@pytest.mark.parametrize(("code", "status"), [("DBS.200045", 404), ("DBS.280404", 400)])
async def test_an_instance_that_the_cloud_says_is_not_there(code, status):
    answer = httpx.Response(status, json={"error_code": code, "error_msg": "?"})
    async with cloud(lambda request: answer) as client:
        assert await client.instance("prod", INSTANCE) is None
        assert await client.backup("prod", INSTANCE, "b1") is None


async def test_other_refusals_are_told():
    answer = httpx.Response(400, json={"error_code": "DBS.280001", "error_msg": "?"})
    async with cloud(lambda request: answer) as client:
        for call in (client.instance("prod", INSTANCE), client.backup("prod", INSTANCE, "b"), client.instances("prod")):
            with pytest.raises(Refused):
                await call


async def test_a_region_without_flexus_is_not_asked_again_for_an_unknown_instance():
    region = Region(refusal=httpx.Response(400, json={"error_code": "DBS.280001", "error_msg": "?"}))
    async with cloud(region) as client:
        for _ in range(2):
            assert await client.instance("prod", INSTANCE) is None
    assert region.asked == ["instances", "instances flexus", "instances"]


async def test_flexus_trouble_does_not_make_an_instance_vanish():
    region = Region(refusal=httpx.Response(401))
    async with cloud(region) as client:
        with pytest.raises(BotError):
            await client.instance("prod", INSTANCE)


async def test_backups_newest_first_from_all_pages():
    region = Region(backups=[a_backup(number) for number in range(150)])
    async with cloud(region) as client:
        found = await client.backups("prod", MYSQL)
    assert len(found) == 150
    assert [backup.began_at for backup in found] == sorted((backup.began_at for backup in found), reverse=True)


async def test_one_backup_of_this_instance_only():
    region = Region(backups=[a_backup(1), a_backup(2, instance_id="other")])
    async with cloud(region) as client:
        found = await client.backup("prod", MYSQL, "b001")
        assert found is not None
        assert found.name == "nightly-1"
        assert await client.backup("prod", MYSQL, "b002") is None
    async with cloud(lambda request: httpx.Response(200, json={"backups": [a_backup(3)]})) as careless:
        assert await careless.backup("prod", MYSQL, "b001") is None


async def test_windows_with_and_without_a_day():
    asked = []

    def answer(request):
        asked.append(request.url)
        return httpx.Response(200, json={"restore_time": [{"start_time": 1532001446987, "end_time": 1532742139000}]})

    async with cloud(answer) as client:
        assert await client.windows("prod", MYSQL) == (Window(moment(1532001446987), moment(1532742139000)),)
        await client.windows("prod", MYSQL, date(2026, 11, 3))
    assert asked[0].path == f"/v3/{PROJECT.project_id}/instances/{MYSQL}/restore-time"
    assert [url.params.get("date") for url in asked] == [None, "2026-11-03"]
