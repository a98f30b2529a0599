import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebhookReceiver } from '../webhook-receiver.ts';
import { timeout } from './console-page.ts';
import { useConsole } from './use-console.ts';

const darkroom = useConsole({ DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1' });
let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await WebhookReceiver.start();
});
afterAll(() => receiver.stop());

describe('webhooks in a browser', () => {
  it('an endpoint is added, its secret shown once, tested, called, changed, paused, and deleted', {
    timeout,
  }, async () => {
    const { client } = darkroom.server;
    await darkroom.visit('/webhooks', async (page) => {
      await page.getByLabel('New address').fill(receiver.url('/hook'));
      await page.getByRole('checkbox', { name: 'Cancelled' }).uncheck();
      await page.getByRole('button', { name: 'Add endpoint' }).click();
      const secret = (await page.locator('.shown-secret code').textContent()) ?? '';
      receiver.secrets.set('/hook', [secret]);
      await page.getByRole('button', { name: 'Done' }).click();
      const card = page.getByRole('article', { name: receiver.url('/hook') });
      await card.getByRole('button', { name: 'Send a test' }).click();
      await card.getByText('It accepted the test message: 200.').waitFor();

      await client.generate('a bell');
      await page.getByText('Delivered Ready').waitFor();
      await page.getByText('Response').click();
      await page.getByText('thank you').waitFor();
      const before = receiver.taken.length;
      await page.getByRole('button', { name: 'Send again' }).click();
      await receiver.until(() => receiver.taken.length === before + 1);

      await card.getByRole('button', { name: 'Edit' }).click();
      await page.getByRole('checkbox', { name: 'Queued' }).check();
      await page.getByRole('button', { name: 'Save' }).click();
      await card.getByText('Queued').waitFor();
      await card.getByRole('button', { name: 'Pause' }).click();
      await card.getByText('Its deliveries have been waiting since').waitFor();
      await card.getByRole('button', { name: 'Resume' }).click();
      await card.getByText('Active', { exact: true }).waitFor();
      await confirm(page, { name: 'New secret', within: card });
      await card.getByText('The old secret also signs until').waitFor();
      const newSecret = await card.locator('.shown-secret code').textContent();
      expect(newSecret).toMatch(/^whsec_/);
      expect(newSecret).not.toBe(secret);
      await card.getByRole('button', { name: 'Done' }).click();
      await card.getByRole('button', { name: 'Show secret' }).click();
      await card.getByText(newSecret ?? '').waitFor();
      await confirm(page, { name: 'Delete', within: card });
      await page.getByText('None yet. Add an address').waitFor();
    });
    expect(receiver.wrongs).toEqual([]);
  });

  it('a delivery that was not accepted says why, and can be found by its status', { timeout }, async () => {
    const { client } = darkroom.server;
    const endpoint = await client.webhooks.create({ url: receiver.url('/broken'), events: ['success'] });
    receiver.secrets.set('/broken', [endpoint.secret]);
    receiver.mood = ({ path }) => (path === '/broken' ? 'fail' : 'take');
    await client.generate('a broken bell');
    await receiver.until(() => receiver.refused.length > 0);
    await darkroom.visit('/webhooks', async (page) => {
      await page.getByRole('article', { name: endpoint.url }).getByText('Failing').waitFor();
      await page.getByRole('radio', { name: 'Pending' }).check();
      await page.getByText('The receiver answered 500.').waitFor();
      await page.getByRole('radio', { name: 'Given up' }).check();
      await page.getByText('None.', { exact: true }).waitFor();
    });
  });

  it('the secret of the organization is shown and changed', { timeout }, async () => {
    const { client } = darkroom.server;
    const { secret } = await client.webhooks.secret();
    await darkroom.visit('/webhooks', async (page) => {
      const part = page.getByRole('region', { name: 'Addresses of single requests' });
      expect(await part.getByText(secret).count()).toBe(0);
      await part.getByRole('button', { name: 'Show secret' }).click();
      await part.getByText(secret).waitFor();
      await confirm(page, { name: 'New secret', within: part });
      await expect.poll(async () => part.locator('.shown-secret code').textContent()).not.toBe(secret);
      expect(await part.locator('.shown-secret code').textContent()).toBe((await client.webhooks.secret()).secret);
    });
  });
});

interface Asked {
  readonly name: string;
  readonly within: ReturnType<Page['getByRole']>;
}

/** Presses a button that asks for confirmation, and confirms. */
async function confirm(page: Page, { name, within }: Asked): Promise<void> {
  await within.getByRole('button', { name, exact: true }).first().click();
  await page.locator('dialog[open]').getByRole('button', { name, exact: true }).click();
}
