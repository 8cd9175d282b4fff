"""What an administrator types: one module for each group of commands."""
