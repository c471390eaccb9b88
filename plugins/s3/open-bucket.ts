import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { sentence } from 'waha-runtime';
import { BucketStorage } from './bucket-storage.ts';

export interface BucketPlace {
  /** The plugin's name. */
  readonly name: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly forcePathStyle: boolean;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** How long a server may take to accept a connection, and to answer (ms). */
const patience = { connectionTimeout: 5_000, requestTimeout: 60_000 };

/** Opens the bucket, which has to be there. Rejects in words. */
export const openBucket = async (place: BucketPlace) => {
  const { name, bucket, prefix, endpoint, region, forcePathStyle, accessKeyId, secretAccessKey } = place;
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    region,
    forcePathStyle,
    credentials: { accessKeyId, secretAccessKey },
    requestHandler: patience,
    maxAttempts: 2,
    // Amazon's newer checksums are refused, or stored as part of the file, by other servers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  try {
    await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }));
  } catch (error) {
    client.destroy();
    throw new Error(faultOf(error), { cause: error });
  }
  return { storage: new BucketStorage({ name, client, bucket, prefix }), close: () => client.destroy() };
};

const faultOf = (error: unknown): string => {
  const { name, $metadata: { httpStatusCode } = {} } = error as Error & { $metadata?: { httpStatusCode?: number } };
  if (name === 'NoSuchBucket') return 'it is not there; make it first';
  if (httpStatusCode === undefined) return `cannot be reached: ${sentence(error) || name}`;
  return `the server refuses it (${httpStatusCode} ${name}): key, secret, region and rights have to fit`;
};
