"""Small worlds whose answers are known: grids, tic-tac-toe as a table, cart-pole. They are no games for the search."""
