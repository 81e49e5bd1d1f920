"""Run one stage, and record what it took."""

import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime

from astrogan.base import AstroganError
from astrogan.experiments.commit import commit
from astrogan.experiments.stage import Stage
from astrogan.files import ORPHAN_WAIT_S, locked
from astrogan.run import Run

PROGRAM = (sys.executable, "-c", "from astrogan.cli import app; app(prog_name='astrogan')")
PER_MB = 2**20 if sys.platform == "darwin" else 2**10
"""macOS counts resident memory in bytes, Linux in kilobytes."""


def run_stage(run: Run, stage: Stage) -> dict:
    """Run `stage` and return what it took: seconds, split into start and work, and the peak memory of its process.

    A notebook is executed to a temporary name and put in place only when it has run to its end, since a partial notebook
    claims to be complete.

    Raises:
        AstroganError: when another process runs the stage, or its notebook fails.
        CalledProcessError: when its command fails, which has then said why.
    """
    with locked(run.lock_file(stage.name), wait_s=ORPHAN_WAIT_S):
        began, wall, code = time.monotonic(), time.time(), commit()
        started = None
        if stage.notebook:
            started = _run_notebook(stage)
        else:
            subprocess.run([*PROGRAM, "run", *stage.command], check=True)
        seconds = time.monotonic() - began
        start = max(0.0, started - wall) if started else 0.0
        record = {
            "stage": stage.name,
            "seconds": round(seconds, 2),
            "start_s": round(start, 2),
            "work_s": round(seconds - start, 2),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / PER_MB),
            "commit": code,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "notebook": str(stage.notebook) if stage.notebook else None,
            "parameters": stage.parameters,
            "code": stage.code,
        }
        run.write(run.stage_file(stage.name), record)
    return record


def _run_notebook(stage: Stage) -> float:
    """Execute the stage's notebook; returns the wall-clock time at which its imports were done."""
    import papermill

    target = stage.executed
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.stem}.partial.ipynb")
    try:
        notebook = papermill.execute_notebook(
            str(stage.notebook),
            str(partial),
            parameters=stage.parameters,
            cwd=os.getcwd(),
            progress_bar=False,
            kernel_name="python3",
            # The kernel warns of TCP on the loopback at every start.
            extra_arguments=["--IPKernelApp.log_level=40"],
        )
    except papermill.PapermillExecutionError as error:
        failed = target.with_name(f"{target.stem}.failed.ipynb")
        os.replace(partial, failed)
        raise AstroganError(
            f"stage {stage.name} failed: {error.ename}: {error.evalue}\nThe notebook up to there: {failed}"
        ) from None
    os.replace(partial, target)
    target.with_name(f"{target.stem}.failed.ipynb").unlink(missing_ok=True)
    imports = next(cell for cell in notebook.cells if "imports" in cell.metadata.get("tags", []))
    return datetime.fromisoformat(imports.metadata.papermill["end_time"]).replace(tzinfo=UTC).timestamp()
