"""The installed program: from its wheel alone, far from the checkout, in a folder that nothing writes to.

Needs git, a C compiler and a package index, as the set-up does; what is missing fails here and says so.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support import ROOT, SAMPLES
from support_documents import SAMPLE_NAMES, chunfeng, environment, paper

from engine import __version__

FONTS = ROOT / "build" / "fonts"


def _call(*command: str | Path, cwd: Path, env: dict[str, str], needs: str) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{needs}\n{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _tracked(*folders: str) -> list[str]:
    needs = "this test works with what git tracks: run it in a clone, with git installed"
    listed = _call("git", "ls-files", "-z", "--", *folders, cwd=ROOT, env=environment(), needs=needs)
    return [name for name in listed.split("\0") if name]


class Built(NamedTuple):
    """A wheel, and the copy of the repository that it was made from."""

    wheel: Path
    source: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the wheel from what a clone would hold and the fonts that the set-up builds."""
    source = tmp_path_factory.mktemp("source")
    for name in _tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    if FONTS.is_dir():
        shutil.copytree(FONTS, source / "build" / "fonts")
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel")
    _call(*command, cwd=source, env=environment(), needs="hatchling is missing: make test installs it")
    (wheel,) = (source / "dist").glob("*.whl")
    return Built(wheel, source)


class Installed(NamedTuple):
    """The wheel in an environment of its own, and a folder outside of everything to work in."""

    command: Path
    package: Path
    work: Path
    env: dict[str, str]

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the installed command outside the repository."""
        command = [self.command, *map(str, arguments)]
        return subprocess.run(command, cwd=self.work, env=self.env, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Install the wheel as tools/setup.sh installs the checkout, into an empty environment, and make it read-only."""
    folder = tmp_path_factory.mktemp("installed")
    target, work = folder / "venv", folder / "work"
    work.mkdir()
    env = environment(PYTHONPATH=None, VIRTUAL_ENV=None, XDG_CACHE_HOME=str(folder / "cache"))
    if sys.version_info >= (3, 13):  # as in tools/setup.sh: durable_rules uses a call that 3.13 has no longer
        env["CPPFLAGS"] = f"-DPyEval_CallObject=PyObject_CallObject {env.get('CPPFLAGS', '')}"
    _call(sys.executable, "-m", "venv", target, cwd=folder, env=env, needs="apt-get install python3-venv")
    pip = (target / "bin" / "pip", "--disable-pip-version-check", "--quiet", "install")
    for lock in ("build.txt", "runtime.txt"):
        hashed = (*pip, "--require-hashes", "--no-build-isolation", "-r", built.source / "requirements" / lock)
        _call(*hashed, cwd=folder, env=env, needs="pip needs a package index, gcc and the headers of Python")
    _call(*pip, "--no-deps", "--no-index", built.wheel, cwd=folder, env=env, needs="the wheel does not install")
    (package,) = (target / "lib").glob("python3*/site-packages/engine")
    _set_rights(package, 0o555, 0o444)
    yield Installed(target / "bin" / "chunfeng", package, work, env)
    _set_rights(package, 0o755, 0o644)


def _set_rights(folder: Path, folders: int, files: int) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(folders if path.is_dir() else files)


