"""Tests of what becomes of a plain notebook's cells."""
