import { type Collection, type Database, defineCollection, type RowOf } from 'waha-runtime';

/** Who owns which session. Each write on a session's behalf requires its row to be as it was at the claim. */
const placementsSchema = defineCollection({
  name: 'placements',
  columns: {
    name: { type: 'text' },
    /** A node's id; empty: nobody, until somebody claims it. */
    owner: { type: 'text' },
    /** Grows with each change of the owner. */
    epoch: { type: 'integer' },
  },
  key: ['name'],
  indexes: [['owner']],
});

/** The processes of the cluster. */
const nodesSchema = defineCollection({
  name: 'cluster_nodes',
  columns: {
    /** Another one at each start: an epoch may come again after a failover of the database, an owner never does. */
    id: { type: 'text' },
    /** What the cluster is called: another one in the same tables is a mistake. */
    cluster: { type: 'text' },
    /** Where the others reach its HTTP server. */
    url: { type: 'text' },
    version: { type: 'text' },
    protocol: { type: 'integer' },
    /** Grows each second. Negative: somebody declared it dead. */
    beat: { type: 'integer' },
    /** `ready`, or `draining` while it hands its sessions over. */
    state: { type: 'text' },
    sessions: { type: 'integer' },
    startedAt: { type: 'integer' },
    /** Its time at the beat (ms since 1970), to tell of clocks that differ; 0 of programs that did not say it. */
    clock: { type: 'integer' },
    /** The cursor from which on it needs the event log; 0 while it does not know. */
    needs: { type: 'integer' },
  },
  key: ['id'],
  urgent: true,
});

/** What lists show of sessions that other processes have. */
const viewsSchema = defineCollection({
  name: 'session_views',
  columns: {
    session: { type: 'text' },
    node: { type: 'text' },
    /** Given at the commit, without gaps: whoever reads on behind the last one misses nothing. */
    number: { type: 'integer' },
    /** Null: the session is gone. */
    info: { type: 'json', nullable: true },
  },
  key: ['session'],
  indexes: [['number']],
});

/** The last number of the views. */
const countersSchema = defineCollection({
  name: 'cluster_counters',
  columns: { name: { type: 'text' }, value: { type: 'integer' } },
  key: ['name'],
});

/** Upkeep that one process at a time does. */
const tasksSchema = defineCollection({
  name: 'cluster_tasks',
  columns: { name: { type: 'text' }, owner: { type: 'text' }, epoch: { type: 'integer' } },
  key: ['name'],
});

export type NodeRow = RowOf<typeof nodesSchema>;
export type PlacementRow = RowOf<typeof placementsSchema>;
export type ViewRow = RowOf<typeof viewsSchema>;

export interface ClusterTables {
  readonly database: Database;
  readonly placements: Collection<PlacementRow>;
  readonly nodes: Collection<NodeRow>;
  readonly views: Collection<ViewRow>;
  readonly tasks: Collection<RowOf<typeof tasksSchema>>;
  readonly counters: Collection<RowOf<typeof countersSchema>>;
}

export const openTables = async (database: Database): Promise<ClusterTables> => ({
  database,
  placements: await database.open(placementsSchema),
  nodes: await database.open(nodesSchema),
  views: await database.open(viewsSchema),
  tasks: await database.open(tasksSchema),
  counters: await database.open(countersSchema),
});
