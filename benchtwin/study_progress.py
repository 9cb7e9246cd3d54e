"""How a study goes on, on standard error: a live bar on a terminal, a line now and then in a pipe; and `--status`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from studies.plan.plan import Plan
from studies.pool.conduct import News, finished
from studies.pool.ledger import Ledger
from studies.pool.pools import Pool

Tell = Callable[[News], None]
STEP = 0.05  # of the whole, between lines in a pipe


class Forecast:
    """How long a study will still take, from the runs done: stored ones tell nothing."""

    def __init__(self) -> None:
        self.runs, self.seconds = 0, 0.0

    def learn(self, news: News) -> None:
        if news.outcome == "computed":
            self.runs += 1
            self.seconds += news.seconds

    def left(self, variants: int, workers: int) -> str:
        """Such as "12 min left"; "" before anything is known."""
        if not self.runs or variants <= 0:
            return ""
        seconds = self.seconds / self.runs * variants / max(workers, 1)
        if seconds < 90:
            return f"{seconds:.0f} s left"
        return f"{seconds / 60:.0f} min left" if seconds < 5400 else f"{seconds / 3600:.1f} h left"


@contextmanager
def show_study(plan: Plan, pool: Pool) -> Iterator[Tell]:
    """Give a function that shows the news of a study."""
    console = Console(stderr=True, highlight=False, markup=False)
    total, forecast = plan.count(), Forecast()
    title = f"{plan.file.study.title or plan.file.study.name}: {total} variants, {pool.slots} at a time"
    console.print(title)
    if not console.is_terminal:
        said = 0.0

        def plain(news: News) -> None:
            nonlocal said
            forecast.learn(news)
            done = finished(news.counts)
            if news.outcome not in ("", "stored", "computed"):
                console.print(_event(news))
            if total and done / total >= said + STEP:
                said = done / total
                left = forecast.left(total - done, pool.slots)
                console.print(", ".join(filter(None, [f"{done} of {total}", left])))

        yield plain
        return
    bar = Progress(
        TextColumn("{task.completed} of {task.total}"),
        BarColumn(bar_width=None),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        expand=True,
    )
    task = bar.add_task("", total=total, left="")
    with Live(bar, console=console, refresh_per_second=4) as live:

        def show(news: News) -> None:
            forecast.learn(news)
            if news.outcome not in ("", "stored", "computed"):
                live.console.print(_event(news))
            done = finished(news.counts)
            bar.update(task, completed=done, left=forecast.left(total - done, pool.slots))
            live.update(_summary(bar, news))

        yield show


def _summary(bar: Progress, news: News) -> Table:
    table = Table.grid(expand=True)
    table.add_row(bar)
    words = {
        "done": "done",
        "not_converged": "not converged",
        "impossible": "impossible",
        "failed": "failed",
        "waiting": "waiting",
    }
    counts = [f"{count} {words[status]}" for status, count in news.counts.items() if status in words]
    running = f"running {', '.join(news.running)}" if news.running else ""
    table.add_row(Text(", ".join(filter(None, [*counts, running]))))
    return table


def _event(news: News) -> str:
    return f"{news.label}: {news.outcome}: {news.message}"


def status_lines(plan: Plan, ledger: Ledger) -> list[str]:
    """What `--status` says."""
    counts = ledger.counts()
    total = sum(counts.values()) if ledger.ended() else plan.count()
    sessions = ledger.sessions()
    live = [s for s in sessions if ledger.live(s.owner)]
    lines = [f"{plan.file.study.name}: {finished(counts)} of {total} variants ended"]
    lines.append("  " + ", ".join(f"{n} {status.replace('_', ' ')}" for status, n in sorted(counts.items())))
    for s in live:
        lines.append(f"  running on {s.host}, process {s.pid}, {s.workers} at a time, {s.scheduler}")
    if not live and ledger.open():
        lines.append("  nobody runs it now: start it again, it goes on where it was")
    lines += [f"  {e.label} {e.role}: {e.message}".rstrip() for e in ledger.entries() if e.status == "failed"]
    return lines
