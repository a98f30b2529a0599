import { createHash } from 'node:crypto';
import type { PayloadInput } from '@darkroom/protocol';

/** One line of a batch: one request to make. */
export interface BatchLine {
  /** From 1. */
  readonly number: number;
  /** Depends on the text only, not on its position. The second of two equal lines gets a different key. */
  readonly key: string;
  readonly payload: PayloadInput;
  readonly model?: string;
}

/** Reads the lines of a batch. The error it throws names the number of every invalid line. */
export function parseBatch(text: string): readonly BatchLine[] {
  const seen = new Map<string, number>();
  const wrong: number[] = [];
  const lines = text.split('\n').flatMap((raw, index): BatchLine[] => {
    const trimmed = raw.trim();
    if (trimmed === '') return [];
    const times = seen.get(trimmed) ?? 0;
    seen.set(trimmed, times + 1);
    const order = parseOrder(trimmed);
    if (!order) wrong.push(index + 1);
    const hash = createHash('sha256').update(trimmed).digest('hex').slice(0, 24);
    return order ? [{ number: index + 1, key: `${hash}-${times}`, ...order }] : [];
  });
  if (wrong.length === 0) return lines;
  const which = wrong.length === 1 ? `Line ${wrong[0]}` : `Lines ${wrong.slice(0, 10).join(', ')}`;
  throw new Error(
    `${which}: write a prompt as "…", or a payload as {"prompt": "…", …}, with "model" unless you want the default model.`,
  );
}

function parseOrder(text: string): Pick<BatchLine, 'payload' | 'model'> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return { payload: { prompt: value } };
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const { model, ...payload } = value as PayloadInput & { readonly model?: string }; // the server checks it
    return { payload, ...(typeof model === 'string' && { model }) };
  } catch {
    return undefined;
  }
}
