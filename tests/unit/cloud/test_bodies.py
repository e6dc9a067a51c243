import pytest

from bot.cloud.bodies import backup_body, recovery_body
from bot.cloud.mapping import moment
from bot.domain.facts import BackupPoint, TimePoint
from tests.unit.cloud.world import MYSQL, NOW, SQLSERVER, wish

BACKUP = BackupPoint("2f4ddb93-b901-4b08-93d8-1d2e472f30fe", "nightly", NOW)


@pytest.mark.parametrize("version", ["v3", "v3.1"])
def test_from_a_backup_as_documented(version):
    assert recovery_body(wish(point=BACKUP), version) == {
        "source": {"instance_id": MYSQL, "type": "backup", "backup_id": "2f4ddb93-b901-4b08-93d8-1d2e472f30fe"},
        "target": {"instance_id": MYSQL},
    }


@pytest.mark.parametrize("version", ["v3", "v3.1"])
def test_to_a_point_in_time_as_documented(version):
    body = recovery_body(wish(point=TimePoint(moment(1532001446987))), version)
    assert body["source"] == {"instance_id": MYSQL, "type": "timestamp", "restore_time": 1532001446987}
    assert type(body["source"]["restore_time"]) is int


def test_sql_server_all_databases():
    asked = wish(SQLSERVER, SQLSERVER, BACKUP)
    assert recovery_body(asked, "v3.1")["source"]["restore_all_database"] is True
    assert "database_name" not in recovery_body(asked, "v3.1")["source"]
    assert recovery_body(asked, "v3")["source"].keys() == {"instance_id", "type", "backup_id"}


@pytest.mark.parametrize("version", ["v3", "v3.1"])
def test_sql_server_some_databases(version):
    source = recovery_body(wish(SQLSERVER, SQLSERVER, BACKUP, databases={"db1": "dbtest1", "db3": ""}), version)["source"]
    assert source["database_name"] == {"db1": "dbtest1", "db3": ""}
    assert "restore_all_database" not in source


def test_an_id_of_unknown_ending_may_be_sql_server():
    assert recovery_body(wish("x" * 32, MYSQL, BACKUP), "v3.1")["source"]["restore_all_database"] is True


def test_a_backup_s_description_holds_only_what_may_be_there():
    body = backup_body(MYSQL, "before-R-7KQ2M", 'asked by <@U1> & "me"\n=\'!' + "x" * 300)
    assert body["instance_id"] == MYSQL
    assert body["name"] == "before-R-7KQ2M"
    assert body["description"].startswith("asked by @U1 me x")
    assert len(body["description"]) == 256
    assert not set(">!<\"&'=") & set(body["description"])
