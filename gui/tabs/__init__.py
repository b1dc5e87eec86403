"""What stands beside the board: controls, the tree, a run's checkpoints. It knows no game."""
