"""How the simulated shop is asked: the search language, and the straight road through a query."""
