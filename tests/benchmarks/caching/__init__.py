"""One task, cached by nbflow and by other tools, and what each of them makes of a change."""
