"""A local, strict RDS API with its identity service: for the demo, for tests, and for other clients to be tried against."""
