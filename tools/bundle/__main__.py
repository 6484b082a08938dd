"""Make dist/chunfeng-VERSION-linux-x86_64.tar.gz. What it holds and why: docs/bundle.md."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from engine import __version__
from tools import guide_page
from tools.bundle import archive, debian, packages

ROOT = Path(__file__).parent.parent.parent
FILES = Path(__file__).parent / "files"


def assemble(folder: Path, work: Path) -> None:
    """Put everything of the bundle into the folder; work: where packages are fetched and unpacked."""
    fetched = debian.fetch(work / "debs")
    debian.unpack(fetched, work / "root")
    home = folder / "app"
    debian.place_python(work / "root", home)
    packages.install(ROOT, home / "packages")
    debian.place_libraries(work / "root", home)
    debian.place_licences(work / "root", folder / "licences")
    for name, place in (("chunfeng", folder), ("chunfeng-desktop", folder), ("python", home / "bin")):
        shutil.copyfile(FILES / name, place / name)
        (place / name).chmod(0o755)
    shutil.copyfile(FILES / "start.py", home / "start.py")
    guide = (FILES / "使用说明.txt").read_text(encoding="utf-8").replace("{version}", __version__)
    (folder / "使用说明.txt").write_text(guide, encoding="utf-8")
    (folder / "使用指南.html").write_text(guide_page.page(), encoding="utf-8")
    parts = "".join(f"{line}\n" for line in debian.versions(fetched))
    (folder / "licences" / "packages.txt").write_text(parts, encoding="utf-8")
    packages.compile_all(home)
    archive.write_sums(folder)


def main() -> None:
    """Make the bundle, in dist/ or the folder that is named, and print its sizes."""
    packages.fixed_seed()
    name = f"chunfeng-{__version__}-linux-x86_64"
    target = (Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist") / f"{name}.tar.gz"
    with tempfile.TemporaryDirectory(prefix="chunfeng-bundle-") as work:
        folder = Path(work) / name
        assemble(folder, Path(work))
        archive.pack(folder, target, archive.moment(ROOT))
        unpacked = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{target}: {target.stat().st_size / 1e6:.0f} MB, unpacked {unpacked / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
