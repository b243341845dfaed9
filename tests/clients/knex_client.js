// knex at its usual work, one knex with one connection for each client.
'use strict';

const knex = require('knex');
const { check, meet, rejects, rounds, run } = require('./crew');

const connect = () => knex({ client: 'pg', connection: {}, pool: { min: 0, max: 1 } });

async function work(n) {
  for (let again = 0; again < 2; again++) {
    const db = connect();
    const mine = () => db('knex').where({ owner: n });
    await mine().delete();
    const blob = Buffer.from([0, n, 255]);
    await db('knex').insert({ owner: n, name: `nä'me ${n} ☃`, blob, data: { n } });
    await meet();
    check(await mine().first(), { owner: n, name: `nä'me ${n} ☃`, blob, data: { n } });
    await db.batchInsert('knex', Array.from({ length: 200 }, (_, i) => ({ owner: n, name: `m${i}` })), 50);
    await rejects(db.transaction(async (transaction) => {
      await transaction('knex').where({ owner: n }).delete();
      await transaction.raw('SELECT 1/?::int', [0]);
    }), '22012');
    await db.transaction(async (transaction) => {
      await rejects(transaction.transaction((inner) => inner('nowhere').where({ id: n })), '42P01');
      check((await transaction('knex').where({ owner: n }).count())[0].count, '201');
    });
    for (let i = 0; i < rounds; i++) {
      check((await db.raw(`SELECT ?::int + ${n} AS sum`, [i])).rows[0].sum, i + n);
    }
    check((await mine().whereNull('data').orderBy('name').limit(1).pluck('name')), ['m0']);
    await db.destroy();
  }
}

async function prepare() {
  const db = connect();
  await db.schema.dropTableIfExists('knex');
  await db.schema.createTable('knex', (table) => {
    table.integer('owner');
    table.text('name');
    table.binary('blob');
    table.jsonb('data');
  });
  await db.destroy();
}

run(prepare, work);
