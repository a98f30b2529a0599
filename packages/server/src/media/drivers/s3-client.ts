import type { S3Client } from '@aws-sdk/client-s3';
import { openFilesAtSending } from './s3-file-body.ts';

export interface S3DriverOptions {
  readonly bucket: string;
  /** Empty, or the folder of the bucket in which every key lies. */
  readonly prefix: string;
  /** When missing, the SDK looks for it; beside an `endpoint` it hardly ever matters. */
  readonly region?: string | undefined;
  /** Of a service that speaks S3 and is not Amazon's. */
  readonly endpoint?: string | undefined;
  /** The bucket as the first segment of the path, not as part of the host's name. */
  readonly forcePathStyle: boolean;
}

/** An object, as the SDK spells it. */
export interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** The SDK, and a client of it that is set up. */
export interface Loaded {
  readonly client: S3Client;
  readonly sdk: typeof import('@aws-sdk/client-s3');
  readonly sign: typeof import('@aws-sdk/s3-request-presigner').getSignedUrl;
}

export async function load({ region, endpoint, forcePathStyle }: S3DriverOptions): Promise<Loaded> {
  const sdk = await import('@aws-sdk/client-s3');
  const { getSignedUrl: sign } = await import('@aws-sdk/s3-request-presigner');
  // Other services take any region, but the SDK needs one.
  const signingRegion = region ?? (endpoint === undefined ? undefined : 'us-east-1');
  const client = new sdk.S3Client({
    ...(signingRegion !== undefined && { region: signingRegion }),
    ...(endpoint !== undefined && { endpoint }),
    forcePathStyle,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    requestHandler: { ...timeouts, httpAgent: connections, httpsAgent: connections },
  });
  openFilesAtSending(client);
  return { client, sdk, sign };
}

/** A reader that pauses longer has gone away without saying so. */
const timeouts = { connectionTimeout: 5_000, socketTimeout: 120_000 };

/** With the SDK's 50, as many slow readers would keep every picture from being stored. */
const connections = { maxSockets: 1_000, keepAlive: true };
