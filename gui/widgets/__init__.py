"""Buttons, lists, text, colours and sounds. They know no game and no engine."""
