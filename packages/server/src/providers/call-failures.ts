import type { JsonDecodeError } from '@darkroom/json-stream';
import type { Failure } from '../core/failures.ts';
import type { TransportError } from './transport.ts';

/** The failures of a call that the upstream does not report itself. */

export function toTimeoutFailure(timeoutMs: number): Failure {
  return {
    code: 'upstream_timeout',
    message: `The upstream did not answer within ${Math.ceil(timeoutMs / 1000)} seconds.`,
  };
}

export function toTransportFailure({ code, isSent, isForeign }: TransportError): Failure {
  if (isForeign) {
    return {
      code: 'upstream_answer_invalid',
      message: `The upstream's answer is not HTTP (${code}); check the base URL.`,
    };
  }
  return isSent
    ? { code: 'upstream_connection_lost', message: `The connection broke after the request was sent (${code}).` }
    : {
        code: 'upstream_unreachable',
        message: `No connection to the upstream could be made (${code}); check the network and the base URL.`,
      };
}

export function toDecodeFailure(error: JsonDecodeError): Failure {
  const upstreamStatus = 200;
  return error.kind === 'truncated'
    ? {
        code: 'upstream_connection_lost',
        message: "The upstream's answer ended before it was complete.",
        upstreamStatus,
      }
    : {
        code: 'upstream_answer_invalid',
        message: `The upstream's answer cannot be read: ${error.message}`,
        upstreamStatus,
      };
}

export function toBrokenPictureFailure(): Failure {
  return {
    code: 'upstream_answer_invalid',
    message: "The upstream's answer cannot be read: its picture is not base64.",
    upstreamStatus: 200,
  };
}

export function toForeignAnswerFailure(): Failure {
  return {
    code: 'upstream_answer_invalid',
    message: "The upstream's answer is JSON, but not an answer of this API.",
    upstreamStatus: 200,
  };
}

export function toUnwritableFailure(code: string): Failure {
  const message = `The upstream's answer could not be written to the spool folder (${code}); check the disk.`;
  return { code: 'media_unwritable', message, upstreamStatus: 200 };
}

export function toTooLargeFailure(bytes: number, maxBytes: number): Failure {
  const sizes = `${toMegabytes(bytes)} MB of ${toMegabytes(maxBytes)} MB`;
  const message = `The request is larger than the upstream allows (${sizes}); use fewer or smaller pictures.`;
  return { code: 'upstream_rejected', message };
}

function toMegabytes(bytes: number): number {
  return Math.ceil(bytes / 1_000_000);
}
