"""What the source of a cell says: tables of cells and their facts."""
