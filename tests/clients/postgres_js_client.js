// postgres.js with its defaults at its usual work: all statements named, Flush for parameters.
'use strict';

const postgres = require('postgres');
const { pipeline } = require('stream/promises');
const { Readable } = require('stream');
const { check, meet, rejects, rounds, run } = require('./crew');

// Only where to connect; onnotice because the default prints.
function connect(max, onnotice = () => {}) {
  return postgres({ host: process.env.PGHOST, max, onnotice });
}

async function statements(sql, n) {
  for (let i = 0; i < rounds; i++) {
    check((await sql`SELECT ${i}::int + ${n}::int AS sum`)[0].sum, i + n);
    check((await sql.unsafe(`SELECT $1::int * ${n + 1} AS product`, [i], { prepare: true }))[0].product, i * (n + 1));
    if (i === rounds / 2) await meet();
  }
  const blob = Buffer.from([0, n, 255]);
  const [row] = await sql`SELECT ${7 * n}::int8 AS a, ${`nä'me ${n} ☃`}::text AS b, ${blob}::bytea AS c,
    ${null}::int AS d, ${'1.50'}::numeric AS e, ${true}::bool AS f, ${[n, n + 1]}::int[] AS g, ${sql.json({ n })}::jsonb AS h`;
  check({ ...row }, { a: String(7 * n), b: `nä'me ${n} ☃`, c: blob, d: null, e: '1.50', f: true, g: [n, n + 1], h: { n } });
}

async function transactions(sql, n) {
  await sql.begin((inner) => inner`INSERT INTO postgres_js ${inner(Array.from({ length: 50 }, (_, i) => ({ owner: n, name: `m${i}` })))}`);
  await rejects(sql.begin(async (inner) => {
    await inner`DELETE FROM postgres_js WHERE owner = ${n}`;
    await inner`SELECT 1/${0}::int`;
  }), '22012');
  await sql.begin(async (inner) => {
    await rejects(inner.savepoint((deeper) => deeper`SELECT ${n} FROM nowhere`), '42P01');
    check((await inner`SELECT count(*)::int FROM postgres_js WHERE owner = ${n}`)[0].count, 50);
  });
  await sql.begin(async (inner) => {  // Pipelined.
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => inner`SELECT ${i * n}::int AS i`));
    answers.forEach((rows, i) => check(rows[0].i, i * n));
  });
}

async function streams(sql, n) {
  const writable = await sql`COPY postgres_js FROM STDIN`.writable();
  await pipeline(Readable.from(Array.from({ length: 500 }, (_, i) => `${n}\tc${i}\n`)), writable);
  let total = 0;
  await sql`SELECT i + ${n}::int AS i FROM generate_series(1, 1000) i`.cursor(100, (rows) => {
    for (const row of rows) total += row.i;
  });
  check(total, 500500 + 1000 * n);
  check((await sql`SELECT count(*)::int FROM postgres_js WHERE owner = ${n}`)[0].count, 550);
}

async function work(n) {
  for (let again = 0; again < 2; again++) {
    const heard = [];
    const sql = connect(1, (notice) => heard.push(notice.message));
    await sql`DELETE FROM postgres_js WHERE owner = ${n}`;
    await statements(sql, n);
    await transactions(sql, n);
    await streams(sql, n);
    await sql.unsafe(`DO $$ BEGIN RAISE NOTICE 'heard %', ${n}; END $$`);
    check(heard, [`heard ${n}`]);
    const slow = sql`SELECT pg_sleep(60), ${n}::int`.execute();
    setTimeout(() => slow.cancel(), 300);
    await rejects(slow, '57014');
    check((await sql`SELECT ${`end ${n}`}::text AS end`)[0].end, `end ${n}`);
    await sql.end();
  }
}

async function prepare() {
  const sql = connect(1);
  await sql`DROP TABLE IF EXISTS postgres_js`;
  await sql`CREATE TABLE postgres_js (owner int, name text)`;
  await sql.end();
}

run(prepare, work);
