"""The layout's rules that no linter knows."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
LAYERS = [
    {"errors", "settings", "formats"},
    {"contract"},
    {"simulation", "engines"},
    {"lake"},
    {"ingestion", "mappings"},
    {"models"},
    {"metrics"},
    {"pipeline", "api", "capped", "timeline", "intake"},
    {"verification"},
    {"dashboard", "report"},
    {"cli", "__main__"},
]


def layer_of(part: str) -> int:
    return next(i for i, names in enumerate(LAYERS) if part in names)


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {m for m in found if m.startswith("questline.")}


def test_no_layer_imports_a_later_one() -> None:
    broken = []
    for path in sorted((SOURCE / "questline").rglob("*.py")):
        part = path.relative_to(SOURCE / "questline").parts[0].removesuffix(".py")
        if part == "__init__":
            continue
        for module in imports_of(path):
            other = module.split(".")[1]
            if layer_of(other) > layer_of(part):
                broken.append(f"{path.relative_to(SOURCE)} imports {module}")
    assert broken == []


def test_simulation_shares_nothing_with_the_path_that_reads_its_files() -> None:
    for path in (SOURCE / "questline" / "simulation").rglob("*.py"):
        used = {m.split(".")[1] for m in imports_of(path)}
        assert used <= {"simulation", "contract", "errors", "settings"}, path


def test_entry_points_are_thin() -> None:
    for name in ("event_generator", "etl_pipeline", "metrics", "dashboard"):
        assert len((SOURCE / f"{name}.py").read_text().splitlines()) <= 60


def test_no_module_is_named_for_nothing() -> None:
    names = {p.stem for p in SOURCE.rglob("*")}
    assert not names & {"utils", "helpers", "common", "misc"}


def test_no_folder_hides_an_entry_point() -> None:
    assert not (SOURCE / "metrics").exists()
    assert not (SOURCE / "dashboard").exists()
