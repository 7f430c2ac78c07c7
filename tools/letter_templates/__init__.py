"""Makes the Word templates of the letters."""
