"""RDS restore bot: restores cloud databases from Slack, with a second person's approval."""

__version__ = "0.1.0"
