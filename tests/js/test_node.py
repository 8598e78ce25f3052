"""The tests of the browser's part, run by the node that Playwright's wheel brings."""

from __future__ import annotations

import subprocess
from pathlib import Path

import playwright

from tests.helpers import ROOT

NODE = Path(playwright.__file__).parent / "driver" / "node"


def test_the_browsers_part_keeps_its_laws():
    files = sorted(str(file) for file in (ROOT / "tests" / "js").glob("*.test.mjs"))
    assert files
    run = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "# pass 0" not in run.stdout
