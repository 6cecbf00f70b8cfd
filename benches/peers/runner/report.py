"""Medians, as objects and as a table."""
import statistics

from . import matrix


def median(runs, what):
    values = [r[what] for r in runs if what in r]
    return statistics.median(values) if values else None


def rows(configs, results):
    """One object for each configuration that ran, the fastest of each row first."""
    raw = {}
    for c in configs:
        if matrix.is_raw(c):
            raw[c.row, c.size] = median(results[c.name].runs, "msgs_per_s")
    found = []
    for c in configs:
        result = results[c.name]
        if not result.runs:
            continue
        rate = median(result.runs, "msgs_per_s")
        limit = raw.get((c.row, c.size))
        row = {
            "client": c.client, "variant": c.variant, "row": c.row, "size": c.size,
            "rounds": len(result.runs),
            "msgs_per_s": rate,
            "cpu_us_per_msg": median(result.runs, "cpu_us_per_msg"),
            "allocs_per_msg": result.allocs,
            "maxrss_kb": median(result.runs, "maxrss_kb"),
            "of_raw": round(rate / limit, 4) if limit else None,
            "foreign": round(result.foreign, 2),
        }
        for q in ("p50", "p99"):
            value = median(result.runs, f"lat_{q}_us")
            if value is not None:
                row[f"lat_{q}_us"] = value
        found.append(row)
    order = {row: n for n, row in enumerate(matrix.ALL)}
    return sorted(found, key=lambda r: (order[r["row"]], r["size"], -r["msgs_per_s"]))


def table(found):
    last = None
    for r in found:
        if (r["row"], r["size"]) != last:
            last = (r["row"], r["size"])
            print(f"\n{r['row']}, {r['size']} B")
            print(f"  {'':22} {'msg/s':>12} {'of raw':>8} {'CPU us':>9} {'allocs':>8} {'RSS MB':>7}")
        allocs = "" if r["allocs_per_msg"] is None else f"{r['allocs_per_msg']:.3f}"
        of_raw = "" if r["of_raw"] is None else f"{r['of_raw']:.1%}"
        latency = f"  p50 {r['lat_p50_us']:.1f} p99 {r['lat_p99_us']:.1f} us" if "lat_p50_us" in r else ""
        print(f"  {r['client'] + ' ' + r['variant']:22} {r['msgs_per_s']:12,.0f} {of_raw:>8} {r['cpu_us_per_msg']:9.3f}"
              f" {allocs:>8} {r['maxrss_kb'] / 1024:7.1f}{latency}")
