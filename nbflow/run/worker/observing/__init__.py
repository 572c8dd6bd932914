"""What a task is seen to read and write outside the flow, and whose that is."""
