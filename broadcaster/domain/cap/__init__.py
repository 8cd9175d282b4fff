"""The Common Alerting Protocol 1.2: what we publish of emergencies, and what we believe of others'."""
