"""The benchmarks' work as Metaflow flows, written as its documentation does."""
