"""What the pages under docs/ show is what happens."""
