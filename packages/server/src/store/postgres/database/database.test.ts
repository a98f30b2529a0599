import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../platform/clock.ts';
import { StoreUnavailableError } from '../../store-errors.ts';
import { toConnectionSettings } from './connection-settings.ts';
import { Database } from './database.ts';
import { toStatement } from './statement.ts';

/** Messages of the protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function toMessage(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const authenticationOk = toMessage('R', Buffer.alloc(4));
const readyForQuery = toMessage('Z', Buffer.from('I'));
const shutdown = toMessage(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
);

let server: Server;
let db: Database;

beforeEach(async () => {
  // A server that stops in the moment in which it accepts a client: both messages come in one packet.
  server = createServer((socket) => {
    socket.once('data', () => socket.end(Buffer.concat([authenticationOk, readyForQuery, shutdown])));
    socket.on('error', () => undefined); // the client may disconnect first
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  db = new Database({
    settings: toConnectionSettings(`postgres://somebody@127.0.0.1:${port}/any`),
    maxConnections: 1,
    clock: systemClock,
    logger: pino({ level: 'silent' }),
  });
});
afterEach(async () => {
  await db.close();
  server.close();
  await once(server, 'close');
});

describe('the connections of a store', () => {
  it('fail for the caller that waits for them, and never end the process, when the server goes as soon as they are made', async () => {
    for (let times = 0; times < 3; times += 1)
      await expect(db.askOnce(toStatement('SELECT 1'))).rejects.toSatisfy(
        (error) => error instanceof StoreUnavailableError && /terminat|not queryable/i.test(String(error.cause)),
      );
  });
});
