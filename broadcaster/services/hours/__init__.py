"""The rules of the air: asked about, set, and excepted from."""
