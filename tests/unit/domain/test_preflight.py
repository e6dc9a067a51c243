"""Each rule on both sides of its boundary."""

from datetime import timedelta

import pytest

from bot.domain.findings import Severity, blockers
from bot.domain.preflight import consequences, preflight
from bot.domain.request import InstanceRef
from tests.fakes import NOON
from tests.unit import requests as make

OK, WARNING, BLOCKER = Severity.OK, Severity.WARNING, Severity.BLOCKER


def found(rule, wish=None, **facts):
    findings = preflight(wish or make.wish(), make.facts(**facts), NOON)
    matching = [finding for finding in findings if finding.rule == rule]
    assert len(matching) <= 1
    return matching[0].severity if matching else None


def pair(source=None, target=None, **both):
    """Source and target that differ only in what is said."""
    return {
        "source": make.instance(**(both | (source or {}))),
        "target": make.instance("orders-staging", **({"storage_gb": 120} | both | (target or {}))),
    }


def test_what_is_fine_is_fine():
    findings = preflight(make.wish(), make.facts(), NOON)
    assert {finding.severity for finding in findings} == {OK}


@pytest.mark.parametrize(
    ("rule", "severity", "facts"),
    [
        ("same_engine", BLOCKER, pair(target={"engine": "PostgreSQL"})),
        ("version", OK, pair(version="5.7.44")),
        ("version", BLOCKER, pair({"version": "5.7.44"}, {"version": "8.0.28"})),
        ("version", OK, pair({"version": "5.7.43"}, {"version": "5.7.44"})),
        ("version", BLOCKER, pair({"version": "5.7.44"}, {"version": "5.7.43"})),
        ("version", WARNING, pair({"version": "8.0.28"}, {"version": "8.0.32"})),
        ("version", BLOCKER, pair({"version": "8.0.32"}, {"version": "8.0.28"})),
        ("version", OK, pair({"version": "15.4"}, {"version": "15.5"}, engine="PostgreSQL")),
        ("version", BLOCKER, pair({"version": "14.11"}, {"version": "15.5"}, engine="PostgreSQL")),
        ("version", OK, pair({"version": "2017_SE"}, {"version": "2019_EE"}, engine="SQLServer")),
        ("version", BLOCKER, pair({"version": "2017_EE"}, {"version": "2019_SE"}, engine="SQLServer")),
        ("version", WARNING, pair({"version": "2016_SE"}, {"version": "2019_SE"}, engine="SQLServer")),
        ("version", WARNING, pair(engine="MariaDB")),
        ("storage", OK, pair({"storage_gb": 120}, {"storage_gb": 120})),
        ("storage", BLOCKER, pair({"storage_gb": 121}, {"storage_gb": 120})),
        ("storage", WARNING, pair({"storage_gb": None})),
        ("table_name_case", BLOCKER, pair({"lower_case_table_names": "0"}, {"lower_case_table_names": "1"})),
        ("table_name_case", WARNING, pair(target={"lower_case_table_names": None})),
        ("table_name_case", None, pair(engine="PostgreSQL", version="15.4")),
        ("time_zone", OK, pair(engine="SQLServer", version="2019_SE")),
        ("time_zone", WARNING, pair(target={"time_zone": "CET"}, engine="SQLServer", version="2019_SE")),
        ("time_zone", WARNING, pair(target={"time_zone": None}, engine="SQLServer", version="2019_SE")),
        ("source_status", OK, pair({"status": "FAILED"})),
        ("source_status", WARNING, pair({"status": "MODIFYING"})),
        ("source_status", BLOCKER, pair({"status": "FROZEN"})),
        ("target_status", OK, pair()),
        ("target_status", BLOCKER, pair(target={"status": "BACKING UP"})),
        ("target_status", BLOCKER, pair(target={"status": "SOMETHING NEW"})),
        ("not_a_replica", BLOCKER, pair(target={"kind": "Replica"})),
        ("not_a_replica", BLOCKER, pair({"kind": "Replica"})),
        ("not_busy", BLOCKER, {"target_busy": "ResizeVolume"}),
        ("same_network", WARNING, pair(target={"vpc_id": "other"}, engine="PostgreSQL", version="15.4")),
        ("same_network", WARNING, pair(target={"vpc_id": None}, engine="PostgreSQL", version="15.4")),
        ("same_network", OK, pair(engine="PostgreSQL", version="15.4")),
        ("encryption", WARNING, pair({"encrypted": False}, {"encrypted": True})),
        ("encryption", None, pair(encrypted=True)),
        ("encryption", None, pair()),
        ("middleware", BLOCKER, pair(target={"associated_with_ddm": True})),
        ("disaster_recovery", BLOCKER, pair(target={"disaster_recovery": True})),
        ("backup_usable", BLOCKER, {"backup": None}),
        ("backup_usable", BLOCKER, {"backup": make.backup(instance_id="another")}),
        ("backup_usable", BLOCKER, {"backup": make.backup(type="incremental")}),
        ("backup_usable", BLOCKER, {"backup": make.backup(type="fragment")}),
        ("backup_usable", BLOCKER, {"backup": make.backup(status="BUILDING")}),
        ("backup_usable", OK, {"backup": make.backup(type="manual")}),
    ],
)
def test_a_rule_about_instances_and_backups(rule, severity, facts):
    assert found(rule, **facts) is severity


