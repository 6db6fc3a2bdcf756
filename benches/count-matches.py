"""Counts the matches of `trailhound scan --format ndjson` by the title of the rule, as bench-rsigma prints them."""

import collections
import json
import sys

counts = collections.Counter()
for line in sys.stdin:
    entry = json.loads(line)
    if entry["kind"] == "match":
        counts[entry["rule"]["title"]] += 1
for title, count in sorted(counts.items()):
    print(f"{count}\t{title}")
