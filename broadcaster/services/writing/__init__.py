"""What is written, put before others, approved, and taken back."""
