"""The figures as a person reads them.

Belongs here: lines for a terminal. Does not: computing figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NAMES = {
    "occupation": "O*NET, 8 digits",
    "detailed": "SOC, 6 digits",
    "broad": "SOC, 5 digits",
    "minor": "SOC, 3 digits",
    "major": "SOC, 2 digits",
    "function": "function",
}
SHORT = ("detailed", "major")


def split_lines(split: Mapping[str, Any]) -> Iterator[str]:
    """A split's three tables: hits, risk against coverage, calibration."""
    yield ""
    yield f"## {split['name']}: {split['about']}"
    floor = split.get("floor")
    hits = "   top-1  top-5"
    yield f"{'titles':<8}{'n':>6}  {'level':<16}{hits}{'  | floor' + hits if floor else ''}"
    for part, level, figures in _rows(split):
        beside = f"  |      {_hits(floor[part][level])}" if floor else ""
        yield f"{part:<8}{figures['n']:>6}  {NAMES[level]:<16}{_hits(figures)}{beside}"
    if floor:
        yield f"speed: {split['speed']['ratio']:.1f} times the floor's titles a second"
    yield ""
    shares = next(figures["error_at_coverage"] for _, _, figures in _rows(split))
    yield f"{'error at coverage':<32}{''.join(f'{share:>6}' for share in shares)}"
    for part, level, figures in _rows(split):
        errors = figures["error_at_coverage"].values()
        yield f"{part:<14}{NAMES[level]:<18}{''.join(f'{error:>6.3f}' for error in errors)}"
    yield ""
    yield f"{'calibration error':<32}{'equal widths (10)':>24}{'equal counts (15)':>24}"
    yield f"{'':<32}{'     raw calibr. chance' * 2}"
    for part, level, figures in _rows(split):
        yield f"{part:<14}{NAMES[level]:<18}{_calibration(figures)}"


def _rows(split: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for part, levels in split["ours"].items():
        for level, figures in levels.items():
            if figures["n"]:
                yield part, level, figures


def ablation_lines(split: Mapping[str, Any]) -> Iterator[str]:
    """What each part is for."""
    yield ""
    yield f"## ablation on {split['name']}"
    yield f"{'':<34}{'6 digits':<64}2 digits"
    hits = (f"{hit}   (lost, std. error)" for hit in ("top-1", "top-5", "top-1"))
    yield f"{'without':<26}{'titles':<8}" + "".join(f"{hit:<32}" for hit in hits).rstrip()
    for name, parts in split["ablation"].items():
        for part, levels in parts.items():
            detailed, major = (levels[level] for level in SHORT)
            if "top1_lost" in detailed:
                cells = (_lost(detailed, "top1"), _lost(detailed, "top5"), _lost(major, "top1"))
                yield f"{name:<26}{part:<8}{''.join(f'{cell:<32}' for cell in cells).rstrip()}"


def _lost(figures: Mapping[str, Any], hit: str) -> str:
    lost, error = figures[f"{hit}_lost"]
    return f"{figures[hit]:.3f}   ({lost:+.3f}, {error:.3f})"


def gold_lines(gold: Mapping[str, Any] | str) -> Iterator[str]:
    """Reliability on gold test rows."""
    yield ""
    yield "## gold test rows, weighted"
    if isinstance(gold, str):
        yield f"not measured: {gold}"
        return
    yield f"{'probability':<14}{'level':<16}{'n':>6}{'right':>8}{'stated':>8}{'ece':>8}"
    for probability, levels in gold.items():
        for level, figures in levels.items():
            if figures["n"]:
                shares = (figures[name] for name in ("right", "stated", "ece_equal_counts"))
                told = "".join(f"{share:>8.3f}" for share in shares)
                yield f"{probability:<14}{NAMES[level]:<16}{figures['n']:>6}{told}"


def throughput_lines(throughput: Mapping[str, Any]) -> Iterator[str]:
    """Speed and memory."""
    yield ""
    yield "## throughput: two processes, from lines to probabilities at every level"
    yield (
        f"{'inventory':<24}{'lines':>10}{'titles':>10}{'seconds':>9}{'normalizing':>12}{'processor':>10}{'lines/s':>9}"
        f"{'titles/s':>9}{'peak MB':>9}{'times hashing 1 GB':>20}"
    )
    for name, figures in throughput["inventories"].items():
        yield (
            f"{name:<24}{figures['lines']:>10,}{figures['titles']:>10,}{figures['seconds']:>9.1f}"
            f"{figures['normalizing_seconds']:>12.1f}{figures['processor_seconds']:>10.1f}"
            f"{figures['lines_per_second']:>9,.0f}"
            f"{figures['titles_per_second']:>9,.0f}{figures['peak_mb']:>9,.0f}"
            f"{figures['times_hashing_1_gb']:>20.1f}"
        )
    growth = throughput.get("growth")
    if growth:
        share = growth["added"] / growth["lines"]
        yield (
            f"{growth['added']:,} lines more than {growth['lines']:,} ({share:.2%} more): "
            f"{growth['ratio']:.1%} of the time of the whole, "
            f"{growth['ratio_without_starting']:.1%} without reading the model"
        )


def _hits(figures: Mapping[str, Any]) -> str:
    return f"{figures['top1']:>8.3f}{figures['top5']:>7.3f}"


def _calibration(figures: Mapping[str, Any]) -> str:
    cells = []
    for measure in ("equal_widths", "equal_counts"):
        for kind in ("ece_raw", "ece", "ece_by_chance"):
            value = figures.get(kind, {}).get(measure)
            cells.append(f"{'-':>8}" if value is None else f"{value:>8.3f}")
    return "".join(cells)
