import type { Submission } from '@darkroom/client';
import type { RequestRecord } from '@darkroom/protocol';
import type { Connection } from './connect.ts';
import { untilInterrupted } from './interrupt.ts';
import { InterruptedError } from './interrupted-error.ts';
import { toReference } from './pictures.ts';
import { createProgress } from './progress.ts';

interface Plan {
  /** Addresses, and files to upload. */
  readonly references: readonly string[];
  /** Called with the addresses of all references. */
  readonly toSubmission: (image: readonly string[]) => Submission;
}

/** Submits a request and waits until it has ended. Rejects with an `InterruptedError` at Ctrl-C. */
export async function develop(connection: Connection, { references, toSubmission }: Plan): Promise<RequestRecord> {
  const { client } = connection;
  const progress = createProgress();
  let last: Pick<RequestRecord, 'request_id' | 'status'> | undefined;
  let ended: RequestRecord | undefined;
  try {
    await untilInterrupted(async (signal) => {
      const image = await Promise.all(references.map((reference) => toReference(client, reference)));
      signal.throwIfAborted();
      // The signal does not abort the submit: we would not know whether the server accepted it.
      const { request_id } = await client.submit(toSubmission(image));
      last = { request_id, status: 'queued' };
      progress.show(`${request_id} queued`);
      ended = await client.wait(request_id, {
        signal,
        lookEverySeconds: 1,
        onRecord: (record) => {
          last = record;
          progress.show(toProgress(record));
        },
      });
    });
  } finally {
    progress.end();
  }
  return ended ?? leave(connection, last);
}

/** A separate server goes on with the request. A private server stops with the command, so the request is cancelled. */
async function leave(
  { client, isPrivate }: Connection,
  left: Pick<RequestRecord, 'request_id' | 'status'> | undefined,
): Promise<never> {
  if (!left) throw new InterruptedError('Interrupted: nothing was submitted.');
  const { request_id: id, status } = left;
  if (!isPrivate)
    throw new InterruptedError(
      `Interrupted. The server continues with request ${id}: "darkroom requests ${id}" shows it, "darkroom cancel ${id}" cancels it.`,
      { id, status },
    );
  const cancelled = await client.cancel(id);
  throw new InterruptedError(
    `Interrupted. Request ${id} is ${cancelled.status}: no other server is running to continue it.`,
    { id, status: cancelled.status },
  );
}

function toProgress({ request_id, status, queue }: RequestRecord): string {
  return `${request_id} ${status}${queue ? `: ${queue.message}` : ''}`;
}
