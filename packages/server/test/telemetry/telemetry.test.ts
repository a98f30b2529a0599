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
 * another request, and tells a webhook. What was measured, traced and logged is read by several tests.
 */

const traceId = '0af7651916cd43dd8448eb211c80319c';
const callerSpan = 'b7ad6b7169203331';
let folder: string;
let upstream: Awaited<ReturnType<typeof startUpstream>>;
let collector: Awaited<ReturnType<typeof startCollector>>;
let receiver: ReturnType<typeof createServer>;
let observed: Observed;
let metrics: string;
let metricsUrl: string;
let ids: { readonly made: string; readonly cancelled: string };
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
  };
  const api = await startObserved(folder, { ...flags, DARKROOM_ROLE: 'api' });
  const traceparent = `00-${traceId}-${callerSpan}-01`;
  const made = await submit(api, { webhook_url: hook }, { traceparent });
  const cancelled = await submit(api, {}, { traceparent: 'nonsense' });
  await api.call(`/api/v1/ie/requestqueue/apikey/requests/${cancelled}/cancel`, { method: 'POST' });
  await api.call(`/api/v1/ie/requestqueue/apikey/requests/${cancelled}/cancel`, { method: 'POST' });
  ids = { made, cancelled };
  expect(api.events('request.ended')).toHaveLength(1);
  await api.server.stop();
  observed = await startObserved(folder, flags);
  await waitForEnd(observed, made);
  await vi.waitFor(async () => {
    metrics = await (await fetch(metricsUrl)).text();
    expect(metrics).toContain('outcome="delivered"');
  }, waiting);
}, 120_000);

afterAll(async () => {
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
    expect(read('darkroom_attempts_total', { upstream: 'google', result: 'succeeded', billed: 'yes' })).toBe(1);
    expect(read('darkroom_pictures_total', { model })).toBe(1);
    expect(read('darkroom_cost_dollars_total', { key_alias: 'configured' })).toBeGreaterThan(0);
    expect(read('darkroom_queue_wait_seconds_count', { model })).toBe(1);
    expect(read('darkroom_upstream_call_duration_seconds_count', { outcome: 'succeeded' })).toBe(1);
    expect(read('darkroom_webhook_lag_seconds_count')).toBe(1);
    expect(read('darkroom_store_operation_seconds_count', { operation: 'settle', outcome: 'done' })).toBe(1);
    expect(
      read('http_server_request_duration_seconds_count', { route: '/api/v1/ie/requestqueue/apikey/requests/:id' }),
    ).toBe(1);
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
    expect(observed.events('request.ended')).toEqual([
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

  it('of a call without one begins with the submit', () => {
    const submits = collector.spans.filter(({ name }) => name.startsWith('submit '));
    expect(submits).toHaveLength(2);
    expect(submits.find((span) => span.traceId !== traceId)?.parentSpanId ?? '').toBe('');
  });

  it('goes with the same metrics, to a collector that wants a header', () => {
    expect(collector.metricNames()).toEqual(expect.arrayContaining(parse(metrics).map(({ name }) => name)));
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
