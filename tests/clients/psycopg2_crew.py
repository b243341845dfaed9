"""psycopg2 at its usual work in eight clients: COPY, a cursor of the server, cancel."""

import io
import threading

import psycopg2
import psycopg2.errors
import psycopg2.extras

from crew import ROUNDS, check, check_raises, meet, run

TABLE = "psycopg2_crew"


def one(cursor, sql, parameters=()):
    cursor.execute(sql, parameters)
    return cursor.fetchone()


def transactions(connection, n):
    count = f"SELECT count(*) FROM {TABLE} WHERE owner = %s"
    with connection, connection.cursor() as cursor:
        psycopg2.extras.execute_values(cursor, f"INSERT INTO {TABLE} VALUES %s",
                                       [(n, f"m{i}") for i in range(200)])
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE owner = %s", (n,))
        connection.rollback()
        check(one(cursor, count, (n,)), (200,))
        check_raises(psycopg2.errors.DivisionByZero, cursor.execute, "SELECT 1/0")
        check_raises(psycopg2.errors.InFailedSqlTransaction, cursor.execute, "SELECT 1")
        connection.rollback()
        cursor.copy_expert(f"COPY {TABLE} FROM STDIN", io.StringIO(f"{n}\tc\n" * 500))
        check(one(cursor, count, (n,)), (700,))
        connection.commit()


def values(connection, n):
    row = (7 * n, f"nä'me {n} ☃", None, True, [n, n + 1], {"n": n})
    with connection, connection.cursor() as cursor:
        check(one(cursor, "SELECT %s::int8, %s, %s::int, %s, %s, %s::jsonb",
                  row[:5] + (psycopg2.extras.Json(row[5]),)), row)
        check(bytes(one(cursor, "SELECT %s::bytea", (bytes([0, n, 255]),))[0]), bytes([0, n, 255]))
    for i in range(ROUNDS):
        with connection, connection.cursor() as cursor:
            check(one(cursor, f"SELECT %s + {n}", (i,)), (i + n,))


def notices(connection, n):
    with connection, connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE NOTICE 'heard %%', %s; END $$", (n,))
        check(connection.notices, [f"NOTICE:  heard {n}\n"])


def streamed(connection, n):
    with connection, connection.cursor("streaming") as cursor:
        cursor.itersize = 100
        cursor.execute("SELECT i + %s FROM generate_series(1, 1000) i", (n,))
        check(sum(row[0] for row in cursor), 500500 + 1000 * n)


def cancelled(connection, alone):
    """A statement that is alone may wait for its server; one of a transaction has it.

    The first one of a transaction is sent when its BEGIN was answered: a cancel that comes just
    between the two has nothing to hit.
    """
    connection.autocommit = alone
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        timer = threading.Timer(0.3, connection.cancel)
        timer.start()
        check_raises(psycopg2.errors.QueryCanceled, cursor.execute, "SELECT pg_sleep(60)")
    timer.join()
    connection.rollback()
    connection.autocommit = False


def work(n):
    for _ in range(2):
        connection = psycopg2.connect("")
        with connection, connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLE} WHERE owner = %s", (n,))
        transactions(connection, n)
        meet()
        values(connection, n)
        cancelled(connection, alone=n % 2 == 0)
        notices(connection, n)
        streamed(connection, n)
        connection.close()


with psycopg2.connect("") as first, first.cursor() as commands:
    commands.execute(f"DROP TABLE IF EXISTS {TABLE}")
    commands.execute(f"CREATE TABLE {TABLE} (owner int, name text)")
first.close()
run(work)
