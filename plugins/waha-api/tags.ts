import type { Apps, Backups, Clock, Plugins, RouteGroup, RuntimeInfo, SessionMoving, Shutdown } from 'waha-runtime';
import { callsGroup } from './calls/routes.ts';
import { channelsGroup } from './channels/routes.ts';
import { chatsGroups } from './chats/routes.ts';
import { chattingGroup } from './chatting/routes.ts';
import { contactsGroups } from './contacts/routes.ts';
import { eventGroup } from './events/routes.ts';
import { groupsGroup } from './groups/routes.ts';
import { labelsGroup } from './labels/routes.ts';
import { mediaGroup } from './media/routes.ts';
import { notOfferedGroups } from './not-offered/routes.ts';
import { pluginGroup } from './observability/plugins.ts';
import { observabilityGroup } from './observability/routes.ts';
import { pairingGroup } from './pairing/routes.ts';
import { presenceGroup } from './presence/routes.ts';
import { profileGroup } from './profile/routes.ts';
import type { SendRouteOptions } from './sending/send-route.ts';
import { SessionApps } from './sessions/apps.ts';
import { sessionGroup } from './sessions/routes.ts';
import { statusGroup } from './status/routes.ts';

/** What the operations work with. */
export interface Services extends SendRouteOptions {
  /** Absent in a host without stores. */
  readonly moving: SessionMoving | undefined;
  /** Likewise. */
  readonly backups: Backups | undefined;
  readonly runtime: RuntimeInfo;
  readonly shutdown: Shutdown;
  readonly clock: Clock;
  /** Absent when nothing lists the plugins. */
  readonly plugins: Plugins | undefined;
  /** Absent when nothing keeps apps. */
  readonly apps: Apps | undefined;
}

/** Every operation, by tag; a tag is a folder. */
export const groupsOf = (services: Services): RouteGroup[] => {
  const { sessions, moving, backups, runtime, shutdown, clock, plugins, apps } = services;
  return [
    pairingGroup(sessions),
    sessionGroup(sessions, new SessionApps(apps), moving),
    chattingGroup(services),
    ...chatsGroups(services),
    ...contactsGroups(sessions),
    channelsGroup(services),
    statusGroup(services),
    labelsGroup(sessions),
    profileGroup(services),
    groupsGroup(services),
    callsGroup(sessions),
    presenceGroup(sessions),
    mediaGroup(services),
    eventGroup(),
    ...notOfferedGroups(sessions),
    observabilityGroup(runtime, shutdown, clock, backups),
    ...(plugins ? [pluginGroup(plugins)] : []),
  ];
};
