"""show_report.py R.json: a report in lines for FileCheck."""

import json
import sys

report = json.load(open(sys.argv[1]))


def has(there):
    return "yes" if there else "no"


print(
    f"{report['model']} {report.get('calibrator')} samples {report.get('samples')}, "
    f"latency {has(report.get('latency_ms', 0) > 0)}, notes [{', '.join(report['notes'])}]"
)
for op in report["ops"]:
    borders = "; ".join(
        f"{b['kind']} for {', '.join(b['neighbours'])}{' in a kernel' * b['own_kernel']}"
        for b in op["borders"]
    )
    clip = f"{op['clip_rate']:.4f}" if "clip_rate" in op else "-"
    print(
        f"{op['node']} {op['op']:14} {op['precision']} {op['stored']} borders [{borders}] "
        f"sqnr {has('sqnr_db' in op)} clip {clip} time {has(op.get('time_us', 0) > 0)} "
        f"weights {op['weight_bytes']} {op['reason']}"
    )
