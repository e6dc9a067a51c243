"""How the tables came to be. Each file in `versions/` is one step; steps never change once they are released."""
