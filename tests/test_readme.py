"""The pages of the repository name only commands, files and links that exist."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from lakes import deliver, rows_of, settings_for
from questline.cli.app import build
from questline.cli.options import metric_options
from questline.ingestion.mapping import Mapping, known_mappings
from questline.lake.schemas import TABLES
from questline.metrics import CATALOGUE, entry
from questline.settings import Settings

ROOT = Path(__file__).parents[1]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")),
    *DECISIONS,
]
SCRIPTS = {"event_generator.py": "simulate", "etl_pipeline.py": "run", "metrics.py": "metric"}
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_PATH = re.compile(r"`((?:src|tests|docs|sql|data)/[\w./-]*|[\w.]+/[\w./-]+\.(?:py|md|toml|json))`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")

app: Any = typer.main.get_command(build())


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """Texts of the fenced blocks in one of the languages."""
    for language, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if language in languages:
            yield text


def written_lines() -> Iterator[tuple[str, list[str]]]:
    """Page and words of every command line in a block of shell."""
    for page in PAGES:
        for text in blocks(page, "sh"):
            for line in text.splitlines():
                yield page.name, shlex.split(line, comments=True)
        for text in blocks(page, "console"):
            for line in text.splitlines():
                if line.startswith("$ "):
                    yield page.name, shlex.split(line[2:], comments=True)


def questline_lines() -> Iterator[tuple[str, list[str]]]:
    """Page and arguments of every line that ends up at the command line of Questline."""
    for page, words in written_lines():
        if words[:1] == ["questline"]:
            yield page, words[1:]
        elif words[:1] == ["python"] and words[1].startswith("src/"):
            yield page, [SCRIPTS[Path(words[1]).name], *words[2:]]


def inline_commands() -> Iterator[tuple[str, str]]:
    """Page and text of every `questline ...` inside a sentence or a table."""
    for page in PAGES:
        prose = _BLOCK.sub("", page.read_text(encoding="utf-8"))
        for text in re.findall(r"`(questline [^`]*)`", prose):
            yield page.name, text


@pytest.mark.parametrize(("page", "arguments"), list(questline_lines()))
def test_command_line_is_understood(page: str, arguments: list[str]) -> None:
    assert arguments[0] in app.commands, page
    command = app.commands[arguments[0]]
    with command.make_context(arguments[0], list(arguments[1:])) as context:
        name = context.params.get("name", "dau")
        left = list(context.args)
    assert name in CATALOGUE or (arguments[0] == "export" and name in TABLES), page
    if name in CATALOGUE:
        entry(name).parse(metric_options(entry(name), left))


@pytest.mark.parametrize(("page", "text"), sorted(set(inline_commands())))
def test_inline_command_names_what_exists(page: str, text: str) -> None:
    words = shlex.split(text.partition(">")[0])[1:]
    assert words[0] in app.commands, page
    options = {o for p in app.commands[words[0]].params for o in p.opts}
    if words[1:] and words[1] in CATALOGUE:
        options |= {option.flag for option in entry(words[1]).options}
    assert {w for w in words if w.startswith("--")} <= options, page


def test_every_command_is_in_the_table_of_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `questline (\w+)", text, flags=re.M))
    assert named == set(app.commands)


def test_number_of_metrics_is_the_catalogue() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"answers {len(CATALOGUE)} questions" in text
    shipped = re.search(r"come with the package: (.*?), used as", text)
    assert shipped is not None
    assert re.findall(r"`(\w+)`", shipped.group(1)) == known_mappings()


def test_shell_lines_name_scripts_and_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    for page, words in written_lines():
        if words[:1] == ["make"]:
            assert set(words[1:]) <= targets, page
        for word in words:
            if word.endswith((".py", ".txt")):
                assert (ROOT / word).is_file(), f"{page}: {word}"


def test_python_modules_in_shell_lines_exist() -> None:
    modules = [w[w.index("-m") + 1] for _, w in written_lines() if "-m" in w]
    for module in modules:
        assert (ROOT / "src" / f"{module.replace('.', '/')}.py").is_file(), module


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_paths_and_links_exist(page: Path) -> None:
    prose = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    generated = ("data/processed/", "data/raw_events/")
    for path in _PATH.findall(prose):
        if not path.startswith(generated):
            inside = (ROOT / path, ROOT / "src" / "questline" / path)
            assert any(p.exists() for p in inside), f"{page.name}: {path}"
    for link in _LINK.findall(prose):
        if "://" not in link:
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_worked_example_gives_what_the_readme_shows(tmp_path: Path) -> None:
    page = ROOT / "README.md"
    settings_text, text = blocks(page, "toml")
    Settings.model_validate(tomllib.loads(settings_text))
    mapping = Mapping(**tomllib.loads(text))
    actions, accounts = blocks(page, "text")
    settings = settings_for(tmp_path, **mapping.settings)
    files = [("actions-march.csv", actions.encode()), ("accounts.csv", accounts.encode())]
    summary = deliver(settings, files, mapping=mapping)
    assert (summary.lines_in, summary.accepted, summary.duplicates) == (10, 8, 1)
    assert summary.rejected == {"invalid_property": 1}
    (refused,) = rows_of(settings.lake, "rejected", comparable=False)
    assert f"{refused['file']}:{refused['line']}  {refused['message']}" in page.read_text()
    channels = {r["player_id"]: r["channel"] for r in rows_of(settings.lake, "players")}
    assert channels == {"account-anna": "friend", "account-ben": "search"}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_python_examples_compile(page: Path) -> None:
    for text in blocks(page, "python"):
        compile(text, page.name, "exec")


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(p.name[:4]) for p in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in DECISIONS:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith(f"# {path.name[:4]} ")
        assert re.fullmatch(r"\d{4}(-[a-z0-9]+)+\.md", path.name)


def test_decisions_say_question_choice_and_what_would_change_it() -> None:
    for path in DECISIONS:
        text = path.read_text(encoding="utf-8")
        for part in ("**Question.**", "**Chosen.**", "**Would change it.**"):
            assert part in text, f"{path.name}: {part}"
