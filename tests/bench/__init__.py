"""Measures the budgets of the design, each as a ratio to a reference in the same run where it is one: `make bench`."""
