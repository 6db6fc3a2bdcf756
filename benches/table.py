"""Prints what hyperfine has measured as a table, with ratios to the first command."""

import json
import os
import platform
import subprocess
import sys

corpus, *files = sys.argv[1:]
results = [result for file in files for result in json.load(open(file))["results"]]
packed = subprocess.run(["du", "-sk", corpus], capture_output=True, text=True, check=True).stdout.split()[0]
base = results[0]["user"] + results[0]["system"]
print(f"{os.cpu_count()} processors, {platform.machine()}; {int(packed) // 1024} MiB packed\n")
print("| command | user + system | wall | ratio |")
print("|---|---|---|---|")
for result in results:
    cost = result["user"] + result["system"]
    print(f"| {result['command']} | {cost:.2f} s | {result['mean']:.2f} s | {cost / base:.2f} |")
