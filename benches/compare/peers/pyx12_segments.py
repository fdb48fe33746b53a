"""Reads a file with pyx12's segment reader and prints how many segments and claims it found."""

import sys

from pyx12.x12file import X12Reader

segments = claims = 0
with X12Reader(sys.argv[1]) as reader:
    for segment in reader:
        segments += 1
        claims += segment.get_seg_id() == "CLM"
print(f"{segments} segments, {claims} claims")
