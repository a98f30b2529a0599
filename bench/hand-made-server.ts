import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import Fastify, { type FastifySchema } from 'fastify';
import pg, { type Pool } from 'pg';
import { PgBoss } from 'pg-boss';

/**
 * The same service, made by hand from the usual parts, in its own process. A Fastify checks the body, writes a record into
 * PostgreSQL and passes the work to a queue: pg-boss in the same transaction, BullMQ after it, or none. The arguments: which
 * queue (`pg-boss`, `bullmq` or `none`), the URL of an empty database and, for BullMQ, the port of a Redis server.
 */
const [queue = '', databaseUrl = '', redisPort = ''] = process.argv.slice(2);

interface Service {
  /** Resolves when the record and the work would survive the loss of this process. */
  submit(record: NewRecord): Promise<void>;
}

interface NewRecord {
  readonly id: string;
  readonly model: string;
  readonly payload: object;
}

/** As many connections as a Darkroom process has. */
const connections = 10;
const queueName = 'images';

const table = `
CREATE TABLE records (
  id uuid PRIMARY KEY, model text NOT NULL, status text NOT NULL, payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX records_by_status ON records (status, created_at)`;

/** Named, so that each connection parses and plans it only once. */
const insertRecord = ({ id, model, payload }: NewRecord) => ({
  name: 'insert-record',
  text: `INSERT INTO records (id, model, status, payload) VALUES ($1, $2, 'queued', $3)`,
  values: [id, model, JSON.stringify(payload)],
});

async function createPgBossService(pool: Pool): Promise<Service> {
  const boss = new PgBoss({ connectionString: databaseUrl, max: 2 });
  boss.on('error', (error) => process.stderr.write(`${error.message}\n`));
  await boss.start();
  await boss.createQueue(queueName);
  return {
    submit: async (record) => {
      const client = await pool.connect();
      const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
      try {
        await client.query('BEGIN');
        await client.query(insertRecord(record));
        await boss.send(queueName, { id: record.id }, { db });
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
  };
}

async function createBullService(pool: Pool): Promise<Service> {
  const bull = new Queue(queueName, { connection: { host: '127.0.0.1', port: Number(redisPort) } });
  return {
    submit: async (record) => {
      await pool.query(insertRecord(record));
      await bull.add('generate', { id: record.id }, { jobId: record.id });
    },
  };
}

/** One row in one statement: the least that a durable submit can cost. */
async function createBareService(pool: Pool): Promise<Service> {
  return {
    submit: async (record) => {
      await pool.query(insertRecord(record));
    },
  };
}

const services: Readonly<Record<string, (pool: Pool) => Promise<Service>>> = {
  'pg-boss': createPgBossService,
  bullmq: createBullService,
  none: createBareService,
};

const schema: FastifySchema = {
  body: {
    type: 'object',
    required: ['payload'],
    properties: {
      model: { type: 'string', enum: ['gemini-3-pro-image-preview'], default: 'gemini-3-pro-image-preview' },
      payload: {
        type: 'object',
        required: ['prompt'],
        properties: {
          prompt: { type: 'string', minLength: 1, maxLength: 20_000 },
          image_size: { type: 'string', enum: ['1K', '2K', '4K'] },
          aspect_ratio: { type: 'string', pattern: '^\\d+:\\d+$' },
        },
      },
    },
  },
};

const pool = new pg.Pool({ connectionString: databaseUrl, max: connections });
await pool.query(table);
const create = services[queue];
if (!create) throw new Error(`There is no queue "${queue}"; the queues are ${Object.keys(services).join(', ')}.`);
const service = await create(pool);
const app = Fastify();
app.post<{ Body: Pick<NewRecord, 'model' | 'payload'> }>('/', { schema }, async ({ body }) => {
  const id = randomUUID();
  await service.submit({ id, ...body });
  return { request_id: id, status: 'queued' };
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${url}\n`);
process.once('SIGTERM', () => process.exit(0));
