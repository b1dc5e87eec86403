"""Text in columns, for reports that are read in a terminal or as a file."""

from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]], left: int = 0) -> str:
    """Lay rows out in columns, the first `left` of them and the last to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    last = len(widths) - 1

    def cell(text: str, k: int) -> str:
        return text.ljust(widths[k]) if k < left or k == last else text.rjust(widths[k])

    return "\n".join("  ".join(cell(text, k) for k, text in enumerate(row)).rstrip() for row in rows)
