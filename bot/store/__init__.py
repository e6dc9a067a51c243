"""The database: requests, the outbox, leases and the audit log. The only place that knows SQL."""
