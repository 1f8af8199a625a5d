"""Verification: whether a lake holds what the answer key of a simulation says it should."""

from __future__ import annotations

from dataclasses import dataclass

from questline.verification.answers import Answers
from questline.verification.figures import FigureRow, compare_figures
from questline.verification.key import Key
from questline.verification.lines import Lines, compare_lines


@dataclass(frozen=True)
class Verification:
    """A lake against an answer key."""

    lines: Lines
    figures: tuple[FigureRow, ...]

    @property
    def passed(self) -> bool:
        """Whether every line with a rule and every figure is as it should be."""
        return not self.differing

    @property
    def differing(self) -> tuple[str, ...]:
        """What is not as the key says, each with its numbers."""
        recall = [
            f"recall of {r.label} ({r.found:,} of {r.in_key:,} lines refused as {r.reason})"
            for r in self.lines.labels
            if not r.equal
        ]
        precision = [
            f"precision of {r.reason} (the key names {r.named:,} of {r.in_lake:,} lines)"
            for r in self.lines.reasons
            if not r.equal and r.named is not None
        ]
        duplicates = [
            f"duplicate lines (lake {r.in_lake:,}, key {r.in_key:,})"
            for r in self.lines.reasons
            if not r.equal and r.named is None
        ]
        return (*recall, *precision, *duplicates, *(_told(f) for f in self.figures if not f.equal))


def verify(key: Key, answers: Answers) -> Verification:
    """Compares what a lake answers with its answer key; a pure function of the two.

    Retention is left out where nobody plays on any day: then no lake observes a day.
    """
    recoverable, real = key.world.recoverable.figures(), key.world.real.figures()
    if not key.observable:
        recoverable = {n: v for n, v in recoverable.items() if not n.startswith("retention.")}
    return Verification(
        compare_lines(key.dirt, answers.rejected, answers.duplicates, answers.files),
        tuple(compare_figures(recoverable, answers.figures, real)),
    )


def _told(figure: FigureRow) -> str:
    more = len(figure.differences) - 1
    rest = f"; {more:,} more" if more else ""
    return f"{figure.name} ({figure.differences[0]}{rest})"


__all__ = ["Answers", "Key", "Verification", "verify"]
