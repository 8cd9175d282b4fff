"""The simulator: small pieces of `make sim`, the seeds that once went wrong, and code broken on purpose."""
