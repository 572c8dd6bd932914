"""What nbflow costs, measured beside Metaflow: the same work, in the same run, medians."""
