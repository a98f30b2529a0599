import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Darkroom } from '@darkroom/client';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { systemClock } from '../platform/clock.ts';
import { toReference, writePictures } from './pictures.ts';

type Given = Readonly<Record<string, unknown>>;

interface ListedTool {
  readonly name: string;
  readonly inputSchema: Given;
}

const saveTo = {
  type: 'string',
  description: 'A folder of this computer in which to save the pictures. It is created if it does not exist.',
};
const filePath = {
  type: 'string',
  description: 'The path of a picture file on this computer, instead of url, request_id and upload_id.',
};
const savingTools = ['generate_image', 'edit_image', 'get_result'];

/** The tool with the arguments that only this computer can fulfil. */
export function addLocalArguments<T extends ListedTool>(tool: T): T {
  if (!savingTools.includes(tool.name)) return tool;
  const { properties } = schemaSchema.parse(tool.inputSchema);
  const { references } = properties;
  const local = {
    ...properties,
    ...(references && { references: addPath(references) }),
    ...(tool.name === 'edit_image' && { path: filePath }),
    save_to: saveTo,
  };
  return { ...tool, inputSchema: { ...tool.inputSchema, properties: local } };
}

const schemaSchema = z.object({ properties: z.record(z.string(), z.looseObject({})).default({}) });
const listSchema = z.looseObject({ items: z.looseObject({ properties: z.looseObject({}) }) });

function addPath(references: object): object {
  const { items, ...list } = listSchema.parse(references);
  return { ...list, items: { ...items, properties: { ...items.properties, path: filePath } } };
}

/** An upload that no request has used ends after some time, a day at least by default. */
const uploadMs = 3_600_000;

/** Files of this computer, as the arguments and results of tools. */
export class LocalFiles {
  readonly #client: Darkroom;
  readonly #folder: string | undefined;
  /** By the hash of the bytes: the same call again has the same arguments, and so is the same call to the server. */
  readonly #uploads = new Map<string, { readonly url: Promise<string>; readonly at: number }>();

  /** `folder`: where pictures are saved when a call names no folder; when left out, they are not. */
  constructor(client: Darkroom, folder: string | undefined) {
    this.#client = client;
    this.#folder = folder;
  }

  /** The arguments as the server takes them, and the folder for the pictures. Rejects when a file cannot be uploaded. */
  async take(tool: string, all: Given): Promise<{ readonly given: Given; readonly folder: string | undefined }> {
    if (!savingTools.includes(tool)) return { given: all, folder: undefined };
    const { save_to, ...rest } = all;
    const given = await this.#takePath(rest);
    const { references } = given;
    const taken = Array.isArray(references) && {
      references: await Promise.all(references.map((one) => this.#takeItem(one))),
    };
    const folder = typeof save_to === 'string' ? toFullPath(save_to) : this.#folder;
    return { given: { ...given, ...taken }, folder };
  }

  /** Saves the pictures of an answer, and adds the names of their files to it. */
  async save(answer: CallToolResult, folder: string | undefined): Promise<CallToolResult> {
    const parsed = recordSchema.safeParse(answer.structuredContent);
    if (folder === undefined || !parsed.success) return answer;
    const { request_id, status } = parsed.data;
    if (status !== 'success')
      return status === 'queued' || status === 'processing' ? addText(answer, notSaved) : answer;
    const files = await writePictures(this.#client, await this.#client.status(request_id), folder);
    const content = z.record(z.string(), z.unknown()).parse(answer.structuredContent);
    return { ...addText(answer, `Saved: ${files.join(', ')}`), structuredContent: { ...content, files } };
  }

  async #takeItem(item: unknown): Promise<unknown> {
    return typeof item === 'object' && item !== null ? this.#takePath({ ...item }) : item;
  }

  async #takePath(given: Given): Promise<Given> {
    const { path: file, ...rest } = given;
    return typeof file === 'string' ? { ...rest, url: await this.#upload(toFullPath(file)) } : given;
  }

  async #upload(file: string): Promise<string> {
    const now = systemClock.now();
    const bytes = await readFile(file).catch(() => undefined);
    const hash = createHash('sha256')
      .update(bytes ?? file)
      .digest('hex');
    const known = this.#uploads.get(hash);
    if (known && now - known.at < uploadMs) return known.url;
    const url = toReference(this.#client, file);
    this.#uploads.set(hash, { url, at: now });
    url.catch(() => this.#uploads.delete(hash));
    return url;
  }
}

const recordSchema = z.object({ request_id: z.string(), status: z.string() });
const notSaved = 'Give save_to to get_result as well: the pictures are saved by the call that answers with them.';

function addText(answer: CallToolResult, text: string): CallToolResult {
  return { ...answer, content: [...answer.content, { type: 'text', text }] };
}

/** Language models write the home folder as people do. */
function toFullPath(given: string): string {
  return path.resolve(given.replace(/^file:\/\//, '').replace(/^~(?=$|[/\\])/, os.homedir()));
}
