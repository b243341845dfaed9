"""psycopg 3 at its usual work, pipeline mode and automatic preparation too."""

import datetime
import decimal

import psycopg
from psycopg.types.json import Jsonb

from crew import ROUNDS, check, check_raises, meet, run

TABLE = "psycopg3"


def statements(connection, n):
    # Prepared from the sixth run on as _pg3_0 in every client, with another text in each.
    for i in range(ROUNDS):
        check(connection.execute(f"SELECT %s::int + {n}", (i,)).fetchone(), (i + n,))
        if i == ROUNDS // 2:
            meet()
    row = (7 * n, f"nä'me {n} ☃", bytes([0, n, 255]), None, decimal.Decimal("1.50"), True,
           datetime.date(2024, 2, 29), [n, n + 1], {"n": n})
    got = connection.execute(
        "SELECT %s::int8, %s::text, %b::bytea, %s::int, %s::numeric, %s::bool, %s::date,"
        " %s::int[], %s::jsonb", row[:8] + (Jsonb(row[8]),)).fetchone()
    check(got, row)
    for i in range(ROUNDS):
        with connection.cursor(binary=True) as cursor:
            cursor.execute(f"SELECT %b::int8, '{n}'::text", (i,), prepare=True)
            check(cursor.fetchone(), (i, str(n)))


def transactions(connection, n):
    with connection.transaction():
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {TABLE} VALUES (%s, %s)", [(n, f"m{i}") for i in range(50)])
    with connection.transaction(force_rollback=True):
        connection.execute(f"DELETE FROM {TABLE} WHERE owner = %s", (n,))
    check_raises(psycopg.errors.DivisionByZero, connection.execute, "SELECT 1/%s", (0,))
    with connection.transaction():
        with connection.transaction() as savepoint:
            connection.execute(f"DELETE FROM {TABLE} WHERE owner = %s", (n,))
            raise psycopg.Rollback(savepoint)
        check_raises(psycopg.errors.UndefinedTable, savepoint_error, connection)
    check(connection.execute(f"SELECT count(*) FROM {TABLE} WHERE owner = %s", (n,)).fetchone(), (50,))


def savepoint_error(connection):
    with connection.transaction():
        connection.execute("SELECT * FROM nowhere WHERE id = %s", (1,))


def notices(connection, n):
    heard = []
    connection.add_notice_handler(lambda notice: heard.append(notice.message_primary))
    connection.execute(f"DO $$ BEGIN RAISE NOTICE 'heard %', {n}; END $$")
    check(heard, [f"heard {n}"])


def bulk(connection, n):
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(f"COPY {TABLE} FROM STDIN") as copy:
            for i in range(500):
                copy.write_row((n, f"c{i}"))
        with cursor.copy(f"COPY (SELECT name FROM {TABLE} WHERE owner = {n}) TO STDOUT") as copy:
            check(sum(1 for _ in copy.rows()), 550)
    with connection.transaction(), connection.cursor("stream") as cursor:
        cursor.execute("SELECT i, %s::int FROM generate_series(1, 1000) i", (n,))
        check(sum(row[0] + row[1] for row in cursor), 500500 + 1000 * n)
    with connection.cursor() as cursor:
        check(sum(row[0] for row in cursor.stream("SELECT generate_series(1, %s::int)", (n + 1,))),
              (n + 1) * (n + 2) // 2)


def pipelines(connection, n):
    for i in range(ROUNDS):
        with connection.pipeline():
            first = connection.execute(f"SELECT %s::int * {n + 1}", (i,))
            second = connection.execute("SELECT %s::text", (f"p{n}",))
            check(first.fetchone(), (i * (n + 1),))
            check(second.fetchone(), (f"p{n}",))

    def failing():
        with connection.pipeline() as pipeline:
            connection.execute("SELECT 1/%s", (0,))
            connection.execute("SELECT %s::int", (n,))
            pipeline.sync()

    check_raises(psycopg.errors.DivisionByZero, failing)
    check(connection.execute("SELECT %s::int", (n,)).fetchone(), (n,))


def work(n):
    for _ in range(2):
        with psycopg.connect("", autocommit=True) as connection:
            statements(connection, n)
            connection.execute(f"DELETE FROM {TABLE} WHERE owner = %s", (n,))
            transactions(connection, n)
            if psycopg.Pipeline.is_supported():  # Before stream(), after which libpq 15 mixes them up.
                pipelines(connection, n)
            bulk(connection, n)
            notices(connection, n)
            connection.execute("SET statement_timeout = '100ms'")
            check_raises(psycopg.errors.QueryCanceled, connection.execute, "SELECT pg_sleep(%s)", (60,))
            connection.execute("SET statement_timeout = 0")
            check(connection.execute("SELECT %s::text", (f"end {n}",)).fetchone(), (f"end {n}",))


with psycopg.connect("", autocommit=True) as first:
    first.execute(f"DROP TABLE IF EXISTS {TABLE}")
    first.execute(f"CREATE TABLE {TABLE} (owner int, name text)")
run(work)
