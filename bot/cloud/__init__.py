"""Huawei Cloud RDS, spoken to over HTTP. The only part of the program that knows httpx and the vendor's SDK."""
