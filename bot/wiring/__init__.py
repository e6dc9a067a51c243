"""Joins the parts. The only place that constructs adapters; everything that opens is closed by one exit stack."""

from bot.wiring.access import cloud_projects, slack_access
from bot.wiring.given import SystemClock
from bot.wiring.program import Running, running

__all__ = ["Running", "SystemClock", "cloud_projects", "running", "slack_access"]
