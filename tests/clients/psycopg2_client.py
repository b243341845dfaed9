"""psycopg2 at its usual work; where to connect comes from PGHOST, PGUSER and PGDATABASE."""

import decimal
import io
import threading

import psycopg2
import psycopg2.errors
import psycopg2.extras
import psycopg2.pool


def transactions():
    connection = psycopg2.connect("")
    with connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS py")
        cursor.execute("CREATE TABLE py (id serial PRIMARY KEY, name text, price numeric, tags text[])")
        cursor.execute(
            "INSERT INTO py (name, price, tags) VALUES (%s, %s, %s) RETURNING id",
            ("näme 'quoted'", decimal.Decimal("1.50"), ["a", "b"]),
        )
        assert cursor.fetchone()[0] == 1
        psycopg2.extras.execute_values(
            cursor, "INSERT INTO py (name, price) VALUES %s", [(f"n{i}", i) for i in range(1000)]
        )
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM py")
            cursor.execute("SELECT 1/0")
        raise AssertionError("no error")
    except psycopg2.errors.DivisionByZero:
        pass
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(price) FROM py")
        assert cursor.fetchone() == (1001, decimal.Decimal("499501.50"))
        cursor.execute("SELECT name, tags FROM py WHERE id = %s", (1,))
        assert cursor.fetchone() == ("näme 'quoted'", ["a", "b"])
    connection.close()


def cursors_and_copy():
    connection = psycopg2.connect("", application_name="py", options="-c search_path=public")
    with connection, connection.cursor("streaming") as cursor:
        cursor.itersize = 100
        cursor.execute("SELECT i FROM generate_series(1, 1000) i")
        assert sum(row[0] for row in cursor) == 500500
    with connection, connection.cursor() as cursor:
        cursor.copy_expert("COPY py (name) FROM STDIN", io.StringIO("x\ny\nz\n"))
        out = io.StringIO()
        cursor.copy_expert("COPY (SELECT name FROM py ORDER BY id DESC LIMIT 3) TO STDOUT", out)
        assert out.getvalue() == "z\ny\nx\n"
    with connection, connection.cursor() as cursor:
        cursor.execute("SAVEPOINT s")
        cursor.execute("INSERT INTO py (name) VALUES ('gone')")
        cursor.execute("ROLLBACK TO s")
        cursor.execute("SELECT count(*) FROM py WHERE name = 'gone'")
        assert cursor.fetchone()[0] == 0
    connection.close()


def autocommit_and_threads():
    pool = psycopg2.pool.ThreadedConnectionPool(4, 8, "")
    failures = []

    def work():
        try:
            for i in range(50):
                connection = pool.getconn()
                connection.autocommit = True
                with connection.cursor() as cursor:
                    cursor.execute("SELECT %s::int + 1", (i,))
                    assert cursor.fetchone()[0] == i + 1
                pool.putconn(connection)
        except Exception as error:  # Reported below, from the main thread.
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.closeall()
    assert not failures, failures


transactions()
cursors_and_copy()
autocommit_and_threads()
print("all well")
