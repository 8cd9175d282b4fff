"""Rows and transactions: SQLAlchemy and nothing else."""
