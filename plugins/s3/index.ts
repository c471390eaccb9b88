import { configInvalid, definePlugin, Points, pluginFailed } from 'waha-runtime';
import { S3Config } from './config.ts';

/** Keeps the files of messages in a bucket of an object store that speaks S3. */
export default definePlugin({
  name: 's3',
  description: 'Keeps the files of messages in a bucket: Amazon S3, MinIO, and what else speaks S3',
  config: S3Config,
  async setup({ name, config, contribute, onClose }) {
    if (config.mediaStorage.trim().toUpperCase() !== 'S3') return;
    const { bucket, prefix, endpoint, region, accessKeyId, secretAccessKey, forcePathStyle } = config;
    if (bucket === undefined) throw configInvalid('bucket is required');
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw configInvalid('accessKeyId and secretAccessKey are required');
    }
    if (endpoint !== undefined) checkEndpoint(endpoint);
    // Some hundred files, which a process without it does not read. What it prints of Node 20 is for its own authors.
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
    const { openBucket } = await import('./open-bucket.ts');
    const place = { endpoint, region, forcePathStyle: forcePathStyle ?? endpoint !== undefined };
    const opened = await openBucket({ name, bucket, prefix, ...place, accessKeyId, secretAccessKey }).catch((error) => {
      throw pluginFailed(name, `the bucket '${bucket}' at ${endpoint ?? `Amazon S3 (${region})`}: ${error.message}`);
    });
    contribute(Points.FileStorage, opened.storage);
    onClose(opened.close);
  },
});

const checkEndpoint = (endpoint: string): void => {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (url === null || url.pathname !== '/' || url.search !== '' || url.username !== '') {
    throw configInvalid('endpoint is the URL of a server, without a path, a user or a query');
  }
};
