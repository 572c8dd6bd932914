"""What a store holds, what is collected, and what is found damaged."""
