import { readFile } from 'node:fs/promises';
import { type Darkroom, DarkroomError } from '@darkroom/client';
import type { FailureOutcomeRecord, RequestRecord } from '@darkroom/protocol';
import type { Command } from 'commander';
import { type BatchLine, parseBatch } from './batch-lines.ts';
import { BatchState, type Uploaded } from './batch-state.ts';
import { addConnectionOptions, type Connection, withConnection } from './connect.ts';
import { explainRefusal } from './explain-refusal.ts';
import { untilInterrupted } from './interrupt.ts';
import { isAddress, toReference, writePictures } from './pictures.ts';
import { parseWholeNumber } from './whole-number.ts';

interface BatchOptions {
  readonly output: string;
  readonly concurrency: number;
  readonly retryFailed?: true;
  readonly json?: true;
}

export function registerBatch(program: Command): void {
  const command = program
    .command('batch')
    .description(
      'Make the pictures for a file with one prompt or payload per line. Run it again to continue after Ctrl-C.',
    )
    .argument('<file>', 'JSON lines, e.g. "a kite" or {"prompt": "a kite", "image_size": "2K", "image": ["kite.png"]}.')
    .requiredOption('--output <folder>', 'Where to write the pictures and the progress of the batch.')
    .option('--concurrency <number>', 'How many requests to run at a time, 1 to 100.', parseWholeNumber(1, 100), 8)
    .option('--retry-failed', 'Also send the lines that were refused for good, e.g. because the prompt was blocked.')
    .option('--json', 'Print one JSON object per line.');
  addConnectionOptions(command).action((file: string, options: BatchOptions) =>
    withConnection(command, (connection) => runBatch(connection, file, options)),
  );
}

/** How a line ended. */
interface Result {
  readonly line: number;
  readonly status: 'success' | 'failed' | 'cancelled';
  readonly request_id?: string;
  readonly files?: readonly string[];
  readonly cost_usd?: number;
  readonly code?: string;
  readonly message?: string;
}

async function runBatch({ client }: Connection, file: string, options: BatchOptions): Promise<void> {
  const lines = parseBatch(await readFile(file, 'utf8'));
  const state = await BatchState.open(options.output);
  const left = lines.filter(({ key }) => !state.of(key).isDone);
  if (left.length < lines.length) console.error(`${lines.length - left.length} of ${lines.length} were already done.`);
  const open = options.retryFailed ? left : left.filter(({ key }) => state.of(key).refusal === undefined);
  tellRefused(left, state, options);
  let [done, failed] = [0, 0];
  const isInterrupted = await untilInterrupted((signal) =>
    workOff(open, options.concurrency, async (line) => {
      const result = await develop(line, { client, state, folder: options.output, signal });
      if (result.status === 'success') done += 1;
      else failed += 1;
      console.log(options.json ? JSON.stringify(result) : toText(result));
    }),
  );
  console.error(`${done} made, ${failed} failed, ${open.length - done - failed} left.`);
  if (failed > 0 || open.length < left.length) process.exitCode = 1;
  if (!isInterrupted) return;
  console.error('Interrupted. Run the same command to continue.');
  process.exitCode = 130;
}

function tellRefused(left: readonly BatchLine[], state: BatchState, { retryFailed }: BatchOptions): void {
  const refused = retryFailed ? [] : left.filter(({ key }) => state.of(key).refusal !== undefined);
  for (const { number, key } of refused) console.error(`Line ${number} was refused before: ${state.of(key).refusal}`);
  if (refused.length > 0) console.error('Refused lines are not sent again; --retry-failed sends them.');
}

/** Gives each line to one of `concurrency` workers. After a fault they take no more lines; it is thrown once all are idle. */
async function workOff(
  lines: readonly BatchLine[],
  concurrency: number,
  work: (line: BatchLine) => Promise<void>,
): Promise<void> {
  const rest = [...lines];
  const fault = new AbortController();
  const takeLines = async () => {
    for (let line = rest.shift(); line && !fault.signal.aborted; line = rest.shift())
      await work(line).catch((error: unknown) => fault.abort(error));
  };
  await Promise.all(Array.from({ length: concurrency }, takeLines));
  fault.signal.throwIfAborted();
}

