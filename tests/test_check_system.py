"""The system check must name exactly what is missing, in one line that can be pasted."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "check_system.py"


@pytest.fixture
def check(monkeypatch):
    """The script as a module, on a pretended machine that has everything."""
    spec = importlib.util.spec_from_file_location("check_system", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(module.ctypes, "CDLL", lambda name: object())
    monkeypatch.setattr(module.shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(module.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(module, "unsupported_platform", lambda: None)
    monkeypatch.setattr(module, "compiles", lambda command: True)
    monkeypatch.setattr(module, "missing_python_parts", list)
    return module


def without(*libraries):
    def load(name):
        if name in libraries:
            raise OSError(f"{name}: cannot open shared object file")
        return object()

    return load


def test_complete_machine(check, capsys):
    assert check.main([]) == 0
    assert capsys.readouterr().out.startswith("system: ok")


def test_line_has_only_what_is_missing(check, monkeypatch, capsys):
    monkeypatch.setattr(check.ctypes, "CDLL", without("libGLU.so.1", "libEGL.so.1"))
    assert check.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    commands = [line for line in lines if "apt-get install" in line]
    assert commands == ["sudo apt-get install --no-install-recommends libglu1-mesa libegl1"]


def test_root_needs_no_sudo(check, monkeypatch):
    monkeypatch.setattr(check.os, "geteuid", lambda: 0)
    assert check.install_line(["gcc"]) == "apt-get install --no-install-recommends gcc"


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libGLU.so.1", "libglu1-mesa"),
        ("libGL.so.1", "libgl1"),
        ("libEGL.so.1", "libegl1"),
        ("libpango-1.0.so.0", "libpango-1.0-0"),
        ("libpangoft2-1.0.so.0", "libpangoft2-1.0-0"),
        ("libXft.so.2", "libxft2"),
        ("libXcursor.so.1", "libxcursor1"),
        ("libXinerama.so.1", "libxinerama1"),
        ("libgomp.so.1", "libgomp1"),
    ],
)
def test_each_library_has_its_package(check, monkeypatch, library, package):
    monkeypatch.setattr(check.ctypes, "CDLL", without(library))
    assert check.packages_of(check.find_lacks()) == [package]


def test_compiler_brings_openmp(check, monkeypatch):
    monkeypatch.setattr(check.ctypes, "CDLL", without("libgomp.so.1"))
    monkeypatch.setattr(check.shutil, "which", lambda name: None if "gcc" in name else name)
    monkeypatch.setattr(check, "compiler_command", lambda: ["x86_64-linux-gnu-gcc", "-pthread"])
    monkeypatch.setattr(check.os.path, "exists", lambda path: True)
    assert check.packages_of(check.find_lacks()) == ["gcc"]


def test_compiler_without_headers(check, monkeypatch):
    monkeypatch.setattr(check, "compiles", lambda command: False)
    assert check.packages_of(check.find_lacks()) == ["libc6-dev"]


def test_python_headers_bring_those_of_c(check):
    lacks = [check.Lack("C library headers", "libc6-dev", ""), check.Lack("Python.h", "python3-dev", "")]
    assert check.packages_of(lacks) == ["python3-dev"]


def test_makefile_names_all_for_a_system_without_python(check, monkeypatch):
    """With nothing there the Makefile cannot ask the script, so it has a copy of the whole list."""
    monkeypatch.undo()
    monkeypatch.setattr(check.ctypes, "CDLL", without(*(row[0] for row in check.LIBRARIES)))
    monkeypatch.setattr(check, "compiler_command", lambda: ["no-such-gcc"])
    monkeypatch.setattr(check, "is_system_python", lambda: True)
    monkeypatch.setattr(check, "python_package", lambda suffix: "python3-" + suffix)
    monkeypatch.setattr(check.os.path, "exists", lambda path: False)
    monkeypatch.setattr(check.importlib.util, "find_spec", lambda name: None)
    lacks = [lack for lack in check.find_lacks() if lack.what != "make"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\nBARE_PACKAGES := " + " ".join(check.packages_of(lacks)) + "\n" in makefile


def test_compiler_is_that_of_python_unless_set(check, monkeypatch):
    monkeypatch.setattr(check.sysconfig, "get_config_var", lambda name: "aarch64-gcc -pthread")
    assert check.compiler_command() == ["aarch64-gcc", "-pthread"]
    monkeypatch.setenv("CC", "ccache clang")
    assert check.compiler_command() == ["ccache", "clang"]


def test_old_python_is_told_so(check, monkeypatch, capsys):
    monkeypatch.setattr(check, "python_is_recent", lambda: False)
    assert check.main([]) == 1
    assert "3.12 or newer is needed" in capsys.readouterr().out


def test_packages_only(check, monkeypatch, capsys):
    monkeypatch.setattr(check.ctypes, "CDLL", without("libGL.so.1", "libXft.so.2"))
    assert check.main(["--packages"]) == 0
    assert capsys.readouterr().out == "libgl1 libxft2\n"


def test_runs_with_the_standard_library_alone():
    """Without site-packages and settings, on the machine as it is."""
    done = subprocess.run([sys.executable, "-I", "-S", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
