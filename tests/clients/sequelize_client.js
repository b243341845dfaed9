// sequelize at its usual work, one connection for each client; it SETs the time zone at each connect.
'use strict';

const { DataTypes, QueryTypes, Sequelize } = require('sequelize');
const { check, meet, rejects, rounds, run } = require('./crew');

function connect() {
  const db = new Sequelize(process.env.PGDATABASE, process.env.PGUSER, null,
    { host: process.env.PGHOST, dialect: 'postgres', logging: false, pool: { max: 1 }, timezone: '+02:00' });
  const Row = db.define('row', {
    owner: DataTypes.INTEGER, name: DataTypes.TEXT, blob: DataTypes.BLOB, price: DataTypes.DECIMAL(10, 2),
    tags: DataTypes.ARRAY(DataTypes.TEXT), data: DataTypes.JSONB, at: DataTypes.DATE,
  }, { tableName: 'sequelize', timestamps: false });
  return { db, Row };
}

async function work(n) {
  for (let again = 0; again < 2; again++) {
    const { db, Row } = connect();
    const where = { owner: n };
    await Row.destroy({ where });
    const values = { owner: n, name: `nä'me ${n} ☃`, blob: Buffer.from([0, n, 255]), price: '1.50',
      tags: ['a', String(n)], data: { n }, at: new Date('2024-02-29T12:00:00Z') };
    const created = await Row.create(values);
    await meet();
    check((await Row.findByPk(created.id)).get(), { id: created.id, ...values });
    await Row.bulkCreate(Array.from({ length: 200 }, (_, i) => ({ owner: n, name: `m${i}` })));
    await rejects(db.transaction(async (transaction) => {
      await Row.destroy({ where, transaction });
      await db.query('SELECT 1/$1::int', { bind: [0], transaction });
    }), '22012');
    await db.transaction(async (transaction) => {
      await Row.update({ price: n }, { where, transaction });
    });
    check(await Row.sum('price', { where }), 201 * n);
    for (let i = 0; i < rounds; i++) {
      const rows = await db.query(`SELECT $1::int + ${n} AS sum, current_setting('TimeZone') AS zone`,
        { bind: [i], type: QueryTypes.SELECT });
      check(rows, [{ sum: i + n, zone: '<+02>-02' }]);
    }
    await db.close();
  }
}

async function prepare() {
  const { db, Row } = connect();
  await Row.sync({ force: true });
  await db.close();
}

run(prepare, work);
