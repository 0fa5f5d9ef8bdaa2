"""What several gradient rules are made of."""
