"""Write the reading order into docs/architecture.md: every file with the first sentence of its docstring.

python tests/measures/write_reading_order.py
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
MARK = "<!-- files -->\n"

FIRST = {
    *("games/game.py", "games/go/rules.py", "games/backgammon/rules.py", "games/connect_four/rules.py"),
    *("engine/search.py", "engine/networks/evaluator.py", "gui/app.py", "training/run.py", "training/learner.py"),
    *("training/tournament/director.py",),
}
"""Where to start in a room or a wing."""


def sentence(path: Path) -> str:
    """Return the first sentence of a file's docstring."""
    text = " ".join((ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n\n")[0].split())
    found = re.match(r"(.+?\.)(?= [A-Z`]|$)", text)
    return (found[1] if found else text).rstrip(".")


def reading_order() -> str:
    """Return the list of all folders and files, in Markdown."""
    parts = []
    for room in ("games", "engine", "gui", "training"):
        packages = sorted(path.parent for path in (ROOT / room).rglob("__init__.py"))
        for folder in packages:
            name = folder.relative_to(ROOT).as_posix()
            parts.append(f"### {name}/\n\n{sentence(folder / '__init__.py')}.\n")
            files = [path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]
            parts.append("".join(f"- {_name(path)}: {sentence(path)}\n" for path in files))
    return "\n".join(parts)


def _name(path: Path) -> str:
    code = f"`{path.name}`"
    return f"**{code}**" if path.relative_to(ROOT).as_posix() in FIRST else code


def page() -> str:
    """Return the page with its reading order as it should be."""
    return PAGE.read_text("utf-8").partition(MARK)[0] + MARK + "\n" + reading_order()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
