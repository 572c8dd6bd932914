"""The tests of nbflow; their folders mirror the package."""
