"""What makes shipped files; no part of the product."""
