"""What people and programs read: every view is a function from a value to text or JSON."""
