/** Every text, in English: Mustache templates under the names that WAHA has for them, and a few of our own. */
export const english = {
  'locale.name': 'English',
  'app.inbox.contact.name': 'WhatsApp Integration',
  'app.connected.message':
    '🔗 The WhatsApp session **{{{name}}}** is connected to this inbox.\n\nSend **help** here to see what you can ask for.',
  'app.commands.list':
    'Send one of these, or its number:\n\n1. **status**: how the session is\n2. **restart**: restart the session\n3. **start**: start it\n4. **stop**: stop it\n5. **logout**: unlink the account\n6. **qr**: the QR code to link an account with\n7. **screenshot**: the same here, while no account is linked\n8. **help**: this list\n{{#commands.queue}}\n- **queue status**: how many messages wait\n{{/commands.queue}}\n{{#commands.server}}\n- **server status**: the version of the server\n- **server reboot**: stop the server, so that it is started again\n{{/commands.server}}',
  'app.commands.failed': '⚠️ **{{{command}}}** did not work: {{{error}}}',
  'app.commands.server.disabled': '⛔ Commands about the server are switched off.',
  'app.session.status.change': '{{{emoji}}} The session **{{{session}}}** is **{{{status}}}** now',
  'app.session.current.status':
    '{{{emoji}}} The session **{{{session}}}** is **{{{status}}}**{{#id}}\n\n📱 {{{name}}} ({{{id}}}){{/id}}',
  'app.session.scan.qr.code': '⚠️ Scan the QR code with the phone to link an account. Send **qr** to see it.',
  'app.queue.status': '{{waiting}} messages wait to be sent on WhatsApp.',
  'app.server.version.and.status': '**Version:** {{{version}}}\n**Sessions:** {{sessions}}',
  'app.server.reboot': 'The server stops now.',
  'app.logout.success': '✅ The account is unlinked.',
  'message.from.whatsapp': '{{{text}}}\n\n📱 *Sent from WhatsApp*',
  'message.from.api': '{{{text}}}\n\n📱 *Sent by the API*',
  'message.removed.in.whatsapp': '❌ *This message was deleted in WhatsApp*',
  'message.edited.in.whatsapp': '{{{text}}}\n\n✏️ *Edited in WhatsApp*',
  'whatsapp.group.message': '👥 *{{{participant}}}*\n\n{{{text}}}',
  'whatsapp.reaction.added': '*Reacted* {{{emoji}}}',
  'whatsapp.reaction.removed': '*Took the reaction back*',
  'whatsapp.contact.group.suffix': 'Group',
  'whatsapp.contact.channel.suffix': 'Channel',
  'whatsapp.contact.broadcast.suffix': 'Broadcast list',
  'whatsapp.contact.status.name': 'Status',
  'whatsapp.call.received': '📞 *Calls*',
  'whatsapp.call.accepted': '📞 *The call was answered*',
  'whatsapp.call.rejected': '📞 *The call was not answered*',
  'whatsapp.media.missing': '⚠️ *The file could not be fetched. It is in WhatsApp on the phone.*',
  'whatsapp.to.chatwoot.message': '{{{payload.body}}}',
  'whatsapp.to.chatwoot.message.contacts':
    '👤 **Contacts**{{#contacts}}\n\n**{{{fullName}}}**{{#phoneNumbers}}\n- {{{.}}}{{/phoneNumbers}}{{/contacts}}',
  'whatsapp.to.chatwoot.message.location':
    '📍 {{#live}}**Live location**{{/live}}{{^live}}**Location**{{/live}}{{#name}}\n**{{{name}}}**{{/name}}{{#address}}\n{{{address}}}{{/address}}\nhttps://www.google.com/maps?q={{{latitude}}},{{{longitude}}}',
  'whatsapp.to.chatwoot.message.event':
    '📅 {{#isCanceled}}❌ {{/isCanceled}}**{{{name}}}**{{#start}}\n🕒 {{{start}}}{{#end}} – {{{end}}}{{/end}}{{/start}}{{#joinLink}}\n{{{joinLink}}}{{/joinLink}}{{#description}}\n\n{{{description}}}{{/description}}',
  'whatsapp.to.chatwoot.message.poll': '📊 **{{{name}}}**{{#options}}\n- {{{.}}}{{/options}}',
  'whatsapp.to.chatwoot.message.unsupported': '⚠️ *Chatwoot cannot show this message. It is in WhatsApp on the phone.*',
  'chatwoot.to.whatsapp.message.text': '{{{content}}}',
  'chatwoot.to.whatsapp.message.media.caption': '{{#singleAttachment}}{{{content}}}{{/singleAttachment}}',
} as const;

/** The name of a text. */
export type TextName = keyof typeof english;
