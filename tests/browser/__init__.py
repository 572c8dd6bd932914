"""What users see, in a real JupyterLab and a real browser."""
