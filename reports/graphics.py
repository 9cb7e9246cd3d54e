"""Which off-screen OpenGL VTK is to use; to be imported before the first rendering.

Left alone, VTK asks for an X server first, complains, and falls back; without any OpenGL it takes the process down.
"""

from __future__ import annotations

import ctypes
import os

_WINDOWS = {
    "libEGL.so.1": "vtkEGLRenderWindow",
    "libOSMesa.so.8": "vtkOSOpenGLRenderWindow",
    "libOSMesa.so.6": "vtkOSOpenGLRenderWindow",
}


def one_core() -> None:
    """Have Mesa's software rendering use this core alone, where others draw beside us; before the first rendering."""
    os.environ["LP_NUM_THREADS"] = "0"


class NoGraphics(Exception):
    """There is no OpenGL that can draw without a display."""


def choose() -> None:
    """Have VTK draw off screen by the first library that is there.

    Raises
    ------
    NoGraphics
        If there is none.
    """
    for library, window in _WINDOWS.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            continue
        os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = window
        return
    raise NoGraphics("no OpenGL without a display on this machine (Debian: apt-get install libegl1)")
