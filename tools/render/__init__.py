"""Catalog to text: pure functions, one format a module."""
