import { Readable } from 'node:stream';
import { type AuditList, auditExportQuerySchema, auditQuerySchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { parseTolerantly } from '../../core/parse-input.ts';
import { takeTurn } from '../../platform/turns.ts';
import { toMsOrUndefined } from '../../platform/unix-time.ts';
import type { AuditPage, AuditPlace, AuditQuery, AuditStore } from '../../store/audit-store.ts';
import { toAuditRecord } from '../records/audit.ts';

export interface AuditRoutesOptions {
  readonly audit: Pick<AuditStore, 'list'>;
}

/** How many entries of an export are in memory at a time. */
const exportPage = 100;

/** The audit log, by the page and as one file of JSON lines. */
export function registerAuditRoutes(app: FastifyInstance, { audit }: AuditRoutesOptions): void {
  app.get('/audit', async ({ query: given }): Promise<AuditList> => {
    const query = parseTolerantly(auditQuerySchema, given, '');
    const cursor = query.cursor === undefined ? undefined : parsePlace(query.cursor);
    const { entries, next } = await audit.list({ ...toFilter(query), limit: query.limit, cursor });
    return {
      entries: entries.map(toAuditRecord),
      has_more: next !== undefined,
      ...(next && { next_cursor: formatPlace(next) }),
    };
  });

  app.get('/audit.jsonl', async ({ query: given }, reply) => {
    const filter = toFilter(parseTolerantly(auditExportQuerySchema, given, ''));
    // A store that fails is still an error, with its status.
    const first = await audit.list({ ...filter, limit: exportPage });
    return reply
      .type('application/jsonl; charset=utf-8')
      .header('content-disposition', 'attachment; filename="audit.jsonl"')
      .send(Readable.from(toLines(first, (cursor) => audit.list({ ...filter, limit: exportPage, cursor }))));
  });
}

/** A page at a time, each in its own turn of the event loop. */
async function* toLines(first: AuditPage, read: (cursor: AuditPlace) => Promise<AuditPage>): AsyncGenerator<string> {
  let page = first;
  for (;;) {
    yield page.entries.map((entry) => `${JSON.stringify(toAuditRecord(entry))}\n`).join('');
    if (!page.next) return;
    await takeTurn();
    page = await read(page.next);
  }
}

function toFilter(query: z.output<typeof auditExportQuerySchema>): Omit<AuditQuery, 'limit'> {
  return {
    actorId: query.by,
    action: query.action,
    target: query.target,
    organizationId: query.organization_id,
    from: toMsOrUndefined(query.from),
    before: toMsOrUndefined(query.before),
  };
}

function formatPlace({ at, seq }: AuditPlace): string {
  return `${at}-${seq}`;
}

/** Written by `formatPlace`. */
function parsePlace(cursor: string): AuditPlace {
  const [at, seq] = cursor.split('-');
  return { at: Number(at), seq: Number(seq) };
}
