"""Asks pieces of SQL (DuckDB) or Python (Polars) in the folder in which it runs.

    ask.py < QUESTIONS

Each line of QUESTIONS is a JSON list of language (`sql`, `python`) and text; for each a line of JSON is printed,
with the names of the answer's columns and its rows. SQL gives the rows of its only statement; Python leaves a
data frame in `answer`. Decimals and dates are text.
"""

import contextlib
import io
import json
import sys


def by_duckdb(text):
    import duckdb

    answer = duckdb.sql(text)
    return answer.columns, answer.fetchall()


def by_polars(text):
    import polars

    names = {"pl": polars}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(text, names)
    return names["answer"].columns, names["answer"].rows()


def cell(value):
    return value if value is None or isinstance(value, (int, float, str)) else str(value)


for question in sys.stdin:
    language, text = json.loads(question)
    columns, rows = {"sql": by_duckdb, "python": by_polars}[language](text)
    print(json.dumps([columns, [[cell(value) for value in row] for row in rows]]))
