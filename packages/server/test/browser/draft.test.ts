import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { timeout } from './console-page.ts';
import { givePicture } from './give-picture.ts';
import { useConsole } from './use-console.ts';

const darkroom = useConsole();

const makeFile = async (name: string) => {
  const picture = { width: 32, height: 32, channels: 3 as const, background: 'teal' };
  return { name, mimeType: 'image/png', buffer: await sharp({ create: picture }).png().toBuffer() };
};

describe('the draft in the studio', () => {
  it('survives other pages and a reload, with its references and the picture that is edited', { timeout }, async () => {
    const first = await darkroom.server.client.generate({ prompt: 'a red boat', number_of_images: 2 });
    await darkroom.visit(`/#${first.request_id}`, async (page) => {
      await page.getByRole('button', { name: 'Edit picture 2' }).click();
      await page.getByLabel('What should change?').fill('at dawn');
      await page.getByRole('radio', { name: '4K' }).check();
      await givePicture(page, { kind: 'drop', to: 'textarea' });
      await page.locator('.references img').waitFor();
      const expectKept = async () => {
        await page.getByRole('region', { name: 'Editing picture 2 of 2' }).waitFor();
        expect(await page.getByLabel('What should change?').inputValue()).toBe('at dawn');
        expect(await page.getByRole('radio', { name: '4K' }).isChecked()).toBe(true);
        expect(await page.locator('.references img').count()).toBe(1);
      };
      await page.getByRole('link', { name: 'Queue' }).click();
      await page.getByRole('heading', { name: 'Queue' }).waitFor();
      await page.getByRole('link', { name: 'Studio' }).click();
      await expectKept();
      await page.reload();
      await expectKept();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('API key').fill(darkroom.server.key);
      await page.keyboard.press('Enter');
      await expect.poll(() => page.getByLabel('What should the picture show?').inputValue()).toBe('');
    });
  });

  it('finishes an upload while another page is shown, and says which upload a reload has ended', {
    timeout,
  }, async () => {
    await darkroom.visit('/', async (page) => {
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      await page.route('**/media/upload-*', async (route) => {
        await held;
        await route.continue();
      });
      await page.setInputFiles('input[type=file]', await makeFile('sea.png'));
      await page.getByText('Uploading…').waitFor();
      await page.getByRole('link', { name: 'Uploads' }).click();
      await page.getByText('Drop pictures here').waitFor();
      release();
      await page.getByRole('link', { name: 'Studio' }).click();
      await page.getByRole('img', { name: 'sea.png' }).waitFor();

      await page.unroute('**/media/upload-*');
      await page.route('**/media/upload-*', async (route) => {
        if (route.request().method() === 'GET') await route.continue();
      });
      await page.setInputFiles('input[type=file]', await makeFile('sky.png'));
      await page.getByText('Uploading…').waitFor();
      await page.reload();
      await page
        .getByText('sky.png: The page was closed before the upload was complete. Choose the file again.')
        .waitFor();
      await page.getByRole('img', { name: 'sea.png' }).waitFor();
      await page.getByText('1 of 14').waitFor();
    });
  });

  it('names the files that it refuses and says why, and does not count them', { timeout }, async () => {
    await darkroom.visit('/', async (page) => {
      const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') };
      const files = await Promise.all(Array.from({ length: 16 }, (_, number) => makeFile(`${number}.png`)));
      await page.setInputFiles('input[type=file]', [notes, ...files]);
      await page.getByText('notes.txt: It is not a PNG, JPEG, WebP, HEIC or HEIF picture.').waitFor();
      await page.getByText('14.png: A request takes 14 references.').waitFor();
      await page.getByText('15.png: A request takes 14 references.').waitFor();
      await page.getByText('14 of 14').waitFor();
      await expect.poll(() => page.locator('.references img').count()).toBe(14);
      await page.getByRole('button', { name: 'Remove 3.png' }).click();
      await page.getByText('13 of 14').waitFor();
      await page.getByRole('button', { name: 'Dismiss the message about notes.txt' }).click();
      expect(await page.getByText('notes.txt').count()).toBe(0);
      const url = page.getByLabel('URL of a picture, then Enter');
      await url.fill('no address');
      await url.press('Enter');
      await page.getByText('This is not the URL of a picture').waitFor();
    });
  });

  it('says beside each field what is wrong with it, in view and in the words of the form', { timeout }, async () => {
    const check = async (page: Page) => {
      const prompt = page.getByLabel('What should the picture show?');
      await prompt.fill('x'.repeat(40_000));
      await prompt.press('Control+Enter');
      const problem = page.getByText(/^The text has 40,000 characters: describe the picture/);
      await problem.waitFor();
      await expect.poll(() => isInView(page, problem)).toBe(true);
      expect(await page.getByText('payload').count()).toBe(0);
      expect(await prompt.getAttribute('aria-invalid')).toBe('true');
      const { y, height } = await boxOf(problem);
      const field = await boxOf(prompt);
      expect(y - (field.y + field.height)).toBeLessThan(height + 24);
      await prompt.fill('shorter');
      await expect.poll(() => problem.count()).toBe(0);

      // A message that belongs to no field comes into view as well.
      await darkroom.server.admin.setBudget({ scope: 'organization', id: 'default', period: 'day' }, 0);
      await prompt.press('Control+Enter');
      const refusal = page.getByRole('alert').filter({ hasText: /budget/i });
      await refusal.waitFor();
      await expect.poll(() => isInView(page, refusal)).toBe(true);
      await darkroom.server.admin.removeBudget({ scope: 'organization', id: 'default', period: 'day' });
    };
    await darkroom.visit('/', check, { width: 390, height: 600, forgives: /status of 40[02]/ });
  });
});

type Found = ReturnType<Page['locator']>;

async function boxOf(element: Found) {
  const box = await element.boundingBox();
  if (!box) throw new Error('The element is not drawn.');
  return box;
}

async function isInView(page: Page, element: Found): Promise<boolean> {
  const { y, height } = await boxOf(element);
  return y >= 0 && y + height <= (page.viewportSize()?.height ?? 0);
}
