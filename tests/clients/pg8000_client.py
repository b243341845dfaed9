"""pg8000 at its usual work: everything is a named statement, and Flush follows each message."""

import io
import os

import pg8000

from crew import ROUNDS, check, check_raises, meet, run

TABLE = "pg8000"


def connect():
    return pg8000.connect(user=os.environ["PGUSER"], database=os.environ["PGDATABASE"],
                          unix_sock=os.environ["PGHOST"] + "/.s.PGSQL.5432")


def one(cursor, sql, *parameters):
    cursor.execute(sql, parameters)
    return tuple(cursor.fetchone())


def statements(connection, n):
    cursor = connection.cursor()
    for i in range(ROUNDS):
        check(one(cursor, f"SELECT %s + {n}", i), (i + n,))
        connection.commit()
        if i == ROUNDS // 2:
            meet()
    row = (7 * n, f"nä'me {n} ☃", bytes([0, n, 255]), None, True)
    check(one(cursor, "SELECT CAST(%s AS int8), CAST(%s AS text), CAST(%s AS bytea), CAST(%s AS int),"
              " CAST(%s AS bool)", *row), row)
    check(one(cursor, "SELECT CAST(%s AS int[])", [n, n + 1]), ([n, n + 1],))
    connection.commit()


def transactions(connection, n):
    cursor = connection.cursor()
    cursor.executemany(f"INSERT INTO {TABLE} VALUES (%s, %s)", [(n, f"m{i}") for i in range(50)])
    connection.commit()
    cursor.execute(f"DELETE FROM {TABLE} WHERE owner = %s", (n,))
    connection.rollback()
    check_raises(pg8000.ProgrammingError, cursor.execute, "SELECT 1/%s", (0,))
    check_raises(pg8000.ProgrammingError, cursor.execute, "SELECT %s::text", ("in failed",))
    connection.rollback()
    check(one(cursor, f"SELECT count(*) FROM {TABLE} WHERE owner = %s", n), (50,))
    connection.commit()
    cursor.execute("SELECT i + %s FROM generate_series(1, 1000) i", (n,))
    check(sum(row[0] for row in cursor), 500500 + 1000 * n)
    connection.commit()


def copies(connection, n):
    cursor = connection.cursor()
    cursor.execute(f"COPY {TABLE} FROM STDIN", stream=io.BytesIO(f"{n}\tc\n".encode() * 500))
    out = io.BytesIO()
    cursor.execute(f"COPY (SELECT name FROM {TABLE} WHERE owner = {n} AND name = 'c') TO STDOUT",
                   stream=out)
    check(out.getvalue(), b"c\n" * 500)
    connection.commit()


def work(n):
    for _ in range(2):
        connection = connect()
        cursor = connection.cursor()
        cursor.execute(f"DELETE FROM {TABLE} WHERE owner = %s", (n,))
        connection.commit()
        statements(connection, n)
        transactions(connection, n)
        copies(connection, n)
        connection.close()


first = connect()
first.cursor().execute(f"DROP TABLE IF EXISTS {TABLE}")
first.cursor().execute(f"CREATE TABLE {TABLE} (owner int, name text)")
first.commit()
first.close()
run(work)
