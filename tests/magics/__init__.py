"""Tests of the notebook side, in real kernels."""