def test_onto_itself():
    same = make.instance()
    wish = make.wish(target=InstanceRef(same.id, same.name))
    assert found("onto_itself", wish, source=same, target=same) is OK
    postgres = make.instance(engine="PostgreSQL", version="15.4")
    assert found("onto_itself", wish, source=postgres, target=postgres) is WARNING


START, END = NOON - timedelta(hours=2), NOON - timedelta(hours=1)
MS = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("at", "windows", "severity"),
    [
        (START, ((START, END),), OK),
        (END, ((START, END),), OK),
        (START - MS, ((START, END),), BLOCKER),
        (END + MS, ((START, END),), BLOCKER),
        (END + MS, ((START, END), (END + 2 * MS, NOON)), BLOCKER),
        (END + 2 * MS, ((START, END), (END + 2 * MS, NOON)), OK),
        (START, (), BLOCKER),
    ],
)
def test_the_moment_lies_inside_a_window(at, windows, severity):
    findings = preflight(make.at_time(at), make.facts_in_time(at, *windows), NOON)
    assert next(finding for finding in findings if finding.rule == "inside_a_window").severity is severity


def test_windows_that_are_not_known_are_a_warning():
    findings = preflight(make.at_time(START), make.facts(backup=None, windows=None), NOON)
    assert next(finding for finding in findings if finding.rule == "inside_a_window").severity is WARNING


@pytest.mark.parametrize(("ahead", "stopped"), [(timedelta(0), False), (MS, True)])
def test_not_in_the_future(ahead, stopped):
    at = NOON + ahead
    findings = preflight(make.at_time(at), make.facts_in_time(at, (START, at)), NOON)
    assert ("not_in_the_future" in {finding.rule for finding in blockers(findings)}) is stopped


@pytest.mark.parametrize(
    ("databases", "severity"),
    [
        ({"crm": "crm_old"}, OK),
        ({"crm": "crm,crm_2"}, OK),
        ({"crm": ""}, OK),
        ({"crm": "master2"}, BLOCKER),
        ({"gone": ""}, BLOCKER),
        ({"crm": "MAIL"}, BLOCKER),
        ({"crm": "shop"}, BLOCKER),
    ],
)
def test_single_databases(databases, severity):
    both = pair({"databases": ("crm", "mail")}, {"databases": ("shop",)}, engine="SQLServer", version="2019_SE")
    assert found("databases", make.wish(databases=databases), **both) is severity


def test_single_databases_elsewhere_or_unknown():
    wish = make.wish(databases={"crm": ""})
    assert found("databases", wish, **pair(engine="MySQL")) is BLOCKER
    assert found("databases", wish, **pair(engine="SQLServer", version="2019_SE")) is WARNING


def test_a_finding_names_both_values():
    findings = preflight(make.wish(), make.facts(**pair({"storage_gb": 100}, {"storage_gb": 40})), NOON)
    assert "Target storage 40 GB is smaller than the source's 100 GB." in [finding.text for finding in findings]


def test_the_consequences_say_what_is_lost():
    said = consequences(make.wish(safety_backup=True), make.facts(), NOON)
    assert "All data on orders-staging is replaced. That cannot be undone." in said
    assert any("3 hours" in line for line in said)
    assert any("10 minutes (an estimate" in line for line in said)
    assert any("a backup of orders-staging is made" in line for line in said)
