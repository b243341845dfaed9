// Eight clients of a driver of node that work at the same time and meet; not a test by itself.
'use strict';

const assert = require('assert');

const clients = Number(process.env.CLIENTS || 8);
let checks = 0;
let arrived = 0;
let waiting = [];

exports.clients = clients;
exports.rounds = 20;

exports.check = (got, expected) => {
  checks++;
  assert.deepStrictEqual(got, expected);
};

exports.rejects = async (promise, code) => {
  checks++;
  await assert.rejects(promise, (error) => {
    assert.strictEqual(error.code || (error.original && error.original.code), code, error);
    return true;
  });
};

// Waits for all clients of the crew, so that each has prepared its statements, and idles.
exports.meet = () => new Promise((resolve) => {
  waiting.push(resolve);
  if (++arrived % clients === 0) {
    for (const each of waiting.splice(0)) each();
  }
});

// Calls work(n) for each n of the crew; any failure ends the program.
exports.run = async (prepare, work, end = async () => {}) => {
  try {
    await prepare();
    await Promise.all(Array.from({ length: clients }, (_, n) => work(n)));
    await end();
    console.log(`${checks} checks\nall well`);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
};
