"""What follows from rules of the air: which hold where, what they leave open, and how a clerk is told of them."""
