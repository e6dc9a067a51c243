"""The steps of a restore, one file each. Knows the domain and its own ports; no vendor."""
