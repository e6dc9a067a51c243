"""The Slack surface: the only place that knows Slack and Bolt."""
