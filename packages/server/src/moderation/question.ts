import { SpooledString } from '@darkroom/json-stream';
import { type ConversationPart, parseMediaName } from '../core/conversation.ts';
import type { ToMediaAddress } from '../core/media-url.ts';
import type { ModeratedPicture, ModeratedRequest } from './moderation.ts';

/** What the hook receives about a request. The names are a contract with operators: they are only added to. */
export function toRequestQuestion(subject: ModeratedRequest, toAddress: ToMediaAddress): object {
  return { type: 'request', ...toFacts(subject, toAddress) };
}

/** The same, and the picture that was made, whose bytes stay in their file until they are sent. */
export function toPictureQuestion(
  { imageIndex, file, mimeType, ...subject }: ModeratedPicture,
  toAddress: ToMediaAddress,
): object {
  const picture = { mime_type: mimeType, data: new SpooledString(file, 'base64') };
  return { type: 'picture', ...toFacts(subject, toAddress), image: imageIndex, picture };
}

function toFacts({ request, order }: ModeratedRequest, toAddress: ToMediaAddress): object {
  const parts = order.conversation.flatMap((turn) => turn.parts);
  const uris = [...parts.flatMap((part) => (part.kind === 'picture' ? part.uri : [])), order.mask ?? []].flat();
  return {
    request_id: request.id,
    organization: request.organizationId,
    key_id: request.apiKeyId,
    model: request.model,
    wire: request.wire,
    prompts: parts.flatMap(toText),
    pictures: uris.map((uri) => toPlace(uri, toAddress)),
    parameters: order.parameters,
  };
}

function toText(part: ConversationPart): readonly string[] {
  return part.kind === 'text' && part.text !== '' ? [part.text] : [];
}

/** The address at which the hook can read the picture; pictures of the store have one of this service or of its bucket. */
function toPlace(uri: string, toAddress: ToMediaAddress): string {
  const name = parseMediaName(uri);
  return name === undefined ? uri : toAddress(name).url;
}
