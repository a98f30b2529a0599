import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/server';
import type { ImageRequest } from '../../../core/image-request.ts';
import { isEnded } from '../../../core/lifecycle.ts';
import type { StoredPicture } from '../../../core/stored-picture.ts';
import type { AnswerPorts } from '../mcp-ports.ts';
import { toPollSeconds } from './poll-seconds.ts';
import { toPictureRecord, toRequestRecord } from './request-record.ts';
import { toThumbnailBlocks } from './thumbnail-blocks.ts';

/**
 * What a tool answers about a request: when it has pictures, links and small previews, never their bytes; before, which tool to call
 * next.
 */
export async function toRequestAnswer(request: ImageRequest, ports: AnswerPorts): Promise<CallToolResult> {
  if (!isEnded(request.status)) return toPendingAnswer(request, ports);
  const structuredContent = toRequestRecord(request, ports);
  if (request.outcome?.kind !== 'success') {
    const text = toEndSentence(request);
    return { content: [{ type: 'text', text }], structuredContent, isError: request.status === 'failed' };
  }
  const { pictures } = request.outcome;
  const previews = await toThumbnailBlocks(pictures, ports);
  const links = pictures.map((picture, index) => toLink(picture, `${request.id}, picture ${index}`, ports));
  return { content: [{ type: 'text', text: toText(request, ports) }, ...links, ...previews], structuredContent };
}

async function toPendingAnswer(request: ImageRequest, ports: AnswerPorts): Promise<CallToolResult> {
  const { id, status } = request;
  const { seconds, message } = await toPollSeconds(request, ports);
  const text =
    `The request ${id} is ${status}${message === undefined ? '.' : `: ${message}`} It continues without another call. ` +
    `Call get_result with request_id "${id}" in ${seconds} seconds. ` +
    'There is no need to make the same call again.';
  const next = { poll_after_seconds: seconds, next_tool: 'get_result' };
  return {
    content: [{ type: 'text', text }],
    structuredContent: { ...toRequestRecord(request, ports), ...next },
  };
}

function toEndSentence({ id, status, outcome, costMicros }: ImageRequest): string {
  const cost = `It cost ${toDollarText(costMicros)}.`;
  if (outcome?.kind !== 'failure') return `The request ${id} was ${status}. ${cost}`;
  return `The request ${id} failed (${outcome.failure.code}): ${outcome.failure.message} ${cost}`;
}

function toText(request: ImageRequest, ports: AnswerPorts): string {
  const { id, model, costMicros, outcome } = request;
  if (outcome?.kind !== 'success') return '';
  const { pictures, text, missing = [] } = outcome;
  const count = pictures.length === 1 ? '1 picture' : `${pictures.length} pictures`;
  return [
    `${count} by ${model} for ${toDollarText(costMicros)} (request_id ${id}):`,
    ...pictures.map((picture) => {
      const { url, mime_type, width, height } = toPictureRecord(picture, ports);
      return `${url} (${mime_type}, ${width}x${height})`;
    }),
    ...missing.map(({ message }) => `One picture is missing: ${message}`),
    ...(text === undefined ? [] : [`The model says: ${text}`]),
  ].join('\n');
}

function toLink(picture: StoredPicture, title: string, ports: AnswerPorts): ContentBlock {
  const { url, mime_type, bytes } = toPictureRecord(picture, ports);
  return { type: 'resource_link', uri: url, name: picture.name, title, mimeType: mime_type, size: bytes };
}

function toDollarText(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(4).replace(/0{1,2}$/, '')}`;
}