interface Workshop {
  readonly client: Darkroom;
  readonly state: BatchState;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Makes the pictures of a line, or continues with the request that an earlier run made for it. */
async function develop(line: BatchLine, workshop: Workshop): Promise<Result> {
  const { client, state, folder, signal } = workshop;
  signal.throwIfAborted();
  try {
    const id = state.of(line.key).requestId ?? (await submit(line, workshop));
    const record = await client.wait(id, { signal });
    const files = record.status === 'success' ? await writePictures(client, record, folder) : [];
    const refusal = toRefusal(record);
    await state.note({
      key: line.key,
      end: record.status,
      ...(files.length > 0 && { files }),
      ...(refusal !== undefined && { refusal }),
    });
    return toResult(line, record, files);
  } catch (given) {
    const error = await explainRefusal(given, client);
    if (!(error instanceof DarkroomError) || !isOfTheLine(error)) throw error;
    const { code = 'refused', message } = error;
    await state.note({ key: line.key, end: code, refusal: message });
    return { line: line.number, status: 'failed', code, message };
  }
}

async function submit({ key, payload, model }: BatchLine, { client, state, signal }: Workshop): Promise<string> {
  const { image, ...mask } = await findUploaded({ key, payload }, { client, state });
  const { request_id } = await client.submit(
    {
      payload: { ...payload, ...mask, ...(image && { image: [...image] }) },
      ...(model !== undefined && { model }),
      idempotencyKey: state.idempotencyKey(key),
    },
    { signal },
  );
  await state.note({ key, request: request_id });
  return request_id;
}

/** What replaces the files in the payload of a line: the addresses of their uploads. */
async function findUploaded(
  { key, payload }: Pick<BatchLine, 'key' | 'payload'>,
  { client, state }: Pick<Workshop, 'client' | 'state'>,
): Promise<Uploaded> {
  const references = [payload.image ?? []].flat();
  const { mask } = payload;
  const { image: knownImage, mask: knownMask } = state.of(key);
  const found: Uploaded = {
    ...(references.some(isFile) && {
      image: knownImage ?? (await Promise.all(references.map((reference) => toReference(client, reference)))),
    }),
    ...(isFile(mask) && { mask: knownMask ?? (await toReference(client, mask)) }),
  };
  const isNew = (found.image && !knownImage) || (found.mask !== undefined && knownMask === undefined);
  if (isNew) await state.note({ key, ...found });
  return found;
}

/** A payload may hold anything; the server checks what is no text. */
function isFile(reference: unknown): reference is string {
  return typeof reference === 'string' && !isAddress(reference);
}

/** A failure that only a different line would avoid: not one of the upstream, or of a set-up that the operator can fix. */
function toRefusal(record: RequestRecord): string | undefined {
  if (record.status !== 'failed') return undefined;
  const { retryable, blame, message } = (record.outcome as FailureOutcomeRecord).error; // the wire gives a failure this outcome
  return retryable || blame !== 'caller' ? undefined : message;
}

/** A wrong key, a used-up budget or a full service would refuse every other line too. */
function isOfTheLine({ status }: DarkroomError): boolean {
  return status >= 400 && status < 500 && ![401, 402, 403, 429].includes(status);
}

function toResult({ number }: BatchLine, record: RequestRecord, files: readonly string[]): Result {
  const { request_id, status, cost_usd, error } = record;
  const facts = { line: number, request_id, cost_usd };
  if (status === 'success') return { ...facts, status, files };
  return {
    ...facts,
    status: status === 'failed' ? status : 'cancelled',
    ...(error !== undefined && { message: error }),
  };
}

function toText({ line, status, files = [], message = '' }: Result): string {
  return `${line} ${status} ${files.join(' ')}${message}`.trimEnd();
}
