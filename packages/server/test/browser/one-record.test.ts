import { describe, expect, it } from 'vitest';
import { timeout } from './console-page.ts';
import { useConsole } from './use-console.ts';

const darkroom = useConsole();

/** Resolves when the first element's text contains the words, with the text of the other elements two frames later. */
const readWhen = (first: string, words: string, others: readonly string[]) => `(async () => {
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const read = (selector) => document.querySelector(selector)?.textContent ?? '';
  while (!read(${JSON.stringify(first)}).includes(${JSON.stringify(words)})) await nextFrame();
  await nextFrame();
  await nextFrame();
  return ${JSON.stringify(others)}.map(read);
})()`;

describe('the end of a request', () => {
  it('reaches the picture, the film strip, the turns and the tab’s title at the same time', { timeout }, async () => {
    const { client, admin } = darkroom.server;
    const first = await client.generate('a house');
    await admin.pause({ kind: 'upstream', name: 'sandbox' });
    const { request_id: id } = await client.submit({
      payload: { prompt: 'in snow [[sandbox delay=2s]]', previous_request_id: first.request_id },
    });
    await darkroom.visit(`/#${id}`, async (page) => {
      await page.locator('.film .frame').first().getByText('Queued').waitFor();
      await admin.resume({ kind: 'upstream', name: 'sandbox' });
      await page.locator('.film .frame').first().getByText('Developing').waitFor();
      const [film, turn, title] = await page.evaluate<string[]>(
        readWhen('.print-head .status', 'Ready', ['.film .frame', '.turns li:last-child', 'title']),
      );
      expect(film).toContain('Ready');
      expect(turn).not.toContain('Developing');
      expect(title).toContain('Ready');
    });
  });

  it('appears in open details, with the time it took and what it cost', { timeout }, async () => {
    const { client, admin } = darkroom.server;
    await admin.pause({ kind: 'upstream', name: 'sandbox' });
    const { request_id: id } = await client.submit({ payload: { prompt: 'a bridge [[sandbox delay=2s]]' } });
    await darkroom.visit(`/gallery?request=${id}`, async (page) => {
      const details = page.getByRole('dialog');
      await details.getByText('Queued', { exact: true }).waitFor();
      await admin.resume({ kind: 'upstream', name: 'sandbox' });
      await details.getByRole('cell', { name: 'under way' }).waitFor();
      await details.getByText('Ready', { exact: true }).waitFor();
      await details.getByRole('cell', { name: 'made' }).waitFor({ timeout: 10_000 });
      await details.getByText('Done: 1 picture is stored.').waitFor({ timeout: 10_000 });
      expect(await details.getByText('under way').count()).toBe(0);
      const cost = (await client.status(id)).cost_usd;
      const told = cost === 0 ? '$0' : cost < 0.001 ? 'under $0.001' : `$${cost.toFixed(3)}`;
      await details.getByText(`Cost ${told}`, { exact: true }).waitFor();
    });
  });
});
