"""What oxedi, a reader of 835 files from PyPI, sees in one: its claims as JSON lines.

A claim is its claim control number, its charge and payment in cents, and its lines: procedure,
charge, payment, and adjustments as [group and reason, cents].
"""

import json
import sys

import oxedi

result = oxedi.parse(open(sys.argv[1], "rb").read())
for found in result.diagnostics:
    print(f"segment {found.segment}: {found.rule}", file=sys.stderr)
tables = {name: result.tables[name].to_polars().to_dicts() for name in result.tables}


def cents(amount):
    return int(amount * 100)


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def adjustments(service):
    rows = (row for row in tables["adjustments"] if row["service"] == service["row"])
    return [
        [f"{text(row['group_code'])}-{text(row['reason_code'])}", cents(row["amount"])]
        for row in rows
    ]


for claim in tables["claims"]:
    services = [row for row in tables["services"] if row["claim"] == claim["row"]]
    print(
        json.dumps(
            {
                "claim": text(claim["payer_control_number"]),
                "charge": cents(claim["charge_amount"]),
                "paid": cents(claim["payment_amount"]),
                "lines": [
                    {
                        "procedure": text(service["procedure_code"]),
                        "charge": cents(service["charge_amount"]),
                        "paid": cents(service["payment_amount"]),
                        "adjustments": adjustments(service),
                    }
                    for service in services
                ],
            }
        )
    )
sys.exit(len(result.diagnostics) > 0)
