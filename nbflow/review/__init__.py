"""What is doubtful about a notebook as a notebook, whether any of its cells is marked or not."""

from nbflow.review.review import review

__all__ = ["review"]
