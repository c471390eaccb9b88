import type { BaileysEventMap } from '@whiskeysockets/baileys';
import type { BaileysSocket } from '../socket/socket.ts';

type GroupUpdate = BaileysEventMap['groups.update'][number];

/**
 * While Baileys gathers events, it keeps the first change of a group and forgets those that follow: a group that was renamed and
 * then closed is only renamed. Here what follows is added to the first one when it is told of. Install it before anything that
 * listens for `groups.update`.
 */
export const mergeGroupUpdates = ({ ev }: Pick<BaileysSocket, 'ev'>): void => {
  const gathered = new Map<string, GroupUpdate>();
  const emit: typeof ev.emit = ev.emit.bind(ev);
  ev.emit = (event, data) => {
    if (event === 'groups.update' && ev.isBuffering()) {
      for (const update of data as GroupUpdate[]) {
        const { id = '' } = update;
        gathered.set(id, { ...gathered.get(id), ...update });
      }
    }
    return emit(event, data);
  };
  ev.on('groups.update', (updates) => {
    for (const update of updates) Object.assign(update, gathered.get(update.id ?? ''));
    gathered.clear();
  });
};
