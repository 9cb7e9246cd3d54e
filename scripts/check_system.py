#!/usr/bin/env python3
"""Say what this machine lacks before anything is installed.

The Python packages come ready built, but three things must come from the system:
shared libraries that gmsh and VTK load, a C compiler with headers (every
variational form is compiled when it is first used), and a Python that can make
virtual environments. Without them the failures come late and say little: gmsh
raises OSError, a render ends in a segmentation fault.

Standard library only, and kept runnable on Python 3.8, so that an old
interpreter gets a clear sentence and not a syntax error.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile

NEEDED_PYTHON = (3, 12)
NEEDED_GLIBC = (2, 34)

# Only libraries that no other one here brings along as a dependency of its package:
# libX11, libXext, libXrender, libXfixes and libfontconfig follow from these.
LIBRARIES = (
    ("libGLU.so.1", "libglu1-mesa", "import gmsh"),
    ("libGL.so.1", "libgl1", "import gmsh"),
    ("libXft.so.2", "libxft2", "import gmsh"),
    ("libXcursor.so.1", "libxcursor1", "import gmsh"),
    ("libXinerama.so.1", "libxinerama1", "import gmsh"),
    ("libgomp.so.1", "libgomp1", "import gmsh"),
    ("libEGL.so.1", "libegl1", "rendering without a screen"),
    ("libpango-1.0.so.0", "libpango-1.0-0", "reports as PDF"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0-0", "reports as PDF"),
)

# What installing a package brings anyway, so that the line printed stays short.
BRINGS = {
    "gcc": ("libgomp1",),
    "python-dev": ("libc6-dev",),
}


class Lack:
    """One thing that is missing, and the Debian or Ubuntu package that has it."""

    def __init__(self, what: str, package: str | None, purpose: str) -> None:
        self.what = what
        self.package = package
        self.purpose = purpose


def python_is_recent() -> bool:
    return sys.version_info[:2] >= NEEDED_PYTHON


def is_system_python() -> bool:
    """True for a Python from the distribution; pyenv, uv and conda bring their own headers."""
    return sys.base_prefix == "/usr"


def python_package(suffix: str) -> str:
    """Return `python3-dev` or, for a second Python beside the default one, `python3.13-dev`."""
    name = "python%d.%d" % sys.version_info[:2]
    is_default = os.path.basename(os.path.realpath("/usr/bin/python3")) == name
    return ("python3" if is_default else name) + "-" + suffix


def can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_libraries() -> list[Lack]:
    return [Lack(*row) for row in LIBRARIES if not can_load(row[0])]


def compiler_command() -> list[str]:
    """Return the compiler the form compiler will call: Python's own, unless CC is set."""
    command = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    return shlex.split(command)


def compiles(command: list[str]) -> bool:
    """Try a program: a compiler can be there without the headers and start files of the C library."""
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "try.c")
        with open(source, "w", encoding="ascii") as file:
            file.write("#include <math.h>\n#include <stdlib.h>\nint main(void) { return abs(0); }\n")
        try:
            done = subprocess.run(
                [*command, source, "-o", os.path.join(folder, "try"), "-lm"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0


def missing_compiler() -> list[Lack]:
    command = compiler_command()
    headers = Lack("C library headers", "libc6-dev", "compiling the forms")
    if shutil.which(command[0]) is None:
        package = "clang" if "clang" in command[0] else "gcc"
        lacks = [Lack("C compiler " + command[0], package, "compiling the forms")]
        if not os.path.exists("/usr/include/stdio.h"):
            lacks.append(headers)
        return lacks
    return [] if compiles(command) else [headers]


def missing_python_parts() -> list[Lack]:
    if not python_is_recent():
        # Its packages would not help: another Python is needed, which brings its own.
        return []
    lacks = []
    include = sysconfig.get_path("include")
    for header in ("Python.h", "pyconfig.h"):
        if not os.path.exists(os.path.join(include, header)):
            package = python_package("dev") if is_system_python() else None
            lacks.append(Lack(header, package, "compiling the forms"))
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            package = python_package("venv") if is_system_python() else None
            lacks.append(Lack("Python module " + module, package, "making .venv"))
    return lacks


def missing_tools() -> list[Lack]:
    return [] if shutil.which("make") else [Lack("make", "make", "every command of this project")]


def find_lacks() -> list[Lack]:
    return missing_tools() + missing_compiler() + missing_python_parts() + missing_libraries()


def packages_of(lacks: list[Lack]) -> list[str]:
    """Return the packages to install, each once, without those another one brings."""
    packages = list(dict.fromkeys(lack.package for lack in lacks if lack.package))
    brought: set[str] = set()
    for package in packages:
        kind = "python-dev" if package.startswith("python") and package.endswith("-dev") else package
        brought.update(BRINGS.get(kind, ()))
    return [package for package in packages if package not in brought]


def unsupported_platform() -> str | None:
    """Say why the locked solver package cannot be installed here, if so."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "The locked solver package is built for Linux on x86_64 only"
    try:
        glibc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (OSError, ValueError):
        glibc = ""
    words = glibc.split()
    if len(words) != 2:
        return "The locked solver package needs the GNU C library"
    if tuple(int(number) for number in words[1].split(".")[:2]) < NEEDED_GLIBC:
        return "The locked solver package needs glibc %d.%d or newer (Debian 12, Ubuntu 22.04)" % NEEDED_GLIBC
    return None


def python_message() -> str:
    found = "%d.%d" % sys.version_info[:2]
    return (
        f"Python {found} is too old: 3.12 or newer is needed. Debian 13 and Ubuntu 24.04 have it as\n"
        "python3; elsewhere install uv (make then fetches a Python by itself) or pyenv\n"
        "(pyenv install 3.12), or give one by hand: make setup PYTHON=/path/to/python3.12"
    )


def install_line(packages: list[str]) -> str:
    sudo = "" if os.geteuid() == 0 else "sudo "
    return sudo + "apt-get install --no-install-recommends " + " ".join(packages)


def main(arguments: list[str]) -> int:
    if "--packages" in arguments:
        print(" ".join(packages_of(find_lacks())))
        return 0

    platform_problem = unsupported_platform()
    if platform_problem:
        print(f"{platform_problem}; environment.yml describes the way by conda-forge.")
        return 1

    lacks = find_lacks()
    if not python_is_recent():
        print(python_message())
    if lacks:
        print("This machine lacks:")
        for lack in lacks:
            print(f"  {lack.what:<28} for {lack.purpose}")
        packages = packages_of(lacks)
        if not packages:
            print("They belong to this Python itself (" + sys.base_prefix + "): install it anew, or use another one.")
        elif shutil.which("apt-get"):
            print("Install with (after `apt-get update` on a fresh machine):\n\n" + install_line(packages) + "\n")
        else:
            print("In Debian the packages are: " + " ".join(packages) + "; other systems have similar names.")
    if lacks or not python_is_recent():
        return 1
    print("system: ok (Python %d.%d.%d)" % sys.version_info[:3])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
