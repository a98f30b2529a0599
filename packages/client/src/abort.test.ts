import { expect, it } from 'vitest';
import { type CallOptions, Darkroom, DarkroomAdmin } from './index.ts';
import { downloadFile } from './node.ts';

const options = { baseUrl: 'http://127.0.0.1:1', apiKey: 'dk_test' };
const darkroom = new Darkroom(options);
const admin = new DarkroomAdmin(options);
const { webhooks } = darkroom;
const picture = 'http://127.0.0.1:1/media/a.png';
const payload = { prompt: 'a kite' };
const png = new Blob([], { type: 'image/png' });
const sandbox = { kind: 'upstream', name: 'sandbox' } as const;
const budget = { scope: 'key', id: 'a', period: 'day' } as const;

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

const calls: Readonly<Record<string, (call: CallOptions) => Promise<unknown>>> = {
  submit: (call) => darkroom.submit({ payload }, call),
  generate: (call) => darkroom.generate(payload, call),
  edit: (call) => darkroom.edit('a', payload, call),
  wait: (call) => darkroom.wait('a', call),
  'wait with updates': (call) => darkroom.wait('a', { ...call, onQueueUpdate: () => undefined }),
  status: (call) => darkroom.status('a', call),
  list: (call) => darkroom.list({}, call),
  listAll: (call) => drain(darkroom.listAll({}, call)),
  events: (call) => drain(darkroom.events('a', call)),
  watch: (call) => drain(darkroom.watch(call)),
  logs: (call) => darkroom.logs('a', call),
  cancel: (call) => darkroom.cancel('a', call),
  delete: (call) => darkroom.delete('a', call),
  deleteUpload: (call) => darkroom.deleteUpload('a', call),
  attempts: (call) => darkroom.attempts('a', call),
  usage: (call) => darkroom.usage({}, call),
  me: (call) => darkroom.me(call),
  models: (call) => darkroom.models(call),
  model: (call) => darkroom.model('a', call),
  upload: (call) => darkroom.upload(png, call),
  download: (call) => darkroom.download(picture, call),
  readPicture: (call) => drain(darkroom.readPicture(picture, call)),
  downloadFile: (call) => downloadFile(darkroom, picture, '/no-such-folder/a.png', call),
  'webhooks.endpoints': (call) => webhooks.endpoints(call),
  'webhooks.endpoint': (call) => webhooks.endpoint('a', call),
  'webhooks.create': (call) => webhooks.create({ url: picture }, call),
  'webhooks.update': (call) => webhooks.update('a', {}, call),
  'webhooks.delete': (call) => webhooks.delete('a', call),
  'webhooks.test': (call) => webhooks.test('a', call),
  'webhooks.secret': (call) => webhooks.secret('a', call),
  'webhooks.rotateSecret': (call) => webhooks.rotateSecret('a', call),
  'webhooks.deliveries': (call) => webhooks.deliveries({}, call),
  'webhooks.resend': (call) => webhooks.resend('a', call),
  failed: (call) => admin.failed({}, call),
  requeue: (call) => admin.requeue({ all: true }, call),
  upstreams: (call) => admin.upstreams(call),
  pause: (call) => admin.pause(sandbox, call),
  resume: (call) => admin.resume(sandbox, call),
  budgets: (call) => admin.budgets(call),
  setBudget: (call) => admin.setBudget(budget, 1, call),
  removeBudget: (call) => admin.removeBudget(budget, call),
  keys: (call) => admin.keys(call),
  createKey: (call) => admin.createKey({ name: 'a' }, call),
  revokeKey: (call) => admin.revokeKey('a', call),
  changeKey: (call) => admin.changeKey('a', { name: 'b' }, call),
  rotateKey: (call) => admin.rotateKey('a', call),
  organizations: (call) => admin.organizations(call),
  sessions: (call) => admin.sessions({}, call),
  endSession: (call) => admin.endSession('id', call),
  createOrganization: (call) => admin.createOrganization({ id: 'a' }, call),
  changeOrganization: (call) => admin.changeOrganization('a', { name: 'b' }, call),
  suspendOrganization: (call) => admin.suspendOrganization('a', call),
  resumeOrganization: (call) => admin.resumeOrganization('a', call),
  removeOrganization: (call) => admin.removeOrganization('a', call),
  deleteContent: (call) => admin.deleteContent('a', call),
  batchJobs: (call) => admin.batchJobs(call),
  audit: (call) => admin.audit({}, call),
  exportAudit: (call) => drain(admin.exportAudit({}, call)),
  throughput: (call) => admin.throughput(call),
};

it.each(Object.entries(calls))('%s rejects with the reason of its signal', async (_name, call) => {
  const reason = new Error('stopped by the user');
  await expect(call({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

it('every method that calls the server is in the list above', () => {
  const methods = (prototype: object) => Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  const all = [
    ...methods(Darkroom.prototype),
    ...methods(Object.getPrototypeOf(webhooks)).map((name) => `webhooks.${name}`),
    ...methods(DarkroomAdmin.prototype),
  ];
  expect(all.filter((name) => !(name in calls))).toEqual([]);
});
