"""Checks infra/package with an executable that was built already: what it packs, that it packs it the same
way again, and what it refuses.

    check_package.py BOOTSTRAP
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from template import ROOT

RULES = ROOT / "tests" / "tests" / "end_to_end" / "rules"
IS_ARM = platform.machine() in {"aarch64", "arm64"}


def pack(bootstrap: Path, output: Path, *arguments: str, arm: bool = IS_ARM) -> subprocess.CompletedProcess:
    command = [sys.executable, ROOT / "infra" / "package", "--bootstrap", bootstrap, "--output", output, *arguments]
    return subprocess.run([*map(str, command), *(["--arm64"] if arm else [])], capture_output=True, text=True, check=False)


def contents(package: Path) -> dict:
    with zipfile.ZipFile(package) as opened:
        return {entry.filename: entry.external_attr >> 16 & 0o777 for entry in opened.infolist()}


def check(bootstrap: Path, folder: Path) -> list:
    broken = []

    def expect(condition, what: str) -> None:
        if not condition:
            broken.append(what)

    configuration = folder / "mine.yml"
    configuration.write_text("rules: {from: rules}\n", encoding="utf-8")
    first, second = folder / "first.zip", folder / "second.zip"
    more = ("--configuration", str(configuration), "--rules", str(RULES))
    result = pack(bootstrap, first, *more)
    expect(result.returncode == 0, f"a package: {result.stderr}")
    os.utime(configuration, (0, 2_000_000_000))
    pack(bootstrap, second, *more)
    expect(first.read_bytes() == second.read_bytes(), "the same sources give the same bytes")
    wanted = {"bootstrap": 0o755, "trailhound.yml": 0o644} | {f"rules/{path.name}": 0o644 for path in RULES.iterdir()}
    expect(contents(first) == wanted, f"the files and their permissions: {contents(first)}")
    expect("--configuration" in pack(bootstrap, second, "--rules", str(RULES)).stderr, "rules that nobody reads are refused")
    expect("no Linux executable" in pack(bootstrap, second, arm=not IS_ARM).stderr, "another architecture is refused")
    newer = folder / "newer"
    newer.write_bytes(re.sub(rb"GLIBC_2\.\d\d", b"GLIBC_2.99", bootstrap.read_bytes()))
    expect("needs glibc 2.99" in pack(newer, second).stderr, "a newer C library is refused")
    return broken


def main() -> int:
    if platform.system() != "Linux":
        print("SKIPPED: an executable of this system is none for Lambda", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        broken = check(Path(sys.argv[1]), Path(folder))
    for what in broken:
        print(f"infra/package: not as promised: {what}", file=sys.stderr)
    print("infra/package: " + ("has problems" if broken else "packs as promised"))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
