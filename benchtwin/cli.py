"""The command line: reads words, calls the rooms, prints. Nothing is decided here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from benchtwin.status import DONE, ERROR, WRONG_INPUT

app = App(
    name="benchtwin",
    help="A virtual test bench for medical devices.",
    version_flags=["--version"],
    result_action="return_value",
)


@app.command(name="list")
def list_(what: Literal["devices", "protocols", "materials"] | None = None, /) -> int:
    """Say which devices, protocols and materials there are, with their parameters.

    Parameters
    ----------
    what
        One of them only, with all details.
    """
    from benchtwin.listing import show

    show(what)
    return DONE


@app.command
def run(
    device: str,
    /,
    *,
    protocol: str | None = None,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative=(), consume_multiple=True)] = None,
    accuracy: float = 0.02,
    memory: float | None = None,
    minutes: float | None = None,
    results: Path = Path("results"),
    ranks: int | None = None,
) -> int:
    """Test a device and print the folder of the run.

    Parameters
    ----------
    device
        Name of a built-in device, or the path of a file with one of your own.
    protocol
        Bench test, by name or by file; by default the usual one of the device.
    set_
        Parameters of device or protocol as name=value, units as you like: neck_diameter=0.5in.
    accuracy
        Relative uncertainty wanted of every quantity; 0.02 means 2 %.
    memory
        Most memory that the meshes may take, GB, all processes together; by default 8, and never more than four fifths
        of what the machine has free.
    minutes
        Most time for the meshes, by default 30. The first three are made in any case.
    results
        Folder of the runs.
    ranks
        Processes that solve together; by default as many as there are cores and the memory carries.
    """
    from benchtwin.running import run_and_report
    from benchtwin.serving import refreshed

    status = run_and_report(device, protocol, set_ or [], accuracy, results, ranks, memory, minutes)
    return refreshed(results, status)


@app.command
def study(
    study_file: Path,
    /,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    results: Path = Path("results"),
    status: Annotated[bool, Parameter(negative=())] = False,
    yes: Annotated[bool, Parameter(negative=())] = False,
    retry: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Run the variants of a study file and print the folder of the study; stopped, it goes on where it was.

    Parameters
    ----------
    study_file
        TOML file; ready ones are in studies/examples.
    scheduler
        Address of a Dask scheduler, such as tcp://10.0.0.1:8786; by default the runs are done on this machine.
    workers
        Most runs at a time; by default as many as cores and memory carry.
    results
        Folder of runs and studies.
    status
        Only say how far it has come.
    yes
        Begin also if there are more than 1000 variants.
    retry
        Try variants again that have failed.
    """
    from benchtwin.serving import refreshed
    from benchtwin.studying import study as run_it
    from benchtwin.studying import study_status

    if status:
        return study_status(study_file, results)
    return refreshed(results, run_it(study_file, results, scheduler, workers, yes, retry))


@app.command
def compare(
    folders: Annotated[list[Path], Parameter(negative=(), consume_multiple=True)],
    /,
    *,
    pick: Annotated[list[str] | None, Parameter(negative=(), consume_multiple=True)] = None,
    results: Path | None = None,
) -> int:
    """Put 2 to 6 variants of one device under one test side by side, and say which differences are real.

    Parameters
    ----------
    folders
        Run folders; the first is what the others are compared with. Or the folder of one study.
    pick
        Variants of the study, by number or label; by default those that its findings name.
    results
        Folder in whose comparisons/ the page is written; by default results, or the one that the study stands in.
    """
    from benchtwin.comparing import compare_folders, home_of
    from benchtwin.serving import refreshed

    home = results or home_of(folders)
    return refreshed(home, compare_folders(folders, pick or [], home))


@app.command
def report(folder: Path, /) -> int:
    """Draw the pictures of a finished run or study anew and write its report, of a run as HTML and as PDF.

    What only a person can say of a run (question of interest, context of use, discussion ...) is read from
    statements.toml in its folder. An empty one is written if there is none; what is empty stays a gap in the report.

    Parameters
    ----------
    folder
        Folder with a run.json or a study.json.
    """
    from benchtwin.reporting import write_report
    from benchtwin.serving import refreshed, results_of

    return refreshed(results_of(folder), write_report(folder))


@app.command
def gallery(*, results: Path = Path("results")) -> int:
    """Write results/index.html, which lists all runs, studies and comparisons; the other commands do it at their end.

    Parameters
    ----------
    results
        Folder of runs and studies.
    """
    from benchtwin.serving import write_gallery

    return write_gallery(results)


@app.command
def serve(
    *,
    results: Path = Path("results"),
    port: int = 8790,
    open_: Annotated[bool, Parameter(name="--open")] = False,
) -> int:
    """Serve the gallery to this machine's browsers, always up to date, until Ctrl+C; print its address.

    Parameters
    ----------
    results
        Folder of runs and studies.
    port
        Where to listen; 0 means any free one.
    open_
        Whether to open it in a browser at once.
    """
    from benchtwin.serving import serve as serve_it

    return serve_it(results, port, open_)


@app.command
def export(
    folder: Path,
    /,
    *,
    to: Literal["inp", "vtkhdf", "xlsx", "csv", "svg", "all"] = "all",
    output: Path | None = None,
    device: str | None = None,
    protocol: str | None = None,
) -> int:
    """Write a finished run for other programs, and a study as a workbook; print the files.

    Parameters
    ----------
    folder
        Folder with a run.json or a study.json.
    to
        inp: mesh, sets, materials, supports and loads for CalculiX or Abaqus. vtkhdf: fields by named region. xlsx,
        csv: tables. svg: convergence plots.
    output
        Folder of the files; by default export/ in the folder of the run or study.
    device
        File of the device, if it is one of your own.
    protocol
        File of the bench test, if it is one of your own.
    """
    from benchtwin.exporting import export as export_it

    return export_it(folder, to, output, device, protocol)


def main() -> None:
    """Entry point of the command `benchtwin`."""
    # PETSc, loaded with the protocols, would answer a closed pipe or a SIGTERM with a page of its own.
    os.environ["PETSC_OPTIONS"] = f"-no_signal_handler {os.environ.get('PETSC_OPTIONS', '')}"
    try:
        status = app(exit_on_error=False, print_error=False)
    except CycloptsError as error:
        print(f"error: {error}", file=sys.stderr)
        status = WRONG_INPUT
    except BrokenPipeError:
        status = ERROR
    except KeyboardInterrupt:
        print("interrupted: nothing half-done was left behind", file=sys.stderr)
        status = 130
    sys.exit(status if isinstance(status, int) else DONE)
