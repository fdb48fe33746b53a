"""Reads a file as models of x12sdk, one transaction set after the other, and counts claims."""

import sys

from x12sdk.io import X12ModelReader

claims = 0
with X12ModelReader(sys.argv[1]) as reader:
    for transaction_set in reader.models():
        for billing_provider in transaction_set.loop_2000a:
            for subscriber in billing_provider.loop_2000b:
                claims += len(subscriber.loop_2300 or [])
                for patient in subscriber.loop_2000c or []:
                    claims += len(patient.loop_2300 or [])
print(f"{claims} claims")
