import type { S3Client } from '@aws-sdk/client-s3';
import { createAgents } from '../../outbound/agents.ts';
import type { Proxies } from '../../outbound/proxies.ts';
import { openFilesAtSending } from './s3-file-body.ts';

export interface S3DriverOptions {
  readonly bucket: string;
  /** Empty, or the folder of the bucket that contains every key. */
  readonly prefix: string;
  /** When missing, the SDK looks for it; with an `endpoint` it hardly ever matters. */
  readonly region?: string | undefined;
  /** The endpoint of a service that speaks S3 but is not Amazon's. */
  readonly endpoint?: string | undefined;
  /** Puts the bucket into the first segment of the path instead of the host name. */
  readonly forcePathStyle: boolean;
  /** Missing: every call goes directly. */
  readonly proxies?: Proxies | undefined;
}

/** An object, as the SDK names it. */
export interface S3Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** The SDK, and a client of it with its settings. */
export interface Loaded {
  readonly client: S3Client;
  readonly sdk: typeof import('@aws-sdk/client-s3');
  readonly sign: typeof import('@aws-sdk/s3-request-presigner').getSignedUrl;
}

export async function load({ bucket, region, endpoint, forcePathStyle, proxies }: S3DriverOptions): Promise<Loaded> {
  const sdk = await import('@aws-sdk/client-s3');
  const { getSignedUrl: sign } = await import('@aws-sdk/s3-request-presigner');
  // Other services accept any region, but the SDK needs one.
  const signingRegion = region ?? (endpoint === undefined ? undefined : 'us-east-1');
  const address = endpoint ?? `https://${bucket}.s3.${signingRegion ?? 'us-east-1'}.amazonaws.com`;
  const agents = createAgents({ ...connections, timeout: timeouts.connectionTimeout }, proxies?.find(new URL(address)));
  const client = new sdk.S3Client({
    ...(signingRegion !== undefined && { region: signingRegion }),
    ...(endpoint !== undefined && { endpoint }),
    forcePathStyle,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    requestHandler: { ...timeouts, httpAgent: agents.http, httpsAgent: agents.https },
  });
  openFilesAtSending(client);
  return { client, sdk, sign };
}

/** A reader that pauses longer has gone away without saying so. */
const timeouts = { connectionTimeout: 5_000, socketTimeout: 120_000 };

/** With the SDK's 50, that many slow readers would prevent every picture from being stored. */
const connections = { maxSockets: 1_000, keepAlive: true };
