import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import parse from 'parse-prometheus-text-format';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { listen } from '../fakes/scripted-server.ts';
import { findFreePort } from '../free-port.ts';
import { startUpstream } from '../start-upstream.ts';
import { startCollector, toAttributes } from './collector.ts';
import { type Observed, startObserved, submit, waitForEnd } from './start-observed.ts';

/*
 * One story: an API without workers takes a request of a caller's trace and stops; a server with a worker makes the picture, fails
 * another request, tells a webhook, and has a third request made in a batch job, which the API's process has submitted. What was measured, traced and logged is read by several tests.
 */

const traceId = '0af7651916cd43dd8448eb211c80319c';
const batchTraceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = 'b7ad6b7169203331';
let folder: string;
let upstream: Awaited<ReturnType<typeof startUpstream>>;
let collector: Awaited<ReturnType<typeof startCollector>>;
let receiver: ReturnType<typeof createServer>;
let observed: Observed;
let stream: Response;
let metrics: string;
let metricsUrl: string;
let ids: { readonly made: string; readonly cancelled: string; readonly batched: string };
const waiting = { timeout: 60_000, interval: 100 };
const told: (string | undefined)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-telemetry-'));
  upstream = await startUpstream();
  collector = await startCollector();
  receiver = createServer((request, response) => {
    told.push(request.headers['traceparent'] as string | undefined);
    request.resume().on('end', () => response.end());
  });
  const hook = `http://127.0.0.1:${await listen(receiver)}/hook?signature=secret-of-the-hook`;
  const port = await findFreePort();
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  const flags = {
    ...upstream.settings,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-token=a%20token',
    DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1',
    DARKROOM_METRICS_PORT: String(port),
    DARKROOM_BATCH_REQUESTS: '1',
  };
  const api = await startObserved(folder, { ...flags, DARKROOM_ROLE: 'api' });
  const traceparent = `00-${traceId}-${callerSpan}-01`;
  const made = await submit(api, { webhook_url: hook }, { traceparent });
  const cancelled = await submit(api, {}, { traceparent: 'nonsense' });
  const batched = await submit(
    api,
    { model: 'gemini-3-pro-image', service_tier: 'batch' },
    { traceparent: `00-${batchTraceId}-${callerSpan}-01` },
  );
  await api.call(`/api/v1/ie/requestqueue/apikey/requests/${cancelled}/cancel`, { method: 'POST' });
  await api.call(`/api/v1/ie/requestqueue/apikey/requests/${cancelled}/cancel`, { method: 'POST' });
  ids = { made, cancelled, batched };
  expect(api.events('request.ended')).toHaveLength(1);
  await api.server.stop();
  observed = await startObserved(folder, flags);
  stream = await observed.call('/api/v1/ie/requestqueue/apikey/events');
  await Promise.all([waitForEnd(observed, made), waitForEnd(observed, batched)]);
  await vi.waitFor(async () => {
    metrics = await (await fetch(metricsUrl)).text();
    expect(metrics).toContain('outcome="delivered"');
  }, waiting);
}, 120_000);

