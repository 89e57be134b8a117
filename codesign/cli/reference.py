"""Pages of the documentation that are made from tables: `python -m codesign.cli.reference` writes them."""

from __future__ import annotations

from pathlib import Path

from codesign.cli import VERBS, app


def columns_page() -> str:
    """The columns of a row, and the objectives made of them."""
    from codesign.rows import COLUMNS, MEANING, UNIT
    from codesign.rows.objective import objectives

    columns = "\n".join(f"| `{name}` | {UNIT[name]} | {MEANING[name]} |" for name in COLUMNS)
    better = {"min": "less", "max": "more", "row": "as the metric says"}
    wishes = "\n".join(
        f"| `{one.name}` | {better[one.goal]} | {one.unit} | {one.label} |" for one in objectives().values()
    )
    return (
        "# Columns of a row\n\nOne row is one design: a line of `rows.jsonl`, of the CSV and Parquet tables, and what "
        "`codesign run --json` says. A design that failed has `error` and no results.\n\n"
        f"| column | unit | meaning |\n|---|---|---|\n{columns}\n\n"
        "## Objectives\n\nWhat a space file may wish for. A package may bring more by the entry point "
        f"`codesign.objectives`.\n\n| objective | better | unit | what it is |\n|---|---|---|---|\n{wishes}\n"
    )


def cli_page() -> str:
    """What `--help` says of each verb."""
    from typer.main import get_command

    group = get_command(app())
    parts = [
        "# Command line\n\nExit status: 0 done, 2 bad input (one line says what and where), 1 a defect of ours. stdout "
        "carries results only; progress goes to stderr. `--json` makes stdout one JSON document.\n"
    ]
    for verb in VERBS:
        command = group.commands[verb]  # type: ignore[attr-defined]  # of a group, which an app with several verbs is
        context = command.make_context(verb, [], resilient_parsing=True, max_content_width=100, terminal_width=100)
        context.info_name = f"codesign {verb}"
        parts.append(f"## {verb}\n```\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


def main() -> None:
    """Write both pages."""
    folder = Path(__file__).parents[2] / "docs" / "reference"
    (folder / "columns.md").write_text(columns_page())
    (folder / "cli.md").write_text(cli_page())


if __name__ == "__main__":
    main()
