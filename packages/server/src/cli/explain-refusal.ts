import { type Darkroom, DarkroomError } from '@darkroom/client';
import { commandWords } from '../platform/installation.ts';

/** The same error, with the remedy added where the server's message does not give one. */
export async function explainRefusal(error: unknown, client: Darkroom): Promise<unknown> {
  if (!(error instanceof DarkroomError)) return error;
  const more = await findMore(error, client).catch(() => undefined);
  if (more === undefined) return error;
  const { status, code, details } = error;
  return new DarkroomError(status, { error: more, ...(code && { code }), ...(details && { details }) });
}

async function findMore(
  { code, details: [detail] = [] }: DarkroomError,
  client: Darkroom,
): Promise<string | undefined> {
  if (code === 'unauthorized')
    return `The server does not accept this API key: it is wrong, revoked, or belongs to another Darkroom. Set DARKROOM_API_KEY, or create a key on the machine of the server with "${commandWords} keys create".`;
  if (code !== 'model_not_found') return undefined;
  const { model_ids: ids } = await client.models();
  return `${detail ? `The model ${detail.message}` : 'There is no such model'}. The models are ${ids.join(', ')}.`;
}
