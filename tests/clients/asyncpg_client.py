"""asyncpg at its usual work, with its statement cache as it is by default."""

import asyncio
import datetime
import decimal
import json
import os

import asyncpg

from crew import CLIENTS, ROUNDS, check, fail, finish

TABLE = "asyncpg"
_arrived = 0
_all = []


async def meet():
    """Waits until every client has come as often as this one."""
    global _arrived
    turn = _arrived // CLIENTS
    if turn == len(_all):
        _all.append(asyncio.Event())
    _arrived += 1
    if _arrived % CLIENTS == 0:
        _all[turn].set()
    await asyncio.wait_for(_all[turn].wait(), 60)


async def refuses(kind, awaitable):
    try:
        await awaitable
    except kind:
        check(True, True)
        return
    raise AssertionError(f"no {kind}")


async def statements(connection, n):
    for i in range(ROUNDS):  # __asyncpg_stmt_1__ in every client, with another text in each.
        check(await connection.fetchval(f"SELECT $1::int + {n}", i), i + n)
        if i == ROUNDS // 2:
            await meet()
    row = (7 * n, f"nä'me {n} ☃", bytes([0, n, 255]), None, decimal.Decimal("1.50"), True,
           datetime.date(2024, 2, 29), [n, n + 1], json.dumps({"n": n}))
    got = await connection.fetchrow(
        "SELECT $1::int8, $2::text, $3::bytea, $4::int, $5::numeric, $6::bool, $7::date,"
        " $8::int[], $9::jsonb", *row)
    check(tuple(got), row)
    prepared = await connection.prepare(f"SELECT $1::text || '{n}' AS text")
    check(await prepared.fetchval("t"), f"t{n}")  # prepare() has sent no Sync yet.
    await meet()
    for i in range(ROUNDS):
        check(await prepared.fetchval(f"t{i}."), f"t{i}.{n}")
    check(prepared.get_attributes()[0].name, "text")


async def transactions(connection, n):
    await connection.executemany(f"INSERT INTO {TABLE} VALUES ($1, $2)",
                                 [(n, f"m{i}") for i in range(50)])
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"DELETE FROM {TABLE} WHERE owner = $1", n)
    await transaction.rollback()
    await refuses(asyncpg.DivisionByZeroError, connection.fetchval("SELECT 1/$1::int", 0))
    async with connection.transaction():
        await refuses(asyncpg.UndefinedTableError, nested(connection))
        check(await connection.fetchval(f"SELECT count(*) FROM {TABLE} WHERE owner = $1", n), 50)


async def nested(connection):
    async with connection.transaction():
        await connection.fetch("SELECT * FROM nowhere WHERE id = $1", 1)


async def bulk(connection, n):
    await connection.copy_records_to_table(TABLE, records=[(n, f"c{i}") for i in range(500)])
    written = []

    async def sink(data):
        written.append(data)

    await connection.copy_from_query(f"SELECT name FROM {TABLE} WHERE owner = $1", n, output=sink)
    check(b"".join(written).count(b"\n"), 550)
    async with connection.transaction():
        total = 0
        async for row in connection.cursor("SELECT i + $1::int FROM generate_series(1, 1000) i", n,
                                           prefetch=50):
            total += row[0]
        check(total, 500500 + 1000 * n)


async def notices(connection, n):
    heard = asyncio.get_running_loop().create_future()
    connection.add_log_listener(lambda _, notice: heard.set_result(notice.message))
    await connection.execute(f"DO $$ BEGIN RAISE NOTICE 'heard %', {n}; END $$")
    check(await asyncio.wait_for(heard, 60), f"heard {n}")


async def one(n):
    for _ in range(2):
        connection = await asyncpg.connect(host=os.environ["PGHOST"])
        await connection.execute(f"DELETE FROM {TABLE} WHERE owner = {n}")
        await statements(connection, n)
        await transactions(connection, n)
        await bulk(connection, n)
        await notices(connection, n)
        await refuses(asyncio.TimeoutError, connection.fetch("SELECT pg_sleep($1)", 60.0, timeout=0.1))
        check(await connection.fetchval("SELECT $1::text", f"end {n}"), f"end {n}")
        await connection.close()


async def pooled(n, pool):
    for i in range(ROUNDS):
        async with pool.acquire() as connection:
            check(await connection.fetchval("SELECT $1::int * 2", i * n), i * n * 2)


async def main():
    first = await asyncpg.connect(host=os.environ["PGHOST"])
    await first.execute(f"DROP TABLE IF EXISTS {TABLE}")
    await first.execute(f"CREATE TABLE {TABLE} (owner int, name text)")
    await first.close()
    await asyncio.gather(*(one(n) for n in range(CLIENTS)))
    async with asyncpg.create_pool(host=os.environ["PGHOST"], min_size=1, max_size=4) as pool:
        await asyncio.gather(*(pooled(n, pool) for n in range(CLIENTS)))


try:
    asyncio.run(main())
except BaseException:
    fail()
finish()
