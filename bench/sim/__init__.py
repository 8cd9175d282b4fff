"""One world per seed: the product's own code on a virtual clock, with faults, and a judge that shares none of it."""
