"""What happens inside the process that carries out one task."""
