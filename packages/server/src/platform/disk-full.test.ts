import { expect, it } from 'vitest';
import { isDiskFull } from './disk-full.ts';

const fail = (facts: object) => Object.assign(new Error('It failed'), facts);

it.each([
  ['the file system', fail({ code: 'ENOSPC' })],
  ['a quota', fail({ code: 'EDQUOT' })],
  ['PostgreSQL', fail({ code: '53100' })],
  ['SQLite', fail({ code: 'ERR_SQLITE_ERROR', errcode: 13 })],
  ['SQLite, by an extended code', fail({ code: 'ERR_SQLITE_ERROR', errcode: 13 | (3 << 8) })],
  ['the cause of another error', new Error('Not written', { cause: fail({ code: 'ENOSPC' }) })],
])('recognizes a full disk by the error of %s', (_who, error) => {
  expect(isDiskFull(error)).toBe(true);
});

it.each([
  ['another error of the file system', fail({ code: 'EACCES' })],
  ['another error of SQLite', fail({ code: 'ERR_SQLITE_ERROR', errcode: 5 })],
  ['no error', 'ENOSPC'],
])('does not take %s for a full disk', (_what, error) => {
  expect(isDiskFull(error)).toBe(false);
});
