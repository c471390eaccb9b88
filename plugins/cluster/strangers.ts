import { type Clock, configInvalid, pause } from 'waha-runtime';
import type { ClusterConfig } from './config.ts';
import type { ClusterTables, NodeRow } from './tables.ts';

/** What nodes say to each other; one of a lower number does not start beside one of a higher. */
export const protocol = 1;

/**
 * Who has the same tables under another name, or is newer than this program understands, is told from who was here once: its beat goes
 * on. Rejects with `CONFIG_INVALID` then.
 */
export const refuseStrangers = async (tables: ClusterTables, config: ClusterConfig, clock: Clock): Promise<void> => {
  const isStrange = (row: NodeRow) => row.beat >= 0 && (row.cluster !== config.name || row.protocol > protocol);
  const before = (await tables.nodes.find()).filter(isStrange);
  if (before.length === 0) return;
  await pause(config.deadAfter, clock);
  for (const { id, beat, cluster, url, protocol: theirs } of before) {
    const now = await tables.nodes.get({ id });
    if (!now || now.beat === beat) continue;
    if (cluster === config.name)
      throw configInvalid(`the cluster speaks protocol ${theirs} (${url}), this program ${protocol}: update it`);
    throw configInvalid(
      `name: the cluster '${cluster}' (${url}) uses the same tables; give this one a schema of its own`,
    );
  }
};
