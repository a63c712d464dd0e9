"""The built libraries, for scripts that ask the compiler about them: where they are, their symbol graphs."""

import json
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# What other packages import, each behind those that it stands on. SpiderCore re-exports SpiderImaging.
MODULES = [
    "SpiderImaging", "SpiderCore", "SpiderAnatomy", "SpiderIO", "SpiderDICOM", "SpiderDRR", "SpiderPhantom",
    "SpiderBaselines", "SpiderDataSet", "SpiderEvaluation", "SpiderTraining", "SpiderPretrained",
    "SpiderReport",
]
RELEASE = ROOT / ".build" / "release"


def target():
    """The triple of this machine, such as x86_64-unknown-linux-gnu."""
    info = subprocess.run(["swift", "-print-target-info"], capture_output=True, text=True, check=True)
    return json.loads(info.stdout)["target"]["triple"]


def imports(build=RELEASE):
    """What a compiler needs to find the built modules and the C modules below them."""
    maps = [ROOT / "Sources" / "COpenBLAS" / "module.modulemap", *build.glob("C*.build/module.modulemap")]
    maps += (ROOT / ".build" / "checkouts").glob("*/Sources/C*/include/module.modulemap")
    flags = ["-I", str(build / "Modules")]
    for include in (ROOT / "Sources").glob("C*/include"):
        flags += ["-Xcc", f"-I{include}"]
    for path in maps:
        flags += ["-Xcc", f"-fmodule-map-file={path}"]
    return flags


def extract(module, folder, build=RELEASE, options=()):
    """Writes the symbol graphs of the public interface of a built module into a folder; exits where it is not built."""
    script = pathlib.Path(sys.argv[0]).name
    if shutil.which("swift-symbolgraph-extract") is None:
        sys.exit(f"{script}: swift-symbolgraph-extract is not on the PATH; it comes with the Swift toolchain")
    command = [
        "swift-symbolgraph-extract", "-module-name", module, *imports(build),
        "-target", target(), "-output-dir", str(folder), "-minimum-access-level", "public",
        "-skip-synthesized-members", *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{script}: {module} has no symbol graph; run `swift build -c release` first\n{done.stderr}")