afterAll(async () => {
  await stream.body?.cancel();
  await observed.server.stop();
  receiver.closeAllConnections();
  receiver.close();
  await upstream.stop();
  await collector.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the metrics', () => {
  const read = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    toSamples(metrics).find(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )?.value;
  const model = 'gemini-3-pro-image-preview';

  it('are well formed', () => {
    const families = parse(metrics);
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    for (const { name, help, type } of families) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(help).not.toBe('');
      expect(['COUNTER', 'GAUGE', 'HISTOGRAM']).toContain(type);
      expect(name.endsWith('_total')).toBe(type === 'COUNTER');
    }
  });

  it('have histograms whose buckets count up to their count', () => {
    const samples = toSamples(metrics);
    const buckets = samples.filter(({ name }) => name.endsWith('_bucket'));
    const groups = Map.groupBy(buckets, ({ name, labels }) => JSON.stringify([name, { ...labels, le: '' }]));
    expect(groups.size).toBeGreaterThan(5);
    for (const [group, members] of groups) {
      const values = members.map(({ value }) => value);
      expect(values, group).toEqual(values.toSorted((one, other) => one - other));
      expect(members.at(-1)?.labels['le']).toBe('+Inf');
    }
  });

  it('count requests, calls, pictures and money', () => {
    expect(read('darkroom_requests_finished_total', { model, wire: 'queue', status: 'success' })).toBe(1);
    expect(read('darkroom_attempts_total', { model, result: 'succeeded', billed: 'yes' })).toBe(1);
    expect(read('darkroom_pictures_total', { model })).toBe(1);
    expect(read('darkroom_cost_dollars_total', { key_alias: 'configured' })).toBeGreaterThan(0);
    expect(read('darkroom_queue_wait_seconds_count', { model })).toBe(1);
    const ofCall = { upstream: 'google', outcome: 'succeeded', tier: 'standard' };
    expect(read('darkroom_upstream_call_duration_seconds_count', ofCall)).toBe(1);
    expect(read('darkroom_upstream_time_to_first_byte_seconds_count', { model: 'gemini-3-pro-image' })).toBe(1);
    expect(read('darkroom_webhook_lag_seconds_count')).toBe(1);
    expect(read('darkroom_store_operation_seconds_count', { operation: 'settle', outcome: 'done' })).toBe(2);
    expect(
      read('http_server_request_duration_seconds_count', { route: '/api/v1/ie/requestqueue/apikey/requests/:id' }),
    ).toBe(2);
  });

  it('count a call that has waited in a batch job, too, with what it has cost', () => {
    const model = 'gemini-3-pro-image';
    expect(read('darkroom_attempts_total', { model, result: 'succeeded', billed: 'yes' })).toBe(1);
    expect(read('darkroom_attempts_settled_total', { model, verdict: 'succeed' })).toBe(1);
    expect(read('darkroom_cost_dollars_total', { model, tier: 'batch' })).toBeGreaterThan(0);
    expect(read('darkroom_upstream_call_duration_seconds_count', { tier: 'batch' })).toBe(1);
    expect(read('darkroom_request_duration_seconds_count', { model, tier: 'batch', status: 'success' })).toBe(1);
  });

  it('follow the GenAI conventions, which know no batch jobs', () => {
    const facts = { gen_ai_operation_name: 'generate_content', gen_ai_provider_name: 'gcp.gemini' };
    const asked = { ...facts, gen_ai_request_model: 'gemini-3-pro-image', server_address: '127.0.0.1' };
    expect(read('gen_ai_client_operation_duration_seconds_count', { ...asked, error_type: '' })).toBe(1);
    expect(read('gen_ai_client_token_usage_count', { ...asked, gen_ai_token_type: 'output' })).toBe(2);
    expect(read('gen_ai_client_token_usage_sum', { ...asked, gen_ai_token_type: 'input' })).toBeGreaterThan(0);
  });

  it('say how many calls are open, and how much is stored', () => {
    expect(read('darkroom_open_calls', { kind: 'streams' })).toBe(1);
    expect(read('darkroom_media_bytes', { organization: 'default' })).toBeGreaterThan(0);
  });

  it('measure the upstreams and the machine', () => {
    expect(read('darkroom_upstream_state', { upstream: 'google' })).toBe(0);
    expect(read('darkroom_disk_free_bytes')).toBeGreaterThan(0);
    expect(read('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(read('darkroom_build_info', { store: 'sqlite', role: 'all' })).toBe(1);
  });

  it("are read with an admin key on the API's port, and with none on their own", async () => {
    expect((await observed.call('/metrics')).status).toBe(200);
    expect((await observed.call('/metrics', {}, 'no-key')).status).toBe(401);
    const created = await observed.call('/api/v1/admin/keys', { method: 'POST', body: '{"name":"plain"}' });
    const { api_key: plain } = (await created.json()) as { readonly api_key: string };
    expect((await observed.call('/metrics', {}, plain)).status).toBe(403);
    expect((await fetch(metricsUrl)).headers.get('content-type')).toContain('version=0.0.4');
  });
});

describe('the log of requests', () => {
  it('has one line for the end of each, by the process that ended it', () => {
    const ended = observed.events('request.ended').filter(({ request_id: id }) => id !== ids.batched);
    expect(ended).toEqual([
      expect.objectContaining({
        request_id: ids.made,
        organization: 'default',
        wire: 'queue',
        status: 'success',
        attempts: 1,
        pictures: 1,
        cost_dollars: expect.any(Number),
        waited_ms: expect.any(Number),
        made_ms: expect.any(Number),
        total_ms: expect.any(Number),
      }),
    ]);
  });
});

describe('the trace of a request', () => {
  it('is one from the caller over submit, wait, attempt and call to the webhook, across processes', async () => {
    await observed.server.stop();
    const spans = collector.spans.filter((span) => span.traceId === traceId);
    const find = (start: string) => {
      const span = spans.find(({ name }) => name.startsWith(start));
      if (!span) throw new Error(`There is no span ${start} among ${spans.map(({ name }) => name).join(', ')}.`);
      return span;
    };
    const [submitted, waited, attempt] = [find('submit '), find('wait '), find('process ')];
    const [call, delivery] = [find('generate_content '), find('deliver ')];
    expect(spans).toHaveLength(5);
    expect(submitted.parentSpanId).toBe(callerSpan);
    for (const { parentSpanId } of [waited, attempt, delivery]) expect(parentSpanId).toBe(submitted.spanId);
    expect(attempt.links?.map(({ spanId }) => spanId)).toEqual([submitted.spanId]);
    expect(call.parentSpanId).toBe(attempt.spanId);
    expect(toAttributes(call)).toMatchObject({
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.output.type': 'image',
      'gen_ai.request.model': 'gemini-3-pro-image',
      'server.address': '127.0.0.1',
    });
    expect(told).toEqual([`00-${traceId}-${delivery.spanId}-01`]);
    expect(collector.text()).not.toMatch(/red square|secret-of-the-hook|a-test-key/);
  });

  it('is one, too, when its call waits in a batch job', () => {
    const spans = collector.spans.filter((span) => span.traceId === batchTraceId);
    expect(spans.map(({ name }) => name.split(' ')[0]).toSorted()).toEqual([
      'generate_content',
      'process',
      'submit',
      'wait',
    ]);
    const [submitted, attempt, call] = ['submit', 'process', 'generate_content'].map((start) =>
      spans.find(({ name }) => name.startsWith(`${start} `)),
    );
    if (!submitted || !attempt || !call) throw new Error('A span is missing.');
    expect([submitted.parentSpanId, attempt.parentSpanId, call.parentSpanId]).toEqual([
      callerSpan,
      submitted.spanId,
      attempt.spanId,
    ]);
    expect(toAttributes(call)).toMatchObject({
      'darkroom.tier': 'batch',
      'darkroom.batch': expect.any(String),
      'gen_ai.request.model': 'gemini-3-pro-image',
    });
  });

  it('of a call without one begins with the submit', () => {
    const submits = collector.spans.filter(({ name }) => name.startsWith('submit '));
    expect(submits).toHaveLength(3);
    expect(submits.find((span) => span.traceId !== traceId && span.traceId !== batchTraceId)?.parentSpanId ?? '').toBe(
      '',
    );
  });

  it('goes with the same metrics, to a collector that wants a header', () => {
    const names = parse(metrics).map(({ name }) => name);
    const conventional = ['gen_ai.client.operation.duration', 'gen_ai.client.token.usage'];
    const others = names.filter((name) => !name.startsWith('gen_ai_'));
    expect(names.length - others.length).toBe(conventional.length);
    expect(collector.metricNames()).toEqual(expect.arrayContaining([...others, ...conventional]));
    expect(new Set(collector.headers)).toEqual(new Set(['a token']));
  });
});

/** Every sample of the text: a line that is neither one nor a comment is an error. The parser of npm does not know the labels of histograms. */
function toSamples(text: string) {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('# '));
  return lines.map((line) => {
    const [, name, pairs = '', value] =
      /^([a-z_][a-z0-9_]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (\+Inf|-?[\d.]+(?:e[+-]?\d+)?)$/.exec(
        line,
      ) ?? [];
    if (name === undefined || value === undefined) throw new Error(`This is no sample: ${line}`);
    const labels = [...pairs.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [
      label,
      text,
    ]);
    return { name, labels: Object.fromEntries(labels) as Readonly<Record<string, string>>, value: Number(value) };
  });
}
