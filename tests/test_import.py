"""What an import costs and pulls in."""

import json
import subprocess
import sys

from tests.helpers import ROOT


def loaded_by(*names: str) -> set[str]:
    """Names of all modules in a fresh Python after these imports."""
    script = (
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    return set(json.loads(subprocess.check_output([sys.executable, "-c", script, *names], cwd=ROOT)))


def every_module() -> list[str]:
    paths = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / "playground").rglob("*.py"))
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)


def test_importing_the_engine_alone_pulls_in_nothing_heavy():
    assert not loaded_by("playground") & {"torch", "numpy", "pydantic", "streamlit", "plotly"}


def test_the_server_does_not_pay_for_torch():
    names = {
        "playground.runs.manager",
        "playground.runs.launch",
        "playground.runs.workers",
        "playground.store.export",
        "playground.services.gates",
        "playground.services.gate_export",
        "playground.models.gate_statistics",
        "playground.services.ngrams",
        "playground.web",
        "playground.cli",
        "playground.text.prepare",
        "playground.training.events",
        "playground.toys.autoregression.forecast",
        "playground.models.graphs",
        "playground.models.shapes",
        "playground.text.partition",
    }
    loaded = loaded_by(*names)
    assert names <= loaded
    assert "torch" not in loaded


def test_nothing_in_the_engine_imports_a_page_or_streamlit():
    names = [name for name in every_module() if not name.endswith("__main__")]
    loaded = loaded_by(*names)
    assert set(names) <= loaded
    assert not {name for name in loaded if name.split(".")[0] in {"streamlit", "pages"}}


def test_records_know_neither_torch_nor_plotly():
    assert not loaded_by("playground.records", "playground.config") & {"torch", "plotly", "pandas"}


def test_pickle_is_never_a_way_in():
    sources = {path: path.read_text("utf-8") for path in (ROOT / "playground").rglob("*.py")}
    assert len(sources) > 20
    assert not [path for path, text in sources.items() if "torch.load(" in text or "import pickle" in text]
