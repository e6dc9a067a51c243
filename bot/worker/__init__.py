"""Loops that move requests on by themselves. Everything they do is fenced by a lease."""
