"""Stored state in, blocks out. Pure: no client, no clock."""
