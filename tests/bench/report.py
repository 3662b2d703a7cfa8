"""The table, the ratios and the targets, from the results of bench.py."""

SMALL = "64 connections, one message a request"


def span(figures):
    """Median (min–max) a second."""
    rates = figures["rates"]
    return f"{figures['rate']:>9,.0f}  ({min(rates):,.0f}–{max(rates):,.0f})"


def ratio(results, line, limit):
    return results[line]["rate"] / results[limit]["rate"]


def ratios(results):
    """(name, value, target or None, label) for the plot."""
    rows = []
    if "end_to_end" in results:
        for name, line, limit, target in (
            ("b  end to end / the same in SQL", "end_to_end", "limit_life", 0.5),
            ("c  queue only / the same in SQL", "queue_only", "limit_queue", 0.5),
            ("d  64 small publishers / single commits", "small_publishers", "limit_single", 3),
        ):
            value = ratio(results, line, limit)
            rows.append((name, value, target, f"{value:.2f}   {results[line]['rate']:,.0f}/s"))
    if "reading" in results:
        for name, line, limit, target in (
            ("g  window of 1,000 rows / libpq", "window", "window_libpq", 0.5),
            ("g  list of GPUs / libpq", "gpus", "gpus_libpq", None),
        ):
            value = results["reading"][line] / results["reading"][limit]
            rows.append((name, value, target, f"{value:.2f}   {results['reading'][line]:,.0f}/s"))
    return rows


def latencies(results):
    rows = []
    for name, line in (("at 1/s", "latency_1s"), ("at half the rate", "latency_half")):
        if line in results:
            rows += [
                (f"e  publish → answered, {name}", results[line]["answered"]),
                (f"e  publish → visible, {name}", results[line]["visible"]),
            ]
    return rows


def table(results):
    out = []
    if "end_to_end" in results:
        out.append(f"{'messages a second':58} {'median':>9}  (min–max)            ratio")
        for name, line, limit in (
            ("a  limit: a message's life in SQL, 2 connections", "limit_life", None),
            ("b  end to end: HTTP publish → row in telemetry", "end_to_end", "limit_life"),
            ("a  limit: queue only in SQL, 2 connections", "limit_queue", None),
            ("c  queue only: publish, lease, ack over HTTP", "queue_only", "limit_queue"),
            ("a  limit: single-row commits, 4 connections", "limit_single", None),
            ("d  " + SMALL, "small_publishers", "limit_single"),
        ):
            against = f"{ratio(results, line, limit):.2f}" if limit else ""
            out.append(f"{name:58} {span(results[line]):30} {against:>6}")
    if "streamer" in results:
        out.append(f"{'b  the streamer as the publisher (rows of about 640 bytes)':58} {span(results['streamer']):30}")
    if latencies(results):
        out += ["", f"{'milliseconds':58} {'p50':>9} {'p90':>9} {'p99':>9} {'max':>9}"]
        out += [
            f"{name:58}" + "".join(f" {row[mark]:9.2f}" for mark in ("p50_ms", "p90_ms", "p99_ms", "max_ms"))
            for name, row in latencies(results)
        ]
    if "reading" in results:
        reading = results["reading"]
        out += ["", f"{'requests a second, 4 connections':58} {'apigw':>9} {'libpq':>9}   ratio"]
        for name, line in (
            ("g  window of 1,000 rows, the same SQL", "window"),
            ("g  list of 256 GPUs, the same SQL", "gpus"),
        ):
            out.append(
                f"{name:58} {reading[line]:9,.0f} {reading[line + '_libpq']:9,.0f}   "
                f"{reading[line] / reading[line + '_libpq']:.2f}"
            )
        out.append(
            f"{'g  window of 1,000 rows, a plain SELECT':58} {'':9} {reading['window_plain_libpq']:9,.0f}   "
            f"{reading['window'] / reading['window_plain_libpq']:.2f}"
        )
    return out + usage(results)


def usage(results):
    out = ["", f"{'h  one process of each':30} {'CPU µs/message':>16} {'peak RSS MiB':>14} {'idle RSS MiB':>14}"]
    cpu, peak = dict(results.get("end_to_end", {}).get("cpu_us", {})), dict(results.get("peak_rss_mib", {}))
    if "streamer" in results:
        cpu["streamer"], peak["streamer"] = results["streamer"]["cpu_us"], results["streamer"]["peak_rss_mib"]
    for name in list(results["idle_rss_mib"]) + ["postgres", "load generator"]:
        figures = [f"{values[name]:.1f}" if name in values else "" for values in (cpu, peak, results["idle_rss_mib"])]
        out.append(f"{name:30} {figures[0]:>16} {figures[1]:>14} {figures[2]:>14}")
    if "end_to_end" in results:
        out.append(f"{'WAL bytes/message':30} {results['end_to_end']['wal_bytes']:16,.0f}")
    return out


def targets(results):
    """(name, value, target, ok)"""
    rows = []
    if "end_to_end" in results:
        rows += [
            at_least("b of the limit", ratio(results, "end_to_end", "limit_life"), 0.5),
            at_least("c of its limit", ratio(results, "queue_only", "limit_queue"), 0.5),
            at_least("d of single-row commits", ratio(results, "small_publishers", "limit_single"), 3),
            at_most("h highest peak RSS in b, MiB", max(results["peak_rss_mib"].values()), 64),
        ]
    if "latency_1s" in results:
        rows += [
            at_most("e visible at 1/s, p50 ms", results["latency_1s"]["visible"]["p50_ms"], 15),
            at_most("e visible at 1/s, p99 ms", results["latency_1s"]["visible"]["p99_ms"], 60),
            at_most("e visible at half the rate, p99 ms", results["latency_half"]["visible"]["p99_ms"], 250),
        ]
    if "reading" in results:
        rows.append(
            at_least("g window of libpq's rate", results["reading"]["window"] / results["reading"]["window_libpq"], 0.5)
        )
    rows.append(below("h highest idle RSS, MiB", max(results["idle_rss_mib"].values()), 16))
    return rows


def at_least(name, value, target):
    return name, value, f">= {target:g}", value >= target


def at_most(name, value, target):
    return name, value, f"<= {target:g}", value <= target


def below(name, value, target):
    return name, value, f"< {target:g}", value < target


def target_lines(rows):
    return [
        f"  {'ok  ' if good else 'MISS'} {name}: {value:.2f} (target {wanted})" for name, value, wanted, good in rows
    ]
