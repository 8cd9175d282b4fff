"""One function per thing a person or a speaker can ask for: load, rule, save, note the intention."""
