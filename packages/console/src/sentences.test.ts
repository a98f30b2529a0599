import { DarkroomError } from '@darkroom/client';
import { describe, expect, it } from 'vitest';
import { isAway, toSentence } from './sentences.ts';

const refuse = (...details: { path: string; message: string }[]) =>
  new DarkroomError(400, { error: details.map(({ path, message }) => `${path} ${message}`).join(), details });

describe('a sentence about what went wrong', () => {
  it('uses the labels that the reader sees, not the keys of the wire', () => {
    expect(toSentence(refuse({ path: 'payload.prompt', message: 'is empty' }))).toBe('The text is empty.');
    expect(
      toSentence(
        refuse({ path: 'payload.image_size', message: 'is wrong' }, { path: 'deadline_seconds', message: 'is wrong' }),
      ),
    ).toBe('The size is wrong. The deadline seconds is wrong.');
  });

  it('is the server’s message when that names no key', () => {
    expect(toSentence(new DarkroomError(402, { error: 'The budget is spent.' }))).toBe('The budget is spent.');
  });
});

describe('a server that is away', () => {
  it('is one that the browser or a proxy cannot reach, but not one that refuses', () => {
    expect(isAway(new TypeError('fetch failed'))).toBe(true);
    expect(isAway(new DarkroomError(502, {}))).toBe(true);
    expect(isAway(new DarkroomError(503, { code: 'overloaded' }))).toBe(false);
    expect(isAway(new DarkroomError(500, {}))).toBe(false);
  });
});
