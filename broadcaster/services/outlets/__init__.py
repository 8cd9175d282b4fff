"""The same words elsewhere: chat groups, and the page where residents listen again."""
