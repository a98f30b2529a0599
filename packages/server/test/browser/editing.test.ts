import { fromCopiedReference, type RequestRecord, type SuccessOutcomeRecord } from '@darkroom/protocol';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { timeout } from './console-page.ts';
import { givePicture } from './give-picture.ts';
import { makePicture, useConsole } from './use-console.ts';

const darkroom = useConsole();

const readShown = (page: Page): Promise<RequestRecord> =>
  darkroom.server.client.status(new URL(page.url()).hash.slice(1));

const sendByKey = async (page: Page, change: string): Promise<RequestRecord> => {
  const before = page.url();
  const prompt = page.getByLabel('What should change?');
  await prompt.fill(change);
  await prompt.press('Control+Enter');
  await page.waitForURL((url) => url.href !== before);
  await page.locator('.print-head').getByText('Ready', { exact: true }).waitFor();
  return readShown(page);
};

describe('an edit in the studio', () => {
  it('changes the chosen one of four pictures, and says which it is', { timeout }, async () => {
    const first = await darkroom.server.client.generate({ prompt: 'a red boat', number_of_images: 4 });
    const { media_urls: pictures } = first.outcome;
    await darkroom.visit(`/#${first.request_id}`, async (page) => {
      await page.getByRole('button', { name: 'Edit picture 4' }).click();
      const edited = page.getByRole('region', { name: 'Editing picture 4 of 4' });
      expect(await edited.getByRole('radio', { name: 'Picture 4' }).isChecked()).toBe(true);
      await edited.getByRole('radio', { name: 'Picture 3' }).check();
      await page.getByRole('region', { name: 'Editing picture 3 of 4' }).waitFor();
      await makePicture(page, 'What should change?', 'make it blue');
      const { payload, outcome } = await readShown(page);
      expect(payload).toMatchObject({ previous_request_id: first.request_id, previous_image: 2 });
      const [, answer] = (outcome as SuccessOutcomeRecord).next_turn_contents;
      expect(
        answer?.parts.flatMap(({ fileData }) => (fileData ? fromCopiedReference(fileData.fileUri ?? '') : [])),
      ).toEqual([pictures[2]?.url]);
      // The page shows the changed picture as the turn before.
      const turnBefore = page.getByRole('region', { name: 'Turns of this conversation' }).locator('img').first();
      expect(await turnBefore.getAttribute('src')).toBe(`${pictures[2]?.url}/thumbnail`);
    });
  });

  it('sends references in the turn in which they were added, and never again', { timeout }, async () => {
    await darkroom.visit('/', async (page) => {
      const references = page.locator('.references img');
      await page.getByLabel('What should the picture show?').waitFor();
      await givePicture(page, { kind: 'drop', to: 'textarea' });
      await references.waitFor();
      await makePicture(page, 'What should the picture show?', 'a boat of this colour');
      expect((await readShown(page)).payload['image']).toHaveLength(1);
      await page.getByRole('button', { name: 'Keep editing' }).click();
      await expect.poll(() => references.count()).toBe(0);
      expect((await sendByKey(page, 'in winter')).payload['image']).toBeUndefined();
      await givePicture(page, { kind: 'drop', to: 'textarea' });
      await references.waitFor();
      expect((await sendByKey(page, 'with this flag')).payload['image']).toHaveLength(1);
      expect((await sendByKey(page, 'at night')).payload['image']).toBeUndefined();
    });
  });

  it('continues from the newest turn until the reader leaves it', { timeout }, async () => {
    await darkroom.visit('/', async (page) => {
      await makePicture(page, 'What should the picture show?', 'a barn in a field');
      await page.getByRole('button', { name: 'Keep editing' }).click();
      let { request_id: previous } = await readShown(page);
      for (const change of ['in winter', 'with a dog']) {
        const { payload, request_id } = await sendByKey(page, change);
        expect(payload['previous_request_id']).toBe(previous);
        previous = request_id;
        const edited = page.getByRole('region', { name: 'Editing this picture' });
        await edited.getByText(change).waitFor();
        // The same keys do not send and pay for the same edit twice.
        expect(await page.getByLabel('What should change?').inputValue()).toBe('');
      }
      await page.getByRole('button', { name: 'Stop editing' }).click();
      await makePicture(page, 'What should the picture show?', 'a lake');
      expect((await readShown(page)).payload['previous_request_id']).toBeUndefined();
    });
  });

  it('waits for the turn before, and returns to it when the change failed', { timeout }, async () => {
    const { client, admin } = darkroom.server;
    const first = await client.generate('a tree');
    await darkroom.visit(`/#${first.request_id}`, async (page) => {
      await page.getByRole('button', { name: 'Keep editing' }).click();
      await admin.pause({ kind: 'upstream', name: 'sandbox' });
      try {
        const change = 'in bloom [[sandbox block=SAFETY]]';
        await page.getByLabel('What should change?').fill(change);
        await page.getByRole('button', { name: 'Change picture' }).click();
        await page.getByText('Your change is under way.').waitFor();
        const button = page.getByRole('button', { name: 'Change picture' });
        expect(await button.getAttribute('aria-disabled')).toBe('true');
        await page.getByText('The previous turn is still under way.').waitFor();
        await admin.resume({ kind: 'upstream', name: 'sandbox' });
        await page.getByText('This one did not come out').waitFor();
        await expect.poll(() => button.getAttribute('aria-disabled')).toBe('false');
        expect(await page.getByLabel('What should change?').inputValue()).toBe(change);
      } finally {
        await admin.resume({ kind: 'upstream', name: 'sandbox' });
      }
      const { payload } = await sendByKey(page, 'in autumn');
      expect(payload['previous_request_id']).toBe(first.request_id);
    });
  });
});
