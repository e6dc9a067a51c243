"""The documentation, the alert rules and the dashboard name what the code exposes, and nothing else."""

import json
import re
from pathlib import Path

import promql_parser as promql
import pytest
import yaml

from bot.ops.metrics import Metrics

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ALERTS = DOCS / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = DOCS / "deploy" / "grafana" / "dashboard.json"
RUNBOOK = (DOCS / "runbook.md").read_text(encoding="utf-8")
PLACE = "https://docs.example.org/rds-restore-bot/"
"""Where the operator serves the documentation; the rules say how to replace it."""
FROM_PROMETHEUS = {"job", "instance", "le"}
"""Labels that Prometheus adds, or that belong to the type."""


def exposed():
    """Each metric's name as it is asked for, its type and its labels."""
    metrics = Metrics("1.2.3")
    found = {}
    for collector in metrics.registry._collector_to_names:
        labels = tuple(getattr(collector, "_labelnames", ()))
        for family in collector.collect():
            name = f"{family.name}_total" if family.type == "counter" else family.name
            own = {label for sample in family.samples for label in sample.labels} - {"le"}
            found[name] = (family.type, labels or tuple(own))
    return found


EXPOSED = exposed()


def series():
    """What a question may name."""
    found: dict[str, tuple[str, set[str]]] = {}
    for name, (kind, labels) in EXPOSED.items():
        suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        found |= {f"{name}{suffix}": (kind, {*labels, *FROM_PROMETHEUS}) for suffix in suffixes}
    return found


SERIES = series()


def parts(node):
    """The node and all below it."""
    yield node
    below = [getattr(node, name, None) for name in ("lhs", "rhs", "expr", "vector_selector", "param")]
    for child in [*below, *(getattr(node, "args", None) or ())]:
        if isinstance(child, promql.Expr):
            yield from parts(child)


def faults(question):
    """What is wrong with a PromQL expression, in words."""
    found = []
    for node in parts(promql.parse(question)):
        if isinstance(node, promql.VectorSelector):
            found += selector_faults(node)
        if isinstance(node, promql.Call) and node.func.name in ("rate", "increase"):
            counted = node.args[0].vector_selector.name
            if SERIES.get(counted, ("counter",))[0] == "gauge":
                found.append(f"{node.func.name} of the gauge {counted}")
        if isinstance(node, promql.AggregateExpr) and node.modifier is not None:
            named = {name for each in parts(node.expr) if isinstance(each, promql.VectorSelector) for name in [each.name]}
            known = set().union(*(SERIES[name][1] for name in named if name in SERIES))
            found += [f"no label {label} to group by" for label in node.modifier.labels if label not in known]
    return found


def selector_faults(selector):
    if selector.name not in SERIES:
        return [f"no metric {selector.name}"]
    labels = SERIES[selector.name][1]
    return [f"{selector.name} has no label {m.name}" for m in selector.matchers.matchers if m.name not in labels]


def alerts():
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def questions():
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    # Grafana fills its variables in before it asks.
    return [target["expr"].replace("$job", ".*") for panel in panels for target in panel["targets"]]


def test_every_metric_is_documented_with_type_and_labels():
    documented = {}
    for line in (DOCS / "metrics.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 7 and re.fullmatch(r"`[a-z_]+`", cells[1]):
            assert cells[4], line
            assert cells[5], line
            documented[cells[1].strip("`")] = (cells[2], set(re.findall(r"`(\w+)`", cells[3])))
    assert documented == {name: (kind, set(labels)) for name, (kind, labels) in EXPOSED.items()}


def test_ours_have_the_prefix():
    others = [name for name in EXPOSED if not name.startswith("rds_restore_")]
    assert all(name.startswith(("process_", "python_")) for name in others)


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_every_alert_asks_for_what_there_is_and_says_what_to_do(rule):
    assert faults(rule["expr"]) == []
    notes = rule["annotations"]
    assert notes["summary"]
    assert notes["description"]
    assert rule["labels"]["severity"] in ("critical", "warning")
    page, _, anchor = notes["runbook_url"].removeprefix(PLACE).partition("#")
    assert page == "runbook.html"
    assert f"{{ #{anchor} }}" in RUNBOOK
    asked_for = set(re.findall(r"\$labels\.(\w+)", str(notes)))
    grouped = set(re.findall(r"by \((\w+)\)", rule["expr"]))
    assert asked_for <= grouped


def test_the_runbook_has_a_row_for_every_alert():
    """What it means, what to do first, and the same section as the alert itself."""
    rows = {}
    for line in RUNBOOK.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 6 and cells[1].startswith("`RdsRestore"):
            assert all(cells[1:5]), line
            rows[cells[1].strip("`")] = re.findall(r"\]\(#([\w-]+)\)", cells[4])[0]
    assert rows == {rule["alert"]: rule["annotations"]["runbook_url"].partition("#")[2] for rule in alerts()}


def test_the_place_of_the_documentation_can_be_replaced():
    rules, pages = ALERTS.read_text(encoding="utf-8"), (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert f"s|{PLACE.removesuffix('/')}|" in rules
    assert PLACE.removesuffix("/") in pages


@pytest.mark.parametrize("rule", [rule for rule in alerts() if "for" not in rule], ids=lambda rule: rule["alert"])
def test_an_alert_that_fires_at_once_sees_the_first_event(rule):
    """An increase is only seen of a series that is there before it."""
    there = Metrics("1.2.3").registry
    for node in parts(promql.parse(rule["expr"])):
        if isinstance(node, promql.Call) and node.func.name in ("rate", "increase"):
            counted = node.args[0].vector_selector
            labels = {matcher.name: matcher.value for matcher in counted.matchers.matchers}
            found = [
                sample
                for family in there.collect()
                for sample in family.samples
                if sample.name == counted.name and labels.items() <= sample.labels.items()
            ]
            assert found, counted.name


def test_no_two_alerts_have_one_name():
    names = [rule["alert"] for rule in alerts()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("question", questions())
def test_every_panel_asks_for_what_there_is(question):
    assert faults(question) == []


def test_the_dashboard_shows_every_metric_of_ours():
    text = DASHBOARD.read_text(encoding="utf-8")
    assert [name for name in EXPOSED if name.startswith("rds_restore_") and name not in text] == []


@pytest.mark.parametrize(
    "question",
    [
        "rds_restore_nothing",
        'rds_restore_requests{colour="red"}',
        "rate(rds_restore_requests[5m])",
        "sum by (colour) (rds_restore_requests)",
        "max(rds_restore_cloud_call_seconds)",
        'absent(rds_restore_requests{colour="red"})',
    ],
)
def test_a_wrong_question_is_seen(question):
    assert faults(question) != []
