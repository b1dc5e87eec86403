"""Every learning method on a world so small that its answer is known. It knows none of the games that Yomi plays."""
