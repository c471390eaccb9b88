import type { Route } from 'waha-runtime';

/** The names that WAHA gives the tools of its operations, by method and path without the names of parameters. */
const known: Readonly<Record<string, string>> = Object.fromEntries(
  `
GET /ping ping
POST /api/sendText send-text
POST /api/sendImage send-image
POST /api/sendFile send-file
POST /api/sendVoice send-voice
POST /api/sendVideo send-video
POST /api/send/link-custom-preview send-link-custom-preview
POST /api/sendButtons send-buttons
POST /api/send/buttons/reply send-buttons-reply
POST /api/sendList send-list
POST /api/sendSeen send-seen
POST /api/sendPoll send-poll
POST /api/sendPollVote send-poll-vote
POST /api/sendLocation send-location
POST /api/sendContactVcard send-contact-vcard
POST /api/{}/events send-event-message
POST /api/forwardMessage forward-message
POST /api/startTyping start-typing
POST /api/stopTyping stop-typing
PUT /api/reaction set-reaction
PUT /api/star set-star
GET /api/{}/new-message-id new-message-id
GET /api/{}/auth/qr auth-qr
POST /api/{}/auth/request-code auth-request-code
GET /api/screenshot screenshot
GET /api/sessions sessions-list
GET /api/sessions/{} sessions-get
POST /api/sessions sessions-create
PUT /api/sessions/{} sessions-update
DELETE /api/sessions/{} sessions-delete
POST /api/sessions/{}/start sessions-start
POST /api/sessions/{}/stop sessions-stop
POST /api/sessions/{}/restart sessions-restart
POST /api/sessions/{}/logout sessions-logout
GET /api/{}/chats chats-list
GET /api/{}/chats/overview chats-overview
POST /api/{}/chats/overview chats-overview-post
DELETE /api/{}/chats/{} chats-delete
GET /api/{}/chats/{}/picture chats-get-picture
GET /api/{}/chats/{}/messages chats-get-messages
POST /api/{}/chats/{}/messages/read chats-read-messages
GET /api/{}/chats/{}/messages/{} chats-get-message
POST /api/{}/chats/{}/messages/{}/pin chats-pin-message
POST /api/{}/chats/{}/messages/{}/unpin chats-unpin-message
DELETE /api/{}/chats/{}/messages chats-clear-messages
DELETE /api/{}/chats/{}/messages/{} chats-delete-message
PUT /api/{}/chats/{}/messages/{} chats-edit-message
POST /api/{}/chats/{}/archive chats-archive
POST /api/{}/chats/{}/unarchive chats-unarchive
POST /api/{}/chats/{}/unread chats-unread
POST /api/{}/calls/reject calls-reject
GET /api/{}/channels channels-list
POST /api/{}/channels channels-create
GET /api/{}/channels/{} channels-get
DELETE /api/{}/channels/{} channels-delete
GET /api/{}/channels/{}/messages/preview channels-messages-preview
POST /api/{}/channels/{}/follow channels-follow
POST /api/{}/channels/{}/unfollow channels-unfollow
POST /api/{}/channels/{}/mute channels-mute
POST /api/{}/channels/{}/unmute channels-unmute
POST /api/{}/channels/search/by-view channels-search-by-view
POST /api/{}/channels/search/by-text channels-search-by-text
GET /api/{}/channels/search/views channels-search-views
GET /api/{}/channels/search/countries channels-search-countries
GET /api/{}/channels/search/categories channels-search-categories
GET /api/contacts/all contacts-get-all
GET /api/contacts contacts-get
GET /api/contacts/check-exists contacts-check-exists
GET /api/contacts/about contacts-get-about
GET /api/contacts/profile-picture contacts-get-picture
POST /api/contacts/block contacts-block
POST /api/contacts/unblock contacts-unblock
PUT /api/{}/contacts/{} contacts-upsert
GET /api/{}/groups groups-list
GET /api/{}/groups/count groups-count
POST /api/{}/groups/refresh groups-refresh
GET /api/{}/groups/join-info groups-join-info
POST /api/{}/groups/join groups-join
POST /api/{}/groups groups-create
GET /api/{}/groups/{} groups-get
DELETE /api/{}/groups/{} groups-delete
POST /api/{}/groups/{}/leave groups-leave
GET /api/{}/groups/{}/picture groups-get-picture
PUT /api/{}/groups/{}/picture groups-set-picture
DELETE /api/{}/groups/{}/picture groups-delete-picture
PUT /api/{}/groups/{}/description groups-set-description
PUT /api/{}/groups/{}/subject groups-set-subject
GET /api/{}/groups/{}/settings/security/info-admin-only groups-get-info-admin-only
PUT /api/{}/groups/{}/settings/security/info-admin-only groups-set-info-admin-only
GET /api/{}/groups/{}/settings/security/messages-admin-only groups-get-messages-admin-only
PUT /api/{}/groups/{}/settings/security/messages-admin-only groups-set-messages-admin-only
GET /api/{}/groups/{}/invite-code groups-get-invite-code
POST /api/{}/groups/{}/invite-code/revoke groups-revoke-invite-code
GET /api/{}/groups/{}/participants/v2 groups-get-participants
POST /api/{}/groups/{}/participants/add groups-add-participants
POST /api/{}/groups/{}/participants/remove groups-remove-participants
POST /api/{}/groups/{}/admin/promote groups-promote-to-admin
POST /api/{}/groups/{}/admin/demote groups-demote-to-user
GET /api/{}/labels labels-get-all
POST /api/{}/labels labels-create
PUT /api/{}/labels/{} labels-update
DELETE /api/{}/labels/{} labels-delete
GET /api/{}/labels/chats/{} labels-get-chat-labels
PUT /api/{}/labels/chats/{} labels-set-chat-labels
GET /api/{}/labels/{}/chats labels-get-chats-by-label
GET /api/{}/lids lids-get-all
GET /api/{}/lids/count lids-count
GET /api/{}/lids/{} lids-find-pn-by-lid
GET /api/{}/lids/pn/{} lids-find-lid-by-pn
POST /api/{}/presence presence-set
GET /api/{}/presence presence-get-all
GET /api/{}/presence/{} presence-get
POST /api/{}/presence/{}/subscribe presence-subscribe
GET /api/{}/profile profile-get
PUT /api/{}/profile/name profile-set-name
PUT /api/{}/profile/status profile-set-status
PUT /api/{}/profile/picture profile-set-picture
DELETE /api/{}/profile/picture profile-delete-picture
POST /api/{}/status/text status-send-text
POST /api/{}/status/image status-send-image
POST /api/{}/status/voice status-send-voice
POST /api/{}/status/video status-send-video
POST /api/{}/status/delete status-delete
GET /api/{}/status/new-message-id status-new-message-id
GET /api/server/version server-version
GET /api/server/status server-status
GET /api/server/environment server-environment
POST /api/server/stop server-stop
`
    .trim()
    .split('\n')
    .map((line) => {
      const [method, path, name = ''] = line.split(' ');
      return [`${method} ${path}`, name] as const;
    }),
);

const verbs = { GET: 'get', POST: 'post', PUT: 'set', PATCH: 'change', DELETE: 'delete' } as const;

/** What the tool of a route is called: as in WAHA, else after its method and path. */
export const toolName = ({ method, path }: Route): string => {
  const shape = path.replace(/\{[^{}]{1,64}\}/g, '{}');
  const name = known[`${method} ${shape}`];
  if (name) return name;
  const words = path.split('/').filter((word) => word !== '' && word !== 'api' && !word.startsWith('{'));
  return [...words, verbs[method]].join('-').slice(0, 64);
};
