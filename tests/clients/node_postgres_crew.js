// node-postgres at its usual work in eight clients: unnamed and named statements, queued queries.
'use strict';

const { Client } = require('pg');
const { check, meet, rejects, rounds, run } = require('./crew');

async function statements(client, n) {
  for (let i = 0; i < rounds; i++) {
    const unnamed = await client.query(`SELECT $1::int + ${n} AS sum`, [i]);
    check(unnamed.rows, [{ sum: i + n }]);
    // The same name in all clients, with another text in each.
    const named = await client.query({ name: 'add', text: `SELECT $1::int * ${n + 1} AS product`, values: [i] });
    check(named.rows, [{ product: i * (n + 1) }]);
    if (i === rounds / 2) await meet();
  }
  const values = [String(7 * n), `nä'me ${n} ☃`, Buffer.from([0, n, 255]), null, '1.50', true, [n, n + 1], { n }];
  const typed = await client.query({
    text: 'SELECT $1::int8, $2::text, $3::bytea, $4::int, $5::numeric, $6::bool, $7::int[], $8::jsonb',
    values, rowMode: 'array' });
  check(typed.rows[0], values);
}

async function transactions(client, n) {
  await client.query('BEGIN');
  for (let i = 0; i < 20; i++) await client.query('INSERT INTO node_crew VALUES ($1, $2)', [n, `m${i}`]);
  await client.query('COMMIT');
  await client.query('BEGIN');
  await client.query('DELETE FROM node_crew WHERE owner = $1', [n]);
  await client.query('ROLLBACK');
  await client.query('BEGIN');
  await rejects(client.query('SELECT 1/$1::int', [0]), '22012');
  await rejects(client.query('SELECT $1::int', [n]), '25P02');
  await client.query('ROLLBACK');
  const counted = await client.query('SELECT count(*)::int FROM node_crew WHERE owner = $1', [n]);
  check(counted.rows[0].count, 20);
  const several = await client.query(`SELECT ${n} AS a; SELECT ${n + 1} AS b`);
  check(several.map((result) => result.rows[0]), [{ a: n }, { b: n + 1 }]);
}

async function work(n) {
  for (let again = 0; again < 2; again++) {
    const client = new Client({ application_name: `node ${n}` });
    await client.connect();
    await client.query('DELETE FROM node_crew WHERE owner = $1', [n]);
    await statements(client, n);
    await transactions(client, n);
    const queued = await Promise.all(Array.from({ length: 30 }, (_, i) => client.query('SELECT $1::int AS i', [i * n])));
    queued.forEach((result, i) => check(result.rows, [{ i: i * n }]));
    const heard = [];
    client.on('notice', (notice) => heard.push(notice.message));
    await client.query(`DO $$ BEGIN RAISE NOTICE 'heard %', ${n}; END $$`);
    check(heard, [`heard ${n}`]);
    await client.query("SET statement_timeout = '100ms'");
    await rejects(client.query('SELECT pg_sleep($1)', [60]), '57014');
    await client.query('SET statement_timeout = 0');
    check((await client.query('SHOW application_name')).rows[0].application_name, `node ${n}`);
    await client.end();
  }
}

async function prepare() {
  const client = new Client();
  await client.connect();
  await client.query('DROP TABLE IF EXISTS node_crew');
  await client.query('CREATE TABLE node_crew (owner int, name text)');
  await client.end();
}

run(prepare, work);
