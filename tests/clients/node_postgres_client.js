// node-postgres at its usual work; where to connect comes from PGHOST, PGUSER and PGDATABASE.
'use strict';

const assert = require('assert');
const { Client, Pool } = require('pg');

async function oneClient() {
  const client = new Client({ application_name: 'node' });
  await client.connect();
  await client.query('DROP TABLE IF EXISTS node');
  await client.query('CREATE TABLE node (id serial PRIMARY KEY, name text, data jsonb)');
  const inserted = await client.query(
    'INSERT INTO node (name, data) VALUES ($1, $2) RETURNING id', ["nä'me", { a: [1, 2] }]);
  assert.strictEqual(inserted.rows[0].id, 1);
  const found = await client.query('SELECT name, data FROM node WHERE id = $1', [1]);
  assert.deepStrictEqual(found.rows[0], { name: "nä'me", data: { a: [1, 2] } });
  await assert.rejects(client.query('SELECT 1/0'), { code: '22012' });
  await assert.rejects(client.query('SELECT $1::int', ['x']), { code: '22P02' });
  await client.query('BEGIN');
  await client.query('DELETE FROM node');
  await client.query('ROLLBACK');
  assert.strictEqual((await client.query('SELECT 1 FROM node')).rowCount, 1);
  for (let i = 0; i < 20; i++) {  // A named statement: parsed once, then bound.
    const named = await client.query({ name: 'add', text: 'SELECT $1::int + 1 AS sum', values: [i] });
    assert.strictEqual(named.rows[0].sum, i + 1);
  }
  await client.end();
}

async function pooledClients() {
  const pool = new Pool({ max: 4 });
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => pool.query('SELECT $1::int AS n', [i])));
  answers.forEach((answer, i) => assert.strictEqual(answer.rows[0].n, i));
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query("INSERT INTO node (name) VALUES ('kept')");
  await client.query('COMMIT');
  client.release();
  const big = await pool.query("SELECT repeat('x', 3000000) AS text");
  assert.strictEqual(big.rows[0].text.length, 3000000);
  await pool.end();
}

oneClient().then(pooledClients).then(() => console.log('all well'), (error) => {
  console.error(error);
  process.exit(1);
});
