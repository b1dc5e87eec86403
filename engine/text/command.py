"""The commands `yomi generate` and `yomi get`. Loaded at every start: the rest comes when called."""

from typing import Annotated

import typer

from engine.text.generating import generate


def add_commands(app: typer.Typer) -> None:
    """Add `yomi generate` and `yomi get`."""
    app.command(epilog='Example:  yomi generate "2 7 8 12" --compare')(generate)
    app.command(epilog="Example:  yomi get smollm2")(get)


def get(
    what: Annotated[str, typer.Argument(help="'smollm2', 93 MB; or a .gguf file of the Llama family.")],
    name: Annotated[str, typer.Option(help="What to call it.", show_default="its own name")] = "",
) -> None:
    """Fetch a real language model, or convert a file of one, once; models then know it by its name."""
    from engine.text import fetching

    fetching.get(what, name)
