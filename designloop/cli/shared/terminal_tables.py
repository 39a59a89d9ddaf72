"""Tables in the terminal, as the commands print them."""

from rich.console import Console
from rich.table import Table


def table_of(title: str, *columns: str) -> Table:
    """An empty table with these columns. The first column is never wrapped."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, style="cyan" if column == columns[0] else None, no_wrap=column == columns[0])
    return table


def to_the_right(table: Table) -> Table:
    """The table with all columns right-aligned except the first."""
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def console() -> Console:
    """A console, plain and wide if the output is a file or a pipe."""
    found = Console(highlight=False, markup=False)
    return found if found.is_terminal else Console(highlight=False, markup=False, width=140, no_color=True)
