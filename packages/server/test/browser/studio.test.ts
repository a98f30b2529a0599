import { describe, expect, it } from 'vitest';
import { timeout } from './console-page.ts';
import { givePicture } from './give-picture.ts';
import { makePicture, useConsole } from './use-console.ts';

const standIns = [{ model: 'gemini-nano-banana-2.1', when: ['overloaded'] }];
const darkroom = useConsole({ DARKROOM_MODELS: [{ id: 'gemini-3-pro-image-preview', fallback: standIns }] });

describe('the studio in a browser', () => {
  it('is ready after a first load of less than 200 KB', { timeout }, async () => {
    await darkroom.visit('/', async (page) => {
      await page.getByLabel('What should the picture show?').waitFor();
      const bytes = await page.evaluate<number>(`performance.getEntries()
        .filter(({ entryType, name }) => entryType === 'navigation' || name.includes('/assets/'))
        .reduce((sum, { transferSize }) => sum + transferSize, 0)`);
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThan(200_000);
    });
  });

  it('shows the cost before anything is sent', { timeout }, async () => {
    await darkroom.visit('/', async (page) => {
      const cost = page.getByLabel('Expected cost');
      await expect.poll(() => cost.textContent()).toBe('About $0.134');
      await page.getByRole('radio', { name: '4K' }).check();
      await page.getByRole('radio', { name: '3', exact: true }).check();
      await expect.poll(() => cost.textContent()).toBe('About $0.720');
    });
  });

  it('offers the service tiers with their prices, the bytes of the model, and a stand-in', { timeout }, async () => {
    await darkroom.visit('/', async (page) => {
      const cost = page.getByLabel('Expected cost');
      await page.getByRole('radio', { name: 'Cheapest 0 to −50%' }).check();
      await expect.poll(() => cost.textContent()).toBe('At most about $0.134');
      await page.getByRole('radio', { name: 'Flex −50%' }).check();
      await expect.poll(() => cost.textContent()).toBe('About $0.067');
      await page.getByRole('radio', { name: 'Original' }).check();
      await page.getByLabel('May be made by gemini-nano-banana-2.1 instead').uncheck();
      await makePicture(page, 'What should the picture show?', 'a patient boat');
      const id = new URL(page.url()).hash.slice(1);
      const record = await darkroom.server.client.status(id);
      expect(record).toMatchObject({ service_tier: 'flex', fallback: false, media: [{ content_type: 'image/jpeg' }] });
      await page.getByLabel('Model').selectOption('gemini-3.1-flash-lite-image');
      await expect.poll(() => page.getByRole('radio', { name: 'Flex' }).count()).toBe(0);
      expect(await page.getByLabel('May be made by').count()).toBe(0);
    });
  });

  it('a request shows the tier that was used, the model that stood in, and why', { timeout }, async () => {
    const prompt = 'a boat in a crowd [[sandbox status=503 times=1]]';
    const { request_id: id } = await darkroom.server.client.generate({ prompt });
    const sentence = 'Made by gemini-nano-banana-2.1: gemini-3-pro-image-preview had no capacity.';
    await darkroom.visit(`/#${id}`, async (page) => {
      await page.getByText(sentence).waitFor();
    });
    await darkroom.visit(`/gallery?request=${id}`, async (page) => {
      const details = page.getByRole('dialog');
      await details.getByText(sentence).waitFor();
      const row = details.getByRole('row').filter({ hasText: 'gemini-nano-banana-2.1' });
      await row.getByRole('cell', { name: 'Standard' }).waitFor();
      await row.getByText('(overloaded)').waitFor();
    });
  });

  for (const kind of ['drop', 'paste'] as const) {
    it(`a picture given by ${kind} is uploaded, shown and sent as a reference`, { timeout }, async () => {
      await darkroom.visit('/', async (page) => {
        await page.getByLabel('What should the picture show?').waitFor();
        await givePicture(page, { kind, to: 'textarea' });
        await page.locator('.references img').waitFor();
        await page.getByLabel('What should the picture show?').fill(`a boat of this colour, by ${kind}`);
        await page.getByRole('button', { name: /make picture/i }).click();
        await page.locator('.picture img').waitFor();
        const id = new URL(page.url()).hash.slice(1);
        const { payload } = await darkroom.server.client.status(id);
        expect(payload['image']).toEqual([expect.stringMatching(/\/media\/.*\.png$/)]);
      });
    });
  }

  it('uploads become addresses, which are listed until the tab is closed', { timeout }, async () => {
    await darkroom.visit('/uploads', async (page) => {
      await page.getByText('None yet').waitFor();
      await givePicture(page, { kind: 'drop', to: 'main' });
      // Pasted while nothing has the focus.
      await givePicture(page, { kind: 'paste', to: 'body' });
      const pictures = page.getByRole('img', { name: 'colour.png' });
      await expect.poll(() => pictures.count()).toBe(2);
      await page.reload();
      await expect.poll(() => pictures.count()).toBe(2);
      await page.getByText('64 × 64').first().waitFor();
      const urls = await page.locator('.uploads code').allTextContents();
      expect(new Set(urls).size).toBe(2);
      for (const url of urls) expect((await fetch(url)).headers.get('content-type')).toBe('image/png');
      await page.getByRole('button', { name: 'Delete' }).first().click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await expect.poll(() => pictures.count()).toBe(1);
      expect((await fetch(urls[0] ?? '')).status).toBe(410);
      expect((await fetch(urls[1] ?? '')).status).toBe(200);
      await page.setInputFiles('input[type=file]', {
        name: 'notes.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from('no picture'),
      });
      await page.getByText('notes.txt: It is not a PNG, JPEG, WebP, HEIC or HEIF picture.').waitFor();
    });
  });

  it('a picture is edited over three turns, and again from the first one', { timeout }, async () => {
    await darkroom.visit('/', async (page) => {
      await makePicture(page, 'What should the picture show?', 'a barn in a field');
      const first = page.url();
      for (const change of ['in winter', 'with a dog']) {
        await page.getByRole('button', { name: 'Keep editing' }).click();
        await makePicture(page, 'What should change?', change);
      }
      const turns = page.getByRole('region', { name: 'Turns of this conversation' });
      await expect.poll(() => turns.getByRole('listitem').count()).toBe(3);
      await page.getByText('Compare with the previous turn').click();
      const slider = page.getByLabel('How much of the previous turn is shown');
      await slider.press('End');
      expect(await slider.inputValue()).toBe('100');
      await page.goto(first);
      await page.getByRole('button', { name: 'Keep editing' }).click();
      await makePicture(page, 'What should change?', 'in spring');
      await expect.poll(() => turns.getByRole('listitem').count()).toBe(2);
      await page.goto(first);
      await turns.getByText('Branch 2').waitFor();
    });
  });

  it('a branch is shown however many requests came after it', { timeout }, async () => {
    const { client } = darkroom.server;
    const first = await client.generate('a house on a hill');
    await client.edit(first.request_id, 'with a red roof');
    await client.edit(first.request_id, 'with a blue roof');
    await Promise.all(
      Array.from({ length: 13 }, async (_, number) => {
        const { request_id } = await client.submit({ payload: { prompt: `a bird, ${number}` } });
        await client.cancel(request_id);
      }),
    );
    await darkroom.visit(`/#${first.request_id}`, async (page) => {
      const turns = page.getByRole('region', { name: 'Turns of this conversation' });
      await turns.getByText('with a red roof').waitFor();
      await turns.getByText('Branch 2').waitFor();
    });
  });

  it('a picture is viewed in full size and moved, by mouse and by keyboard', { timeout }, async () => {
    const { request_id: id } = await darkroom.server.client.generate({ prompt: 'a map of the moon', image_size: '2K' });
    await darkroom.visit(`/#${id}`, async (page) => {
      await page.getByTitle('Look closer').click();
      const dialog = page.getByRole('dialog');
      const picture = dialog.getByRole('img');
      await expect.poll(async () => (await picture.boundingBox())?.width).toBeLessThan(900);
      await picture.click({ position: { x: 10, y: 10 } });
      await expect.poll(async () => (await picture.boundingBox())?.width).toBe(2_048);
      const corner = await picture.boundingBox();
      // The spot that was clicked stays in view: the corner.
      expect(corner?.x).toBeGreaterThanOrEqual(0);
      await page.mouse.move(900, 600);
      await page.mouse.down();
      await page.mouse.move(700, 500, { steps: 4 });
      await page.mouse.up();
      await expect.poll(async () => (await picture.boundingBox())?.x).toBe((corner?.x ?? 0) - 200);
      await page.keyboard.press('ArrowRight');
      await expect.poll(async () => (await picture.boundingBox())?.x).toBeLessThan((corner?.x ?? 0) - 200);
      await page.keyboard.press('Enter');
      await expect.poll(async () => (await picture.boundingBox())?.width).toBeLessThan(900);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    });
  });

  it('a request shows live why it waits, and is cancelled', { timeout }, async () => {
    const { admin } = darkroom.server;
    await admin.pause({ kind: 'upstream', name: 'sandbox' });
    try {
      await darkroom.visit('/', async (page) => {
        await page.getByLabel('What should the picture show?').fill('a slow snail');
        await page.getByRole('button', { name: /make picture/i }).click();
        await page
          .getByText(/paused/i)
          .first()
          .waitFor();
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.getByText('This request was cancelled').waitFor();
      });
    } finally {
      await admin.resume({ kind: 'upstream', name: 'sandbox' });
    }
  });
});
