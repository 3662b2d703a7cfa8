"""The results as an SVG: ratios as bars with their targets, latencies on a logarithmic scale. No packages needed."""

import html
import math
import textwrap

WIDTH, LEFT, ROW, BAR = 960, 350, 30, 16
PLOT = WIDTH - LEFT - 180
INK, GRID, GOOD, BAD, TARGET = "#222", "#ddd", "#2a7f62", "#b3402e", "#555"


def text(x, y, said, anchor="start", size=13, weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{INK}">'
        f"{html.escape(said)}</text>"
    )


def line(x1, y1, x2, y2, colour=GRID, width=1, dash=""):
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dash}"/>'


def bars(rows, top):
    """rows: (name, value, target or None, label). The scale is linear from 0; a row that goes beyond its end has a
    scale of its own."""
    end = (
        max(
            1.0,
            *(min(value, 1.5) for _, value, _, _ in rows),
            *(target or 0 for _, _, target, _ in rows if (target or 0) <= 1.5),
        )
        * 1.05
    )
    out, height = [], ROW * len(rows)
    for step in range(int(end / 0.25) + 1):
        x = LEFT + PLOT * step * 0.25 / end
        out += [line(x, top, x, top + height), text(x, top + height + 16, f"{step * 0.25:g}", "middle", 11)]
    for index, (name, value, target, label) in enumerate(rows):
        y = top + index * ROW + (ROW - BAR) / 2
        fits = max(value, target or 0) <= end
        scale = PLOT / (end if fits else max(value, target or 0))
        beside = label if fits else f"{label} (own scale)"
        colour = BAD if target is not None and value < target else GOOD
        out.append(text(LEFT - 10, y + BAR - 3, name, "end"))
        out.append(f'<rect x="{LEFT}" y="{y:.1f}" width="{value * scale:.1f}" height="{BAR}" fill="{colour}"/>')
        if target is not None:
            out.append(line(LEFT + target * scale, y - 4, LEFT + target * scale, y + BAR + 4, TARGET, 2, "3,2"))
        out.append(text(LEFT + max(value, target or 0) * scale + 6, y + BAR - 3, beside))
    return out, top + height + 30


def spans(rows, top):
    """rows: (name, {p50_ms, p90_ms, p99_ms, max_ms}). A line from p50 to max, marks at p50, p90 and p99."""
    low = math.floor(math.log10(max(0.01, min(row["p50_ms"] for _, row in rows))))
    high = math.ceil(math.log10(max(row["max_ms"] for _, row in rows)))
    high = max(high, low + 1)

    def place(value):
        return LEFT + PLOT * (math.log10(max(value, 10**low)) - low) / (high - low)

    out, height = [], ROW * len(rows)
    for power in range(low, high + 1):
        x = place(10**power)
        out += [line(x, top, x, top + height), text(x, top + height + 16, f"{10**power:g} ms", "middle", 11)]
    for index, (name, row) in enumerate(rows):
        y = top + index * ROW + ROW / 2
        out += [text(LEFT - 10, y + 4, name, "end"), line(place(row["p50_ms"]), y, place(row["max_ms"]), y, GOOD, 2)]
        for mark, radius in (("p50_ms", 6), ("p90_ms", 4), ("p99_ms", 4), ("max_ms", 2)):
            out.append(f'<circle cx="{place(row[mark]):.1f}" cy="{y:.1f}" r="{radius}" fill="{GOOD}"/>')
        out.append(text(place(row["max_ms"]) + 8, y + 4, f"{row['p50_ms']:.1f} / {row['p99_ms']:.1f}"))
    return out, top + height + 30


def draw(title, conditions, ratios, latencies, path):
    body, top = [text(20, 28, title, size=17, weight="bold")], 48
    for line_of in textwrap.wrap(conditions, 140):
        body.append(text(20, top, line_of, size=11))
        top += 15
    top += 28
    if ratios:
        body.append(text(20, top - 10, "Ratios (dashed: the target)", weight="bold"))
        drawn, top = bars(ratios, top)
        body += drawn
    if latencies:
        top += 34
        body.append(
            text(20, top - 10, "Latency: p50 (large), p90, p99, max; the figures are p50 / p99 in ms", weight="bold")
        )
        drawn, top = spans(latencies, top)
        body += drawn
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top + 10}" viewBox="0 0 {WIDTH} {top + 10}" '
        f'font-family="sans-serif"><rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(body) + "\n</svg>\n",
        encoding="utf-8",
    )
