import { Darkroom } from '@darkroom/client';
import { describe, expect, it } from 'vitest';
import { timeout } from './console-page.ts';
import { useConsole } from './use-console.ts';

const darkroom = useConsole();

describe('the pages of the operator in a browser', () => {
  it('a key is created, shown once, works, and is revoked after a question', { timeout }, async () => {
    await darkroom.visit('/keys', async (page) => {
      await page.getByLabel('Name').fill('robot');
      expect(await page.title()).toBe('Keys · Darkroom');
      await page.getByLabel('Organizations').fill('shop, default');
      await page.getByLabel('Requests per minute').fill('30');
      await page.getByRole('button', { name: 'Create key' }).click();
      const apiKey = (await page.locator('.shown-secret code').textContent()) ?? '';
      const robot = new Darkroom({ baseUrl: darkroom.server.url, apiKey });
      expect(await robot.me()).toMatchObject({ organization_ids: ['shop', 'default'], is_admin: false });
      await page.getByRole('button', { name: 'Done' }).click();
      await page.locator('.shown-secret').waitFor({ state: 'detached' });
      expect(await page.content()).not.toContain(apiKey);

      const row = page.getByRole('row', { name: 'robot' });
      await row.getByText('shop, default').waitFor();
      await row.getByText('requests per minute 30').waitFor();
      await row.getByRole('button', { name: 'Change' }).click();
      const name = page.getByRole('textbox', { name: 'Name' });
      expect(await name.evaluate((input) => input.ownerDocument.activeElement === input)).toBe(true);
      await name.fill('robot two');
      await page.getByLabel('Ends on').fill('2099-01-01');
      await page.getByLabel('Requests per minute').fill('');
      await page.getByLabel('Uploads per minute').fill('7');
      await page.getByLabel('Manage').uncheck();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('New key').waitFor();
      await row.getByText('uploads per minute 7', { exact: true }).waitFor();
      const [changed] = (await darkroom.server.admin.keys()).keys.filter((key) => key.name === 'robot two');
      expect(changed).toMatchObject({ scopes: ['read', 'submit'], model_ids: null, limits: { uploads_per_minute: 7 } });
      expect(changed?.expires_at).toBeGreaterThan(4e9);

      await row.getByRole('button', { name: 'Revoke' }).click();
      const question = page.getByRole('dialog', { name: 'Revoke “robot two”?' });
      await question.getByRole('button', { name: 'Not now' }).click();
      expect(await robot.me()).toMatchObject({ is_admin: false });
      await row.getByRole('button', { name: 'Revoke' }).click();
      await question.getByRole('button', { name: 'Revoke' }).click();
      await row.getByText(/^revoked/).waitFor();
      await expect(robot.me()).rejects.toMatchObject({ status: 401 });
    });
  });

  it('the key that is signed in cannot be revoked with a click', { timeout }, async () => {
    await darkroom.visit('/keys', async (page) => {
      const row = page.getByRole('row', { name: 'first' });
      await row.getByText('signed in here').waitFor();
      expect(await row.getByRole('button').allTextContents()).toEqual(['Changefirst']);
    });
  });

  it('an organization is made with a limit, suspended after a question, resumed and removed', { timeout }, async () => {
    const organizations = async () => (await darkroom.server.admin.organizations()).organizations;
    await darkroom.visit('/organizations', async (page) => {
      await page.getByLabel('Id', { exact: true }).fill('gallery');
      await page.getByLabel('Queued requests').fill('500');
      await page.getByRole('button', { name: 'Make organization' }).click();
      const row = page.getByRole('row', { name: 'gallery' });
      await row.getByText('queued requests 500').waitFor();
      await row.getByRole('button', { name: 'Suspend' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
      await row.getByText(/^suspended/).waitFor();
      expect(await organizations()).toContainEqual(expect.objectContaining({ suspended_at: expect.any(Number) }));
      await row.getByRole('button', { name: 'Resume' }).click();
      await row.getByText(/^suspended/).waitFor({ state: 'detached' });
      await row.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await row.waitFor({ state: 'detached' });
      expect((await organizations()).map(({ id }) => id)).not.toContain('gallery');
    });
  });

  it('a budget is set, changed and removed', { timeout }, async () => {
    const budgets = async () => (await darkroom.server.admin.budgets()).budgets;
    await darkroom.visit('/usage', async (page) => {
      await page.getByLabel('For', { exact: true }).selectOption('default');
      await page.getByRole('radio', { name: 'day' }).check();
      await page.getByRole('spinbutton', { name: 'Dollars' }).fill('12.5');
      await page.getByRole('button', { name: 'Set budget' }).click();
      await page.getByText('$0.00 of $12.50').waitFor();
      await page.getByRole('button', { name: 'Change Organization default' }).click();
      await page.getByRole('spinbutton', { name: 'Dollars' }).fill('20');
      await page.getByRole('button', { name: 'Change budget' }).click();
      await page.getByText('$0.00 of $20.00').waitFor();
      expect(await budgets()).toMatchObject([{ scope: 'organization', id: 'default', period: 'day', limit_usd: 20 }]);
      await page.getByRole('button', { name: 'Remove Organization default' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await page.getByText('keys may spend without limit').waitFor();
      expect(await budgets()).toEqual([]);
    });
  });

  it('an upstream is paused and resumed', { timeout }, async () => {
    await darkroom.visit('/queue', async (page) => {
      await page.getByRole('button', { name: 'Pause sandbox' }).first().click();
      await page.getByText('Paused', { exact: true }).first().waitFor();
      await page.getByRole('button', { name: 'Resume sandbox' }).first().click();
      await page.getByText('Open', { exact: true }).first().waitFor();
    });
  });

  it('recent ends are shown by the minute, and all failed requests are requeued after a question', {
    timeout,
  }, async () => {
    const { client } = darkroom.server;
    const { request_id: id } = await client.submit({ payload: { prompt: 'a castle [[sandbox block=SAFETY]]' } });
    await client.wait(id);
    await darkroom.visit('/queue', async (page) => {
      await page.getByText(/In the last hour 0 ready, 1 failed, 0 cancelled/).waitFor();
      await page.getByRole('img', { name: /Requests ended per minute\. The highest was 1/ }).waitFor();
      await page.getByRole('button', { name: 'Requeue all' }).click();
      const question = page.getByRole('dialog', { name: 'Requeue every failed request?' });
      await page.keyboard.press('Escape');
      await question.waitFor({ state: 'hidden' });
      expect((await client.attempts(id)).attempts).toHaveLength(1);
      await page.getByRole('button', { name: 'Requeue all' }).click();
      await question.getByRole('button', { name: 'Requeue all' }).click();
      await page.getByText('1 request was queued again.').waitFor();
      await expect.poll(async () => (await client.attempts(id)).attempts.length).toBe(2);
    });
  });

  it('a key without admin rights gets a sentence that says so, and the page makes no admin calls', {
    timeout,
  }, async () => {
    const { api_key: key } = await darkroom.server.admin.createKey({ name: 'plain' });
    for (const path of ['/queue', '/usage', '/keys', '/organizations']) {
      const check = async (page: Parameters<Parameters<typeof darkroom.visit>[1]>[0]) => {
        await page.getByText('for operators: sign in with an admin key').waitFor();
        await page.getByText('Sandbox', { exact: true }).waitFor();
        expect(await page.getByRole('link', { name: 'Keys' }).count()).toBe(0);
        expect(await page.getByRole('link', { name: 'Webhooks' }).count()).toBe(1);
      };
      // A 403 would be recorded as an error.
      await darkroom.visit(path, check, { key });
    }
  });
});
