"""The command `yomi get`. Loaded at every start: the rest comes when called."""

from typing import Annotated

import typer


def add_commands(app: typer.Typer) -> None:
    """Add `yomi get`."""
    app.command(epilog="Example:  yomi get smollm2")(get)


def get(
    what: Annotated[str, typer.Argument(help="'smollm2', 93 MB; or a .gguf file of the Llama family.")],
    name: Annotated[str, typer.Option(help="What to call it.", show_default="its own name")] = "",
) -> None:
    """Fetch a real language model, or convert a file of one, once; models then know it by its name."""
    from engine.text import fetching

    fetching.get(what, name)
