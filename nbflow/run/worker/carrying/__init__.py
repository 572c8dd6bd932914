"""What a task is given beside its values, what it has changed, and how that is handed on."""
