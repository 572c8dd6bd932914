"""The values that travel between the layers: plain frozen data, no behaviour, no I/O."""
