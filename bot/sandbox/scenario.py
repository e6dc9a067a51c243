"""The seeded world of the demo: a small company in the middle of an incident."""
