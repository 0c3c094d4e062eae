"""Simulations that back what is promised of estimated performance and of the split."""
