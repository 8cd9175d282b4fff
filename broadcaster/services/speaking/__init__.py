"""What is signed for speakers and what they signed for us."""