def _state(folder: Path) -> dict[str, str]:
    """Return the hash of every file by its path, without what Python compiles."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


# ── what the wheel holds


def test_the_wheel_holds_the_package_and_nothing_else(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names)), "a file is in it twice"
    assert {name.split("/")[0] for name in names} == {"engine", f"chunfeng-{__version__}.dist-info"}
    data = {name for name in names if name.startswith("engine/_data/")}
    assert {name.split("/")[2] for name in data} <= {"rules", "checklists", "templates", "fonts"}
    code = {name for name in names if name.startswith("engine/")} - data
    assert code == set(_tracked("engine"))
    assert built.wheel.name == f"chunfeng-{__version__}-py3-none-any.whl"


@pytest.mark.parametrize("folder", ["rules", "checklists", "templates"])
def test_the_wheel_holds_the_data_of_the_checkout(folder: str, built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        packed = {
            n.removeprefix("engine/_data/"): archive.read(n) for n in archive.namelist() if f"_data/{folder}/" in n
        }
    assert len(packed) > 2
    assert packed == {name: (built.source / name).read_bytes() for name in _tracked(folder)}


def test_the_wheel_carries_the_fonts_if_they_are_built(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith("engine/_data/fonts/")]
        packed = {name.rsplit("/", 1)[1]: hashlib.sha256(archive.read(name)).hexdigest() for name in names}
    assert packed == (_state(FONTS) if FONTS.is_dir() else {})
    assert not packed or "OFL.txt" in packed, "their licence goes with them"


def test_an_incomplete_set_of_fonts_is_left_out(built: Built, tmp_path: Path) -> None:
    """Fonts without their marker may be half built."""
    source = tmp_path / "source"
    shutil.copytree(built.source, source, ignore=shutil.ignore_patterns("dist", "recipe.txt"))
    (source / "build" / "fonts").mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel")
    _call(*command, cwd=source, env=environment(), needs="hatchling is missing: make test installs it")
    (wheel,) = (source / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert [name for name in archive.namelist() if "/_data/fonts/" in name] == []


# ── what it does, and that it stays as it was


@pytest.mark.long
def test_it_does_what_the_checkout_does_and_changes_nothing_of_its_own(installed: Installed) -> None:
    """One test, so that one process installs it once: papers, findings, rules, a layer; then every hash again."""
    before = _state(installed.package)
    assert len(before) > 100
    _prints_and_evaluates_like_the_checkout(installed)
    _checks_and_writes_rules_into_a_layer(installed)
    _reads_nothing_of_the_checkout(installed)
    assert _state(installed.package) == before, "the installed package was written to"


def _prints_and_evaluates_like_the_checkout(installed: Installed) -> None:
    work = installed.work
    done = installed.run("checklist", "retail-pharmacy", "--campaign", "2024", "-o", "x.pdf")
    assert done.returncode == 0, done.stderr
    assert (work / "x.pdf").read_bytes() == paper("blank", "pharmacy-2024").content, "not the checkout's own paper"
    for name in SAMPLE_NAMES:
        shutil.copy(SAMPLES / f"{name}.yaml", work / f"{name}.yaml")
        here = installed.run("evaluate", f"{name}.yaml", "--format", "json")
        there = chunfeng("evaluate", SAMPLES / f"{name}.yaml", "--format", "json")
        assert (here.returncode, here.stderr) == (1, "")
        assert json.loads(here.stdout)["findings"]
        assert here.stdout == there.out
    done = installed.run("record", "new", f"{SAMPLE_NAMES[0]}.yaml", "-o", "record.yaml")
    assert done.returncode == 0, done.stderr
    done = installed.run("record", "print", "record.yaml", "-o", "record.pdf")
    assert done.returncode == 0, done.stderr
    assert (work / "record.pdf").read_bytes() == paper("draft", SAMPLE_NAMES[0]).content


def _checks_and_writes_rules_into_a_layer(installed: Installed) -> None:
    writes = (("rules", "schema", "--write"), ("campaign", "release", "2024"))
    for arguments in (
        ("rules", "check"),
        ("rules", "schema"),
        ("rules", "show", "YD-14"),
        ("rules", "test", "cold-chain"),
    ):
        done = installed.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
    for arguments in writes:
        done = installed.run(*arguments)
        assert (done.returncode, "E412" in done.stderr) == (1, True), f"{arguments}: {done.stderr}"
    (installed.work / "layer").mkdir()
    for arguments in writes:
        done = installed.run(*arguments, "--rules", "layer")
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
    assert {name.split("/")[0] for name in _state(installed.work / "layer")} == {"schemas", "campaigns", "releases"}
    done = installed.run("rules", "check", "--rules", "layer")
    assert done.returncode == 0, done.stderr
    done = installed.run("checklist", "clinic", "--campaign", "2024", "--rules", "layer", "-o", "layered.json")
    assert done.returncode == 0, done.stderr


def _reads_nothing_of_the_checkout(installed: Installed) -> None:
    script = (
        "import engine, sys\n"
        "from engine.documents.fonts import font_folder\n"
        "from engine.library.files import data_root, is_installed\n"
        "print(engine.__file__, data_root(), font_folder(), is_installed(), *sys.path, sep='\\n')\n"
    )
    command = (installed.command.with_name("python"), "-c", script)
    shown = _call(*command, cwd=installed.work, env=installed.env, needs="the package does not import").splitlines()
    assert [line for line in shown if line.startswith(str(ROOT))] == []
    assert str(installed.package / "_data") in shown
    assert "True" in shown
    assert not FONTS.is_dir() or str(installed.package / "_data" / "fonts") in shown
