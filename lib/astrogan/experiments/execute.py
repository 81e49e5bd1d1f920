"""Run one stage of a profile: `python -m astrogan.experiments.execute PROFILE STAGE`. Snakemake calls this."""

import argparse
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from astrogan.base import AstroganError
from astrogan.experiments.commit import commit
from astrogan.experiments.plan import Stage, stages
from astrogan.experiments.profiles import Profile, load_profile
from astrogan.files import ORPHAN_WAIT_S, locked
from astrogan.run import Run

PROFILES = Path("workflow/profiles")
PER_MB = 2**20 if sys.platform == "darwin" else 2**10
"""macOS counts resident memory in bytes, Linux in kilobytes."""


def run_stage(profile: Profile, stage: Stage) -> dict:
    """Run `stage` and return what it took: seconds, split into start and work, and the peak memory of its process.

    A notebook is executed to a temporary name and put in place only when it has run to its end, since a partial notebook
    claims to be complete.
    """
    with locked(Path(profile.run) / "locks" / stage.name, wait_s=ORPHAN_WAIT_S):
        began, wall, code = time.monotonic(), time.time(), commit()
        started = None
        if stage.notebook:
            started = _run_notebook(stage)
        else:
            subprocess.run([sys.executable, "-m", stage.module, *stage.arguments], check=True)
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
            "notebook": stage.notebook,
            "parameters": stage.parameters,
            "code": stage.code,
        }
        Run(Path(profile.run)).write(Run(Path(profile.run)).stage_file(stage.name), record)
    return record


def _run_notebook(stage: Stage) -> float:
    """Execute the stage's notebook; returns the wall-clock time at which its imports were done."""
    import papermill

    target = Path(stage.outputs[-1])
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.stem}.partial.ipynb")
    try:
        notebook = papermill.execute_notebook(
            stage.notebook,
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


def main() -> None:
    """The command line; prints the stage's seconds, or the error, and exits accordingly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile")
    parser.add_argument("stage")
    arguments = parser.parse_args()
    try:
        profile = load_profile(PROFILES / f"{arguments.profile}.yaml")
        known = {stage.name: stage for stage in stages(profile)}
        if arguments.stage not in known:
            raise AstroganError(f"profile {profile.name} has no stage '{arguments.stage}'; it has {', '.join(known)}")
        record = run_stage(profile, known[arguments.stage])
    except AstroganError as error:
        sys.exit(f"error: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    print(
        f"stage {record['stage']}: {record['seconds']:.1f} s (start {record['start_s']:.1f}, work {record['work_s']:.1f}), "
        f"peak memory {record['peak_mb']} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
